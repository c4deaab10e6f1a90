"""Asking bash on the server what it thinks of a script's grammar, without running anything of it."""

import os
import shutil
import subprocess
import tempfile
from typing import IO

MAX_BYTES = 1 << 20
"""A larger script is not looked at."""

MAX_TOLD_KIB = 64
"""What bash may say; it is ended when it says more."""

_MEMORY_KIB = 1 << 20
# A file on standard input, and not a pipe: from a pipe bash reads byte by byte. With -n it reads and runs nothing.
_COMMAND = "ulimit -c 0 -f {told} -t {seconds} -v {memory}; exec bash --norc --noprofile -n -- /dev/stdin"


def grammar(content: bytes, limit_s: float) -> str:
    """Return what `bash -n` says of a script; "" when all is well, or there is no bash here. Blocks meanwhile.

    What takes too long, too much memory or too many words is ended; what bash has said by then is returned.

    Source: docs/reference/check-script.md.
    """
    program = shutil.which("bash")
    if program is None or len(content) > MAX_BYTES:
        return ""
    with tempfile.TemporaryFile() as script, tempfile.TemporaryFile() as told:
        script.write(content)
        script.seek(0)
        _ask(program, script, told, limit_s)
        told.seek(0)
        return told.read(MAX_TOLD_KIB << 10).decode("utf-8", "replace")


def _ask(program: str, script: IO[bytes], told: IO[bytes], limit_s: float) -> None:
    command = _COMMAND.format(told=MAX_TOLD_KIB, seconds=int(limit_s) + 1, memory=_MEMORY_KIB)
    process = subprocess.Popen(  # noqa: S603 (our own command; the script is data on its standard input)
        (program, "--norc", "--noprofile", "-c", command),
        stdin=script,
        stdout=subprocess.DEVNULL,
        stderr=told,
        env={"PATH": os.defpath, "LC_ALL": "C"},
        cwd=os.sep,
        start_new_session=True,
    )
    try:
        process.wait(limit_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
