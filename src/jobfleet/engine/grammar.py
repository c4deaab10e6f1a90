"""Asking bash on the server what it thinks of a script's grammar, without running anything of it."""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from typing import IO

MAX_BYTES = 1 << 20
"""A larger script is not looked at."""

MAX_TOLD_BYTES = 64 << 10
"""What is read of what bash says."""

_MEMORY_KIB = 1 << 20
# A file on standard input, and not a pipe: from a pipe bash reads byte by byte. With -n it reads and runs nothing.
_COMMAND = "ulimit -c 0 -f 0 -t {seconds} -v {memory}; exec bash --norc --noprofile -n -- /dev/stdin"


async def grammar(content: bytes, limit_s: float) -> str:
    """Return what `bash -n` says of a script; "" when all is well, it takes too long, or there is no bash here.

    Source: docs/reference/check-script.md.
    """
    program = shutil.which("bash")
    if program is None or len(content) > MAX_BYTES:
        return ""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        return await _ask(program, file, limit_s)


async def _ask(program: str, file: IO[bytes], limit_s: float) -> str:
    command = _COMMAND.format(seconds=int(limit_s) + 1, memory=_MEMORY_KIB)
    process = await asyncio.create_subprocess_exec(
        *(program, "--norc", "--noprofile", "-c", command),
        stdin=file,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.defpath, "LC_ALL": "C"},
        cwd=os.sep,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(limit_s):
            return (await _told(process)).decode("utf-8", "replace")
    except TimeoutError:
        return ""
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _told(process: asyncio.subprocess.Process) -> bytes:
    if process.stderr is None:
        return b""
    told = b""
    while len(told) < MAX_TOLD_BYTES and (block := await process.stderr.read(MAX_TOLD_BYTES)):
        told += block
    return told
