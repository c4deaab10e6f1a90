"""Scripts that end when and how a test says: every host waits at a gate of its own."""

import asyncio
import base64
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.engines import quick_place

OPEN_WITHIN_S = 60.0
_PAUSE_S = 0.01

_SCRIPT = """\
#!/bin/bash
host=${{0#*/agents/}}; host=${{host%%/*}}
echo "host $host"
echo run >> "{directory}/runs-$host"
read -r code words < "{directory}/gate-$host"
[ -n "$words" ] && echo "$words"
exit "$code"
"""


class Gates:
    """The gates of one script, a FIFO a host; a script knows its host by the place that its agent put it in."""

    def __init__(self, directory: Path, hosts: range) -> None:
        self.directory = directory
        for host in hosts:
            os.mkfifo(directory / f"gate-{host}")

    @property
    def script(self) -> str:
        """Return the script in Base64, as requests carry it."""
        return encoded(_SCRIPT.format(directory=self.directory))

    def runs(self, host: int) -> int:
        """Return how often the script was begun on a host."""
        path = self.directory / f"runs-{host}"
        return len(path.read_text().splitlines()) if path.exists() else 0

    async def end(self, host: int, code: int = 0, words: str = "") -> None:
        """Let the script that waits on a host print words and end; wait for it to come to the gate."""
        async with asyncio.timeout(OPEN_WITHIN_S):
            gate = await _open(self.directory / f"gate-{host}")
        with os.fdopen(gate, "w") as file:
            file.write(f"{code} {words}\n")

    async def succeed(self, host: int, tag: str = "") -> None:
        """Let the script on a host succeed, with a tag unless it is empty."""
        await self.end(host, 0, f"job_success:[{tag}]" if tag else "")

    async def fail(self, host: int, code: int, tag: str = "") -> None:
        """Let the script on a host fail."""
        await self.end(host, code, f"job_fail:[{tag}]" if tag else "")


async def _open(path: Path) -> int:
    while True:
        try:
            return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # ENXIO: no script waits here yet
            await asyncio.sleep(_PAUSE_S)


@contextmanager
def opened(hosts: range) -> Iterator[Gates]:
    """Give gates for hosts with these ids."""
    directory = Path(tempfile.mkdtemp(prefix="jobfleet-gates-", dir=quick_place()))
    directory.chmod(0o755)
    yield Gates(directory, hosts)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def gates() -> Iterator[Gates]:
    """Give gates for the hosts that have an agent."""
    with opened(range(1, 4)) as found:
        yield found


def encoded(text: str) -> str:
    """Return a text in Base64, as requests carry scripts."""
    return base64.b64encode(text.encode()).decode()
