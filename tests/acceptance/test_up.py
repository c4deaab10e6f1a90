"""`jobfleet up` from outside: ready, stopped, killed, restarted."""

import asyncio
import base64
import os
import re
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.engines import quick_place
from tests.installation import Installation, survivors

from jobfleet.cli.demo import Api
from jobfleet.cli.probes import wait_until

NONZERO_EXIT = 104
HOST = [{"bk_cloud_id": 0, "ip": "127.0.0.1"}]
ROLES = {"postgres", "nats-server", "server", "agent 1", "agent 2"}


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    """Give one data directory for the module: a first start is the slowest thing here."""
    parent = Path(tempfile.mkdtemp(prefix="jobfleet-up-", dir=quick_place()))
    yield parent / "data"
    shutil.rmtree(parent, ignore_errors=True)


@pytest.fixture(scope="module")
async def installation(directory: Path) -> AsyncIterator[Installation]:
    """Give one installation for the module: starting it is what costs time here."""
    installation = Installation(directory, agents=2)
    await installation.start()
    yield installation
    if installation.process.returncode is None:
        await installation.stop()


@pytest.fixture
async def up(installation: Installation) -> Installation:
    """Give the installation running, whatever the test before has done to it."""
    if installation.process.returncode is not None:
        await installation.start()
    return installation


def api_of(up: Installation) -> Api:
    made = up.credentials
    app = {"bk_app_code": made.demo_app_code, "bk_app_secret": made.demo_app_secret, "bk_username": "admin"}
    return Api(up.url, app)


def mode(path: Path) -> int:
    return path.stat().st_mode


def start_job(api: Api, script: str) -> dict[str, int]:
    content = base64.b64encode(script.encode()).decode()
    target = {"ip_list": HOST}
    job = api.ask("fast_execute_script", script_content=content, script_language=1, account_id=1, target_server=target)
    return {name: job["data"][name] for name in ("job_instance_id", "step_instance_id")}


def log_of(api: Api, ids: dict[str, int]) -> str:
    answer = api.ask("batch_get_job_instance_ip_log", ip_list=HOST, **ids)
    return "".join(log["log_content"] or "" for log in answer["data"]["script_task_logs"] or [])


def host_of(api: Api, ids: dict[str, int]) -> Any:
    wanted = {"job_instance_id": ids["job_instance_id"]}
    status = api.ask("get_job_instance_status", return_ip_result=True, **wanted)
    return status["data"]["step_instance_list"][0]["step_ip_result_list"][0]


async def test_one_line_says_ready_and_everything_answers(up: Installation) -> None:
    assert re.fullmatch(r"ready http://127\.0\.0\.1:\d+", up.printed[0])
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{up.url}/readyz")).status_code == 200
    assert set(up.children()) == ROLES


async def test_nobody_else_can_list_its_data_or_read_its_logs(up: Installation, directory: Path) -> None:
    assert up.process.returncode is None
    assert mode(directory) & 0o066 == 0
    assert mode(directory / "logs") & 0o077 == 0


async def test_a_request_to_stop_ends_everything_with_success(up: Installation) -> None:
    processes = up.everything()
    assert await up.stop() == 0
    assert await survivors(processes) == []


async def test_a_second_start_on_the_same_directory_is_refused_by_name(up: Installation, directory: Path) -> None:
    second = Installation(directory)
    await second.launch()
    assert f"{directory} is in use by process {up.process.pid}" in await second.complaint()
    assert second.process.returncode == 1
    assert up.process.returncode is None


@pytest.mark.parametrize(
    ("role", "name"),
    [("server", "the server"), ("nats-server", "NATS"), ("postgres", "PostgreSQL"), ("agent 2", "agent 2")],
)
async def test_the_crash_of_one_process_ends_everything_and_is_named(up: Installation, role: str, name: str) -> None:
    processes = up.everything()
    os.kill(up.children()[role].pid, signal.SIGKILL)
    assert f"{name} ended with signal SIGKILL" in await up.complaint()
    assert up.process.returncode == 1
    assert await survivors(processes) == []


async def test_nothing_outlives_a_killed_up(up: Installation) -> None:
    processes = up.everything()
    up.process.kill()
    await up.process.wait()
    assert await survivors(processes) == []


async def test_secrets_and_identities_outlive_a_restart(up: Installation, directory: Path) -> None:
    before = (up.credentials, (directory / "agents/1/identity.toml").read_text())
    assert await up.stop() == 0
    await up.start()
    assert (up.credentials, (directory / "agents/1/identity.toml").read_text()) == before


async def test_a_script_runs_on_through_a_restart_and_its_real_end_is_told(up: Installation, directory: Path) -> None:
    go = directory.parent / "go"
    script = f"echo begun\nuntil [ -e {go} ]; do sleep 0.1; done\necho ended\nexit 3\n"
    ids = await asyncio.to_thread(start_job, api_of(up), script)
    await wait_until(lambda: "begun" in log_of(api_of(up), ids), 30, "the script")
    assert await up.stop() == 0
    go.touch()
    await up.start()
    api = api_of(up)
    await wait_until(lambda: host_of(api, ids)["status"] == NONZERO_EXIT, 60, "the script's end")
    assert await asyncio.to_thread(log_of, api, ids) == "begun\nended\n"
    assert (await asyncio.to_thread(host_of, api, ids))["exit_code"] == 3


async def test_the_credentials_are_for_their_owner_alone(up: Installation, directory: Path) -> None:
    assert (directory / "credentials.toml").stat().st_mode & 0o777 == 0o600
    logs = "".join(path.read_text() for path in (directory / "logs").iterdir())
    assert up.credentials.admin_password not in logs
    assert up.credentials.keys.bus.operator_seed not in logs


async def test_a_wrong_file_of_declared_state_stops_the_start_with_its_mistakes(
    up: Installation, directory: Path
) -> None:
    assert await up.stop() == 0
    file = directory.parent / "wrong.toml"
    file.write_text("[[hosts]]\nbusiness = 2\nip = '10.0.0.1'\nport = 22\n")
    installation = Installation(directory, "--apply", str(file))
    await installation.launch()
    assert "hosts[0].port" in await installation.complaint()
    assert installation.process.returncode == 1
