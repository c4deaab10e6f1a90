"""Put what two tasks printed side by side."""

import asyncio
from collections.abc import Sequence

import msgspec

from jobfleet.model.caller import Caller
from jobfleet.model.escapes import plain
from jobfleet.model.job import Task
from jobfleet.model.normal import Normal, normal_text
from jobfleet.operations.host_log import PORTION, LogKey, open_log
from jobfleet.operations.platform import Platform

MAX_SIDE_BYTES = 2 * 2**20
MAX_SIDE_LINES = 20_000
"""So much of each side is compared, its beginning."""


class Side(msgspec.Struct, frozen=True):
    """Show one side: plain text in a normal form, and how many bytes of it are left out."""

    task: Task
    text: str
    left_out_bytes: int
    gone_at: int | None


async def compare(platform: Platform, caller: Caller, left: LogKey, right: LogKey, normal: Normal) -> tuple[Side, Side]:
    """Return what two tasks printed, made comparable; a task is a host's in one attempt.

    Raises:
        JobNotFoundError, StepNotFoundError, ForbiddenError: One is not there, or not for the caller.
    """
    return await _side(platform, caller, left, normal), await _side(platform, caller, right, normal)


async def _side(platform: Platform, caller: Caller, key: LogKey, normal: Normal) -> Side:
    async with platform.engine.db.begin() as tx:
        log, reader = await open_log(tx, platform, caller, key)
        chosen = [place for place in reader.places if place.offset < MAX_SIDE_BYTES]
        parts = [
            part
            for first in range(0, len(chosen), PORTION)
            for part in await reader.read(chosen[first : first + PORTION])
        ]
    data = b"".join(part.data for part in parts)[:MAX_SIDE_BYTES]
    kept = b"".join(data.splitlines(keepends=True)[:MAX_SIDE_LINES])
    own = [text.encode() for text in (log.task.target.ip, log.task.target.ipv6) if text]
    text = await asyncio.to_thread(_comparable, kept, normal, own)
    return Side(log.task, text, log.size_bytes - len(kept), log.gone_at)


def _comparable(data: bytes, normal: Normal, own: Sequence[bytes]) -> str:
    return normal_text(plain(data), normal, own).decode("utf-8", "replace")
