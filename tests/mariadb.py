"""A MariaDB of the tests' own: a server on a free port, run by an unprivileged user."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from jobfleet.embedded import process
from jobfleet.embedded.owner import unprivileged
from jobfleet.embedded.process import Child, Program
from tests.engines import quick_place
from tests.ports import steady_port

READY_S = 60.0
SMALL = ("--innodb-log-file-size=4M", "--innodb-flush-log-at-trx-commit=0", "--innodb-use-native-aio=0")
HOW = "run tools/get_programs.sh as root, as `make test` does"


class MariaDb:
    """One server with its data below a directory of its own; `root` has no password and reaches it from here."""

    def __init__(self) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="jobfleet-mariadb-", dir=quick_place()))
        self._owner = unprivileged()
        self._child: Child | None = None
        self.port = steady_port()

    async def start(self) -> None:
        """Make the system tables and start the server; fails clearly where it is not installed."""
        if self._owner is not None:
            self._owner.give(self._directory)
        await self._make_tables()
        here = ["--bind-address=127.0.0.1", f"--port={self.port}", f"--socket={self._directory}/socket"]
        self._child = await process.start(self._program("mariadbd", *here, "--skip-log-bin"))
        deadline = time.monotonic() + READY_S
        while not self._answers():
            assert self._child.exit_code is None, self._child.failure(self._child.exit_code)
            assert time.monotonic() < deadline, f"MariaDB is not ready after {READY_S} s"

    async def _make_tables(self) -> None:
        flags = ("--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve")
        child = await process.start(self._program("mariadb-install-db", *flags))
        ended = await child.wait_failed()
        assert ended.exit_code == 0, ended

    async def stop(self) -> None:
        """Stop the server and remove what it kept."""
        if self._child is not None:
            await self._child.stop()
        shutil.rmtree(self._directory, ignore_errors=True)

    def run(self, sql: str) -> str:
        """Return what the client prints for SQL that an administrator runs."""
        return subprocess.run(
            [_found("mariadb"), "--no-defaults", "--batch", "-uroot", "-h127.0.0.1", f"-P{self.port}", "-N"],
            input=sql,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def _program(self, name: str, *flags: str) -> Program:
        argv = [_found(name), "--no-defaults", f"--datadir={self._directory}/data", *SMALL, *flags]
        return Program("MariaDB", argv, self._directory / "log", dict(os.environ), self._owner)

    def _answers(self) -> bool:
        try:
            self.run("SELECT 1")
        except subprocess.CalledProcessError:
            return False
        return True


def _found(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")
    assert found is not None, f"{name} is not installed: {HOW}"
    return found
