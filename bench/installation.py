"""A whole installation as its own processes, and what can be asked of it."""

import asyncio
import base64
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psutil

from jobfleet import credentials
from jobfleet.cli.data_files import CREDENTIALS_FILE
from jobfleet.sim import roster

START_S = 300.0
STOP_S = 20.0
SCRIPT = base64.b64encode(b"true\n").decode()


class Usage(msgspec.Struct, frozen=True):
    """What the server's process has used: CPU time since it started, and its highest resident memory."""

    cpu_s: float
    peak_bytes: int
    resident_bytes: int


class Server:
    """The server's process, seen from outside."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process

    def forget_peak(self) -> None:
        """Let the peak of the memory begin anew, where the system can."""
        with contextlib.suppress(OSError):
            Path(f"/proc/{self._process.pid}/clear_refs").write_text("5", encoding="ascii")

    def database_url(self) -> str:
        """Return where its database is."""
        return self._process.environ()["JOBFLEET_DATABASE_URL"]

    def usage(self) -> Usage:
        """Return what it has used."""
        times, memory = self._process.cpu_times(), self._process.memory_info()
        return Usage(times.user + times.system, self._peak() or memory.rss, memory.rss)

    def _peak(self) -> int:
        with contextlib.suppress(OSError, IndexError):
            status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
            return int(status.split("VmHWM:")[1].split()[0]) * 1024
        return 0


class Installation(msgspec.Struct, frozen=True):
    """A running `jobfleet up`: its directory, its server, and the ESB v3 surface called as the demo application."""

    directory: Path
    server: Server
    http: httpx.AsyncClient
    app: dict[str, str]

    async def call(self, name: str, **parameters: object) -> Any:
        """Return an operation's data; RuntimeError when the answer is a refusal."""
        return msgspec.json.decode(await self.ask(name, **parameters))

    async def ask(self, name: str, **parameters: object) -> msgspec.Raw:
        """Return an operation's data as it came, so that reading it is no part of a measurement."""
        answer = await self.http.post(f"/api/c/compapi/v2/jobv3/{name}/", json=self.app | parameters)
        return data_of(name, answer)

    async def start_job(self, target: Mapping[str, object], **more: object) -> dict[str, int]:
        """Start a trivial script on hosts and return its ids; `more` are further parameters."""
        wanted = {"script_content": SCRIPT, "script_language": 1, "account_id": 1, "target_server": target} | more
        job = await self.call("fast_execute_script", **wanted)
        return {"job_instance_id": job["job_instance_id"], "step_instance_id": job["step_instance_id"]}

    async def finish(self, job: dict[str, int], pause_s: float) -> Any:
        """Ask for the state of a job until it is finished, and return it."""
        while True:
            state = await self.call("get_job_instance_status", job_instance_id=job["job_instance_id"])
            if state["finished"]:
                return state["job_instance"]
            await asyncio.sleep(pause_s)


class _Answer(msgspec.Struct, frozen=True):
    result: bool
    code: int
    message: str
    data: msgspec.Raw = msgspec.Raw(b"null")


def data_of(name: str, answer: httpx.Response) -> msgspec.Raw:
    """Return the data of an answer.

    Raises:
        RuntimeError: It is a refusal.
    """
    read = msgspec.json.decode(answer.content, type=_Answer)
    if not read.result:
        raise RuntimeError(f"{name}: {read.code} {read.message}")
    return read.data


@asynccontextmanager
async def installation(directory: Path, agents: int, *more: str) -> AsyncIterator[Installation]:
    """Give a running installation with so many local agents, and more flags; nothing of it is left afterwards."""
    flags = ["--agents", str(agents), "--port", "0", "--data-dir", str(directory), *more]
    async with _command(["up", *flags], "ready ") as (pid, words):
        made = credentials.load_or_create(directory / CREDENTIALS_FILE)
        app = {"bk_app_code": made.demo_app_code, "bk_app_secret": made.demo_app_secret, "bk_username": "admin"}
        app |= {"bk_scope_type": "biz", "bk_scope_id": "2"}
        url = words.removeprefix("ready ")
        async with httpx.AsyncClient(base_url=url, timeout=120, trust_env=False) as http:
            yield Installation(directory, _server_of(pid), http, app)


@asynccontextmanager
async def fleet(place: Installation, agents: int, *flags: str) -> AsyncIterator[tuple[list[int], float]]:
    """Give host ids of a connected simulated fleet, and how long it took to enrol and connect (s)."""
    begun = time.perf_counter()
    command = ["sim", "--agents", str(agents), "--data-dir", str(place.directory), *flags]
    async with _command(command, "sim ready "):
        took_s = time.perf_counter() - begun
        known = roster.load(place.directory / "sim.json")
        assert known is not None
        yield [member.host_id for member in known.members[:agents]], took_s


@asynccontextmanager
async def _command(arguments: list[str], ready: str) -> AsyncIterator[tuple[int, str]]:
    """Run a command of ours; give its pid and the line with which it said that it is ready."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JOBFLEET_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "jobfleet", *arguments), stdout=asyncio.subprocess.PIPE, env=environment
    )
    try:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), START_S)).decode().strip()
        if not line.startswith(ready):
            raise RuntimeError(f"jobfleet {arguments[0]} did not become ready; its own words stand above")
        yield process.pid, line
    finally:
        await _stop(process)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.communicate(), STOP_S)
    except TimeoutError:
        process.kill()
        await process.communicate()


def _server_of(pid: int) -> Server:
    """Return the server among the processes of a `jobfleet up`."""
    for child in psutil.Process(pid).children():
        if "server" in child.cmdline():
            return Server(child)
    raise RuntimeError("jobfleet up runs no server")
