"""A whole installation as real processes, for tests that see the product from outside."""

import asyncio
import contextlib
import signal
import sys
from pathlib import Path

import psutil

from jobfleet import credentials
from jobfleet.cli.data_files import CREDENTIALS_FILE
from jobfleet.credentials import Credentials
from jobfleet.embedded.process import tail
from tests.environment import plain_environment
from tests.waiting import WITHIN_S

READY_S = 180.0
STOP_S = 60.0


class Installation:
    """One `jobfleet up`: start it, ask it, stop it or kill it, see what is left."""

    def __init__(self, directory: Path, *arguments: str, agents: int = 1) -> None:
        self.directory = directory
        self._arguments = ["--agents", str(agents), "--port", "0", *arguments]
        self.printed: list[str] = []

    @property
    def url(self) -> str:
        return self.printed[-1].removeprefix("ready ")

    @property
    def credentials(self) -> Credentials:
        return credentials.load_or_create(self.directory / CREDENTIALS_FILE)

    async def start(self) -> None:
        """Start it and wait until it says ready; raise AssertionError with its words when it does not."""
        await self.launch()
        assert self.process.stdout is not None
        try:
            line = await asyncio.wait_for(self.process.stdout.readline(), READY_S)
        except TimeoutError:
            raise AssertionError(f"not ready after {READY_S} s; its logs:\n{self.logs()}") from None
        self.printed.append(line.decode().rstrip("\n"))
        if not line.startswith(b"ready "):
            raise AssertionError(f"up said {line!r} and {await self.complaint()!r}")

    async def launch(self) -> None:
        """Start it without waiting for anything."""
        environment = plain_environment()
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "jobfleet", "up", "--data-dir", str(self.directory), *self._arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
        )

    def logs(self) -> str:
        """Return the last lines of every log."""
        paths = sorted((self.directory / "logs").iterdir())
        return "\n".join(f"--- {path.name}\n{tail(path)}" for path in paths)

    async def complaint(self) -> str:
        """Return what it has written to stderr, once it has ended."""
        assert self.process.stderr is not None
        text = (await asyncio.wait_for(self.process.stderr.read(), STOP_S)).decode()
        await self.process.wait()
        return text

    def children(self) -> dict[str, psutil.Process]:
        """Return its processes by what they are: postgres, nats-server, server, agent 1 and so on."""
        found = {}
        for child in psutil.Process(self.process.pid).children():
            found[self._role(child)] = child
        return found

    def _role(self, child: psutil.Process) -> str:
        words = child.cmdline()
        if "jobfleet.agent" in words or "agent" in words:
            return f"agent {Path(child.environ()['JOBFLEET_AGENT_DATA_DIR']).name}"
        return "server" if "server" in words else child.name()

    def everything(self) -> list[psutil.Process]:
        """Return it and all its descendants."""
        process = psutil.Process(self.process.pid)
        return [process, *process.children(recursive=True)]

    async def stop(self) -> int:
        """Ask it to stop and return its exit code; it has 10 seconds, as promised."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), STOP_S)


async def survivors(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return which of these processes still run after waiting long for their end.

    One that has ended and only waits for the system to collect it does not run.
    """
    _, alive = await asyncio.to_thread(psutil.wait_procs, processes, WITHIN_S)
    return [process for process in alive if _runs(process)]


def _runs(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
