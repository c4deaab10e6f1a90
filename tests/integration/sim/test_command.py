"""`jobfleet sim` from outside: a fleet joins a running installation, takes its jobs, and comes back."""

import asyncio
import base64
import signal
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.environment import plain_environment
from tests.installation import Installation
from tests.waiting import eventually

WAIT_S = 180.0
SUCCEEDED, FAILED = 3, 4


@pytest.fixture(scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("sim") / "data", agents=0)
    await installation.start()
    yield installation
    await installation.stop()


@asynccontextmanager
async def sim(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the command; stop it in order afterwards."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "jobfleet", "sim", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=plain_environment(),
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), WAIT_S)


async def said(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), WAIT_S)).decode().strip()


async def refused(*arguments: str) -> tuple[int | None, str]:
    async with sim(*arguments) as process:
        assert process.stderr is not None
        text = (await asyncio.wait_for(process.stderr.read(), WAIT_S)).decode()
        await process.wait()
        return process.returncode, text


class Api:
    """The ESB v3 surface as the demo application calls it."""

    def __init__(self, place: Installation) -> None:
        made = place.credentials
        app = {"bk_app_code": made.demo_app_code, "bk_app_secret": made.demo_app_secret, "bk_username": "admin"}
        self._always = app | {"bk_scope_type": "biz", "bk_scope_id": "2"}
        self._http = httpx.AsyncClient(base_url=place.url, timeout=30, trust_env=False)

    async def call(self, name: str, **parameters: object) -> Any:
        answer = await self._http.post(f"/api/c/compapi/v2/jobv3/{name}/", json=self._always | parameters)
        assert answer.json()["result"], answer.text
        return answer.json()["data"]

    async def run(self, *ips: str) -> Any:
        """Run a trivial script on hosts; return the finished job with its hosts."""
        job = await self.call(
            "fast_execute_script",
            script_content=base64.b64encode(b"true").decode(),
            script_language=1,
            account_id=1,
            target_server={"ip_list": [{"bk_cloud_id": 0, "ip": ip} for ip in ips]},
        )
        return await eventually(lambda: self.status(job), lambda state: state["finished"], within_s=WAIT_S)

    async def status(self, job: dict[str, int]) -> Any:
        ids = {"job_instance_id": job["job_instance_id"]}
        return await self.call("get_job_instance_status", return_ip_result=True, **ids)

    async def __aenter__(self) -> "Api":
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._http.aclose()


async def test_a_fleet_joins_an_installation_runs_jobs_and_ends_in_order(place: Installation) -> None:
    async with sim("--agents", "20", "--data-dir", str(place.directory)) as fleet, Api(place) as api:
        assert await said(fleet) == "sim ready agents=20 unreachable=0"
        state = await api.run(*(f"10.0.0.{number}" for number in range(1, 21)))
        assert state["job_instance"]["status"] == SUCCEEDED
        assert len(state["step_instance_list"][0]["step_ip_result_list"]) == 20
        fleet.send_signal(signal.SIGTERM)
        assert "stored=20" in await said(fleet)
        assert await asyncio.wait_for(fleet.wait(), WAIT_S) == 0


async def test_a_fleet_that_comes_back_keeps_its_identities(place: Installation) -> None:
    roster = place.directory / "sim.json"
    async with sim("--agents", "3", "--data-dir", str(place.directory)) as fleet:
        await said(fleet)
    before = roster.read_bytes()
    async with sim("--agents", "3", "--data-dir", str(place.directory)) as fleet, Api(place) as api:
        await said(fleet)
        assert (await api.run("10.0.0.1"))["job_instance"]["status"] == SUCCEEDED
    assert roster.read_bytes() == before
    assert stat.S_IMODE(roster.stat().st_mode) == 0o600


async def test_a_larger_fleet_enrols_only_those_that_are_new(place: Installation) -> None:
    for count in ("4", "30"):
        async with sim("--agents", count, "--data-dir", str(place.directory)) as fleet, Api(place) as api:
            assert await said(fleet) == f"sim ready agents={count} unreachable=0"
            assert (await api.run("10.0.0.4"))["job_instance"]["status"] == SUCCEEDED


async def test_stated_failures_and_unreachable_hosts_show_in_the_job(place: Installation) -> None:
    flags = ("--failure-rate", "1", "--unreachable-rate", "0.5", "--seed", "5", "--latency-ms", "1..20")
    ips = [f"10.0.0.{number}" for number in range(1, 21)]
    async with sim("--agents", "20", "--data-dir", str(place.directory), *flags) as fleet, Api(place) as api:
        unreachable = int((await said(fleet)).rsplit("=", 1)[1])
        state = await api.run(*ips)
        assert state["job_instance"]["status"] == FAILED
        hosts = state["step_instance_list"][0]["step_ip_result_list"]
        assert 0 < unreachable < 20
        assert [host["error_code"] for host in hosts].count(117) == unreachable
        assert [host["exit_code"] for host in hosts].count(1) == 20 - unreachable


async def test_a_fleet_enrols_with_address_and_token_alone(place: Installation, tmp_path: Path) -> None:
    token = await _token(place)
    roster = tmp_path / "fleet.json"
    flags = ("--server", place.url, "--token", token, "--roster", str(roster))
    async with sim("--agents", "2", *flags) as fleet:
        assert await said(fleet) == "sim ready agents=2 unreachable=0"
    async with sim("--agents", "2", "--roster", str(roster)) as fleet:
        assert await said(fleet) == "sim ready agents=2 unreachable=0"


async def test_what_cannot_work_is_refused_in_words(place: Installation, tmp_path: Path) -> None:
    assert await refused("--agents", "1", "--latency-ms", "50..5") == (
        2,
        "jobfleet: --latency-ms: a latency is a span from low to high, not below 0, not '50..5'\n",
    )
    code, text = await refused("--agents", "1", "--data-dir", str(tmp_path))
    assert (code, "not the data directory of a running `jobfleet up`" in text) == (1, True)
    code, text = await refused("--agents", "1")
    assert (code, "not enrolled yet" in text) == (1, True)
    code, text = await refused("--agents", "1", "--server", place.url, "--token", "wrong")
    assert (code, "enrolment was refused (401)" in text) == (1, True)
    code, text = await refused("--agents", "1", "--server", "http://127.0.0.1:9", "--token", "wrong")
    assert (code, "cannot reach the server" in text) == (1, True)


async def test_a_damaged_roster_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "fleet.json").write_text("{}")
    code, text = await refused("--agents", "1", "--roster", str(tmp_path / "fleet.json"))
    assert (code, "fleet.json is damaged" in text) == (1, True)


async def _token(place: Installation) -> str:
    async with httpx.AsyncClient(base_url=place.url, timeout=30, trust_env=False) as http:
        password = place.credentials.admin_password
        session = (await http.post("/api/v1/sign-in", json={"username": "admin", "password": password})).json()
        bearer = {"Authorization": f"Bearer {session['token']}"}
        wanted = {"reusable": True, "business": 2, "replace": True}
        return str((await http.post("/api/v1/agents/tokens", json=wanted, headers=bearer)).json()["token"])
