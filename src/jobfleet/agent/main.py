"""How an agent starts: a fresh small process, its spawner first, then its identity, then the work."""

import fcntl
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from jobfleet.agent.settings import AgentSettings

if TYPE_CHECKING:
    from jobfleet.agent.spawner import Spawner

EXIT_USAGE = 2


def run_agent(settings: AgentSettings) -> int:
    """Become an agent; returns only when the process could not be replaced.

    The process is replaced (same pid) so that what the command line loaded does not stay in memory for
    months; one heap for all threads keeps it small too. The settings, with their token, go through an
    unnamed file and not through the arguments.
    """
    handle = os.memfd_create("jobfleet-agent-settings", 0)
    os.write(handle, msgspec.msgpack.encode(settings))
    os.lseek(handle, 0, os.SEEK_SET)
    command = [sys.executable, "-P", "-m", "jobfleet.agent", str(handle)]
    os.execve(sys.executable, command, os.environ | {"MALLOC_ARENA_MAX": "1"})


def main(arguments: list[str]) -> int:
    """Run the agent whose settings stand in the file with this descriptor; return the exit code."""
    with os.fdopen(int(arguments[0]), "rb") as file:
        settings = msgspec.msgpack.decode(file.read(), type=AgentSettings)
    return serve(settings)


def serve(settings: AgentSettings) -> int:
    """Run an agent in this process until SIGTERM; return the exit code.

    The caller must not have started threads or an event loop.
    """
    from jobfleet.agent.spawner import fork_spawner

    os.umask(0o077)
    data_dir = Path(settings.data_dir).absolute()
    spawner = fork_spawner()
    try:
        return _serve(settings, data_dir, spawner)
    finally:
        spawner.close()


def _serve(settings: AgentSettings, data_dir: Path, spawner: "Spawner") -> int:
    import asyncio
    import logging

    from jobfleet.agent.enrol import EnrolError, identity_of
    from jobfleet.agent.identity import IdentityError
    from jobfleet.agent.own_log import OwnLog
    from jobfleet.agent.service import Agent

    own_log = OwnLog()
    written = logging.StreamHandler()
    written.setLevel(settings.log_level.upper())
    logging.basicConfig(
        level=min(written.level, own_log.level),
        format="%(asctime)s level=%(levelname)s logger=%(name)s event=%(message)s",
        handlers=[written, own_log],
    )
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = _lock(data_dir)
    if lock is None:
        return _fail(f"another agent already works in {data_dir}", EXIT_USAGE)
    try:
        identity = identity_of(settings)
    except EnrolError as error:
        return _fail(str(error), error.exit_code)
    except IdentityError as error:
        return _fail(str(error), EXIT_USAGE)

    async def work() -> int:
        return await Agent(identity, spawner, data_dir, settings.containers_every_s, own_log).serve()

    return asyncio.run(work())


def _lock(data_dir: Path) -> int | None:
    handle = os.open(data_dir / "agent.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def _fail(message: str, exit_code: int) -> int:
    print(f"jobfleet agent: {message}", file=sys.stderr, flush=True)  # noqa: T201 — before or instead of a log
    return exit_code
