"""The programs of an installation, each of which a test can kill, freeze and start again."""

import os
import signal
import sys
from pathlib import Path

import httpx
import msgspec
import psutil
from tests.installation import READY_S
from tests.waiting import WITHIN_S, until

from jobfleet.agent.settings import AgentSettings
from jobfleet.cli import local_state, probes
from jobfleet.embedded import process
from jobfleet.embedded.process import Child, Program
from jobfleet.settings import Settings
from jobfleet.settings_sources import to_env, without_ours

NOBODY = 65534
AS_NOBODY = f"""
import os, sys, msgspec
import concurrent.futures.thread, jobfleet.agent.enrol, jobfleet.agent.service, logging
import jobfleet.agent.fetch, jobfleet.agent.offer
from jobfleet.agent.main import serve
from jobfleet.agent.settings import AgentSettings
os.setgroups([]); os.setresgid({NOBODY}, {NOBODY}, {NOBODY}); os.setresuid({NOBODY}, {NOBODY}, {NOBODY})
sys.exit(serve(msgspec.json.decode(sys.argv[1], type=AgentSettings)))
"""


class Part:
    """One of our programs as a process of its own."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._child: Child | None = None

    @property
    def pid(self) -> int:
        """Return the process id of the last start."""
        assert self._child is not None
        return self._child.pid

    @property
    def is_alive(self) -> bool:
        """Say whether the process runs."""
        return self._child is not None and self._child.exit_code is None

    @property
    def log(self) -> str:
        """Return what the process has logged since its last start."""
        return self.program.log.read_text(errors="replace")

    @property
    def rss_bytes(self) -> int:
        """Return the resident memory of the process."""
        return int(psutil.Process(self.pid).memory_info().rss)

    async def launch(self) -> None:
        """Start the process without waiting for anything."""
        self._child = await process.start(self.program)

    async def kill(self) -> None:
        """Kill the process as `kill -9` does, and wait until it is gone."""
        os.kill(self.pid, signal.SIGKILL)
        assert self._child is not None
        await self._child.wait_failed()

    async def stop(self) -> None:
        """Ask the process to end, if it runs."""
        if self._child is not None and self.is_alive:
            os.kill(self.pid, signal.SIGCONT)
            await self._child.stop()

    def freeze(self) -> None:
        """Stop the process where it is, as a machine that hangs or a cut cable does for its peers."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen process go on."""
        os.kill(self.pid, signal.SIGCONT)


class Server(Part):
    """A server: HTTP and engine."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self.settings = settings
        self.url = f"http://{settings.host}:{settings.port}"
        env = without_ours(os.environ) | to_env(settings)
        super().__init__(Program("a server", [sys.executable, "-m", "jobfleet", "server"], log, env))

    async def start(self) -> None:
        """Start it and wait until it is ready for requests."""
        await self.launch()
        await self.ready(READY_S)

    async def ready(self, within_s: float) -> None:
        """Wait until it is ready for requests."""
        where = (self.settings.host, self.settings.port)
        await probes.wait_until(lambda: probes.answers(*where), within_s, f"the server of {self.program.log}")

    async def probed(self) -> tuple[int, int]:
        """Return the HTTP status of what it says of its life and of its readiness; 0 while it says nothing."""
        async with httpx.AsyncClient(base_url=self.url, timeout=WITHIN_S) as http:
            try:
                return (await http.get("/healthz")).status_code, (await http.get("/readyz")).status_code
            except httpx.TransportError:
                return 0, 0


class Agent(Part):
    """The agent of one host."""

    def __init__(self, host_id: int, server: str, directory: Path, log: Path) -> None:
        self.host_id = host_id
        self.directory = directory
        self.ip = local_state.address_of(host_id)
        told = {"JOBFLEET_AGENT_DATA_DIR": str(directory), "JOBFLEET_AGENT_SERVER": server}
        argv = [sys.executable, "-m", "jobfleet", "agent", "--ip", self.ip]
        super().__init__(Program(f"agent {host_id}", argv, log, without_ours(os.environ) | told))

    async def enrol(self, settings: Settings) -> None:
        """Start it for the first time."""
        fresh = self.program
        token = {"JOBFLEET_AGENT_TOKEN": await local_state.enrolment_token(settings)}
        self.program = Program(fresh.name, fresh.argv, fresh.log, dict(fresh.env or {}) | token)
        await self.start()
        self.program = fresh

    async def start(self) -> None:
        """Start it and wait until it is connected."""
        await self.launch()
        await probes.wait_until(lambda: "agent ready" in self.log, READY_S, self.program.name)

    async def become_nobody(self) -> None:
        """Go on as an agent without any privilege, for which it must run as root now."""
        await self.stop()
        self.directory.parent.chmod(0o711)
        for path in (self.directory, *self.directory.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
        settings = AgentSettings(data_dir=str(self.directory))
        argv = [sys.executable, "-c", AS_NOBODY, msgspec.json.encode(settings).decode()]
        self.program = Program(self.program.name, argv, self.program.log)
        await self.start()


async def gone(pids: list[int]) -> None:
    """Wait until processes have ended; one that only waits to be collected has."""
    await until(lambda: not any(runs(pid) for pid in pids))


def runs(pid: int) -> bool:
    """Say whether a process runs; one that only waits to be collected does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
