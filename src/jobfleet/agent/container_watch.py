"""Look for the containers of this host, and tell the server of them when they change."""

import asyncio
import logging
import subprocess
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from jobfleet.agent import runtimes
from jobfleet.model.container import MAX_CONTAINERS, FoundContainer, Runtime
from jobfleet.model.order import Report, Stored

COMMAND_S = 20.0
"""How long a runtime has for an answer."""

TELL_AGAIN_S = 1_800.0
"""How long after the server was told it is told again though nothing has changed."""

ASK_S = 5.0
ALL_ANEW = 20
"""Every so many looks everything is described anew: a container may be called otherwise meanwhile."""

MAX_TOLD_BYTES = 512 * 1024
"""Most bytes that tell of containers; the broker takes a message of 1 MiB."""

Ask = Callable[[bytes, float], Awaitable[bytes]]
log = logging.getLogger(__name__)


class RuntimeFailedError(Exception):
    """Say why a runtime did not tell of its containers."""


class ContainerWatch:
    """What is known of this host's containers, and what of it the server has stored."""

    def __init__(self, host_id: int, ask: Ask, every_s: float, data_dir: Path) -> None:
        """Look every so many seconds; `data_dir` keeps a mark while the server knows of containers here."""
        self._host_id = host_id
        self._ask = ask
        self._every_s = every_s
        self._mark = data_dir / "containers"
        self._known: dict[Runtime, list[FoundContainer]] = {}
        self._stored: list[FoundContainer] | None = None
        self._told_at = 0.0
        self._looks = 0
        self._failed: dict[Runtime, str] = {}

    async def run(self) -> None:
        """Look and tell for ever."""
        while True:
            await asyncio.to_thread(self._look)
            await self._tell()
            await asyncio.sleep(self._every_s)

    def _look(self) -> None:
        self._looks += 1
        for runtime in runtimes.RUNTIMES:
            try:
                self._known[runtime] = self._containers(runtime) if runtimes.is_here(runtime) else []
                self._failed.pop(runtime, None)
            except (RuntimeFailedError, ValueError, OSError) as error:
                self._note_failure(runtime, str(error))  # what was known of it stays until it answers again

    def _note_failure(self, runtime: Runtime, reason: str) -> None:
        if self._failed.get(runtime) != reason:
            self._failed[runtime] = reason
            log.warning("containers-unknown runtime=%s reason=%r", runtime, reason)

    def _containers(self, runtime: Runtime) -> list[FoundContainer]:
        listing = _run(runtimes.list_command(runtime))
        uids = sorted(runtimes.listed(runtime, listing))
        known = self._known.get(runtime, [])
        if not uids or (uids == sorted(one.uid for one in known) and self._looks % ALL_ANEW):
            return known if uids else []
        return runtimes.described(runtime, listing, _run(runtimes.inspect_command(runtime, uids), may_fail=True))

    async def _tell(self) -> None:
        found = self._found()
        if not found and self._stored is None and not self._mark.exists():
            return  # nor does the server know of any
        is_old = time.monotonic() - self._told_at > TELL_AGAIN_S
        if found == self._stored and not (found and is_old):
            return
        try:
            if found:
                self._mark.touch(mode=0o600)
            report = Report(self._host_id, containers=found)
            msgspec.msgpack.decode(await self._ask(msgspec.msgpack.encode(report), ASK_S), type=Stored)
            if not found:
                self._mark.unlink(missing_ok=True)
        except (OSError, msgspec.MsgspecError) as error:
            log.info("containers-not-told reason=%r", str(error))  # the next look tells again
        else:
            self._stored, self._told_at = found, time.monotonic()

    def _found(self) -> list[FoundContainer]:
        by_uid: dict[str, FoundContainer] = {}
        for runtime in runtimes.RUNTIMES:
            for one in self._known.get(runtime, []):
                by_uid.setdefault(one.uid, one)
        return within_limits(sorted(by_uid.values(), key=lambda one: one.uid))


def within_limits(found: list[FoundContainer]) -> list[FoundContainer]:
    """Return as many containers as one message may tell of."""
    kept, size = [], 0
    for one in found[:MAX_CONTAINERS]:
        size += len(msgspec.msgpack.encode(one))
        if size > MAX_TOLD_BYTES:
            break
        kept.append(one)
    if len(kept) < len(found):
        log.warning("too-many-containers found=%d told=%d", len(found), len(kept))
    return kept


def _run(command: list[str], *, may_fail: bool = False) -> bytes:
    """Return what a command prints; with `may_fail` also when it could not say everything."""
    try:
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise RuntimeFailedError(f"no answer within {COMMAND_S:.0f} s") from error
    if ended.returncode and not (may_fail and ended.stdout.strip()):
        raise RuntimeFailedError(ended.stderr.decode(errors="replace").strip()[-300:] or f"exit {ended.returncode}")
    return ended.stdout
