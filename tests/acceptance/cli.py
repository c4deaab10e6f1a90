"""The command line as a user of this machine has it."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import msgspec
from tests.environment import plain_environment

ENDS_WITHIN_S = 60.0


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

    async def start(self, *words: str, terminal: int = asyncio.subprocess.PIPE) -> asyncio.subprocess.Process:
        """Start a command; the flags that say which server come before a script."""
        at = words.index("--") if "--" in words else len(words)
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "jobfleet", *words[:at], *self._flags, *words[at:]),
            cwd=self._home,
            env=self.environment,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
        )

    async def __call__(self, *words: str, stdin: str = "") -> Ended:
        return await ended(await self.start(*words), stdin)


async def ended(process: asyncio.subprocess.Process, stdin: str = "", before: str = "") -> Ended:
    async with asyncio.timeout(ENDS_WITHIN_S):
        out, err = await process.communicate(stdin.encode())
    assert process.returncode is not None
    return Ended(process.returncode, before + out.decode(), err.decode())
