"""Say now and then that this server runs, so that pages can tell which servers there are."""

import asyncio
import shutil
import socket
import uuid

import msgspec
import structlog

from jobfleet import __version__
from jobfleet.engine.context import Context
from jobfleet.model.errors import UnavailableError
from jobfleet.store import presences
from jobfleet.store.presences import Presence

EVERY_S = 10.0
SILENT_MS = 35_000
"""After so long without a word a server counts as silent."""

_log = structlog.get_logger(__name__)


async def keep_presence(ctx: Context, role: str) -> None:
    """Say every EVERY_S seconds that a server of this role runs; when cancelled, that it does not any more."""
    started_at = ctx.clock()
    me = Presence(str(uuid.uuid4()), socket.gethostname(), role, __version__, started_at, started_at, 0, 0)
    try:
        while True:
            await _say(ctx, me)
            await asyncio.sleep(EVERY_S)
    finally:
        await _leave(ctx, me)


async def _say(ctx: Context, me: Presence) -> None:
    try:
        usage = await asyncio.to_thread(shutil.disk_usage, ctx.blobs.directory)
        now = msgspec.structs.replace(me, seen_at=ctx.clock(), disk_free_bytes=usage.free, disk_total_bytes=usage.total)
        async with ctx.db.begin() as tx:
            await presences.put(tx, now)
    except (UnavailableError, OSError) as error:
        _log.warning("presence not noted, put off", reason=str(error))


async def _leave(ctx: Context, me: Presence) -> None:
    try:
        async with ctx.db.begin() as tx:
            await presences.delete(tx, me.id)
    except UnavailableError:
        return
