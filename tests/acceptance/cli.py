"""The command line as a user of this machine has it: called in this process, or started as one of its own."""

import asyncio
import contextlib
import functools
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import typer
from tests.environment import plain_environment
from typer.testing import CliRunner

from jobfleet.cli.app import build
from jobfleet.settings import Settings

ENDS_WITHIN_S = 180.0


class Ended(msgspec.Struct, frozen=True):
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Cli:
    """The command line as one user of this machine has it."""

    def __init__(self, home: Path, *flags: str) -> None:
        ours = plain_environment()
        self.environment = ours | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "LANG": "C.UTF-8"}
        self.environment["JOBFLEET_CLI_SCOPE"] = "2"
        self._home = home
        self._flags = flags

    async def start(
        self, *words: str, terminal: int = asyncio.subprocess.PIPE, errors: int | None = None
    ) -> asyncio.subprocess.Process:
        """Start a command as a process; `errors` is where its standard error goes, if elsewhere than the rest."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "jobfleet", *self._flagged(words)),
            cwd=self._home,
            env=self.environment,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal if errors is None else errors,
        )

    async def apart(self, *words: str, stdin: str = "") -> Ended:
        """Run a command as a process, while this one goes on."""
        return await ended(await self.start(*words), stdin)

    async def __call__(self, *words: str, stdin: str = "") -> Ended:
        """Run a command in this process, where nothing else happens meanwhile; it costs a hundredth of a process.

        It is a coroutine as the others are, so that a test need not care.
        """
        gone = dict.fromkeys(os.environ.keys() - self.environment.keys())
        with contextlib.chdir(self._home):
            return _call(self._flagged(words), stdin, self.environment | gone)

    def _flagged(self, words: tuple[str, ...]) -> list[str]:
        """Return words with the flags that say which server; they come before a script."""
        at = words.index("--") if "--" in words else len(words)
        return [*words[:at], *self._flags, *words[at:]]


async def ended(process: asyncio.subprocess.Process, stdin: str = "", before: str = "") -> Ended:
    """Return how a process ended."""
    async with asyncio.timeout(ENDS_WITHIN_S):
        out, err = await process.communicate(stdin.encode())
    assert process.returncode is not None
    return Ended(process.returncode, before + out.decode(), err.decode())


def _call(words: list[str], stdin: str, environment: Mapping[str, str | None]) -> Ended:
    """Call the tree of commands; Typer's own `invoke` reads it anew each time, which takes longer than a command."""
    code: int | str | None = 0
    with CliRunner().isolation(stdin, environment) as (out, err, _):
        try:
            _commands().main(args=words, prog_name="jobfleet")
        except SystemExit as end:
            code = end.code
        sys.stdout.flush()
        sys.stderr.flush()
        return Ended(int(code or 0), out.getvalue().decode(), err.getvalue().decode())


@functools.cache
def _commands() -> Any:
    return typer.main.get_command(build(_no_server))


def _no_server(settings: Settings) -> int:
    raise AssertionError(f"no test calls `jobfleet server` in its own process: {settings.port}")
