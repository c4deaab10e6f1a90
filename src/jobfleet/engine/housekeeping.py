"""What a server does each hour: it makes partitions ahead and lets go of what is past its window."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import msgspec
import structlog

from jobfleet.engine.audit_chain import forget_before
from jobfleet.engine.context import Context
from jobfleet.model.job_id import DAY_MS
from jobfleet.model.start_request import KEPT_MS
from jobfleet.store import (
    dangerous_hits,
    file_sources,
    files,
    fires,
    history_counts,
    idempotency,
    outbox,
    partitions,
    plans,
    start_requests,
)
from jobfleet.store.blobs import Blobs

IDEMPOTENCY_MS = 7 * DAY_MS
"""How long an idempotency key is remembered."""

MESSAGES_MS = 30 * DAY_MS
"""How long it is remembered whether a callback or a notification was delivered."""

FILES_MS = 7 * DAY_MS
"""How long a file stays on the server after it was last sent or fetched."""

_log = structlog.get_logger()


class Windows(msgspec.Struct, frozen=True):
    """Say for how many days runs, their output and the audit trail are kept."""

    history_days: int
    output_days: int
    audit_days: int


async def make_partitions(ctx: Context) -> None:
    """Make the partitions that jobs of today and of the next weeks need."""
    async with ctx.db.begin() as tx:
        await partitions.ensure(tx, ctx.clock())


async def keep_house(ctx: Context, windows: Windows) -> None:
    """Make partitions, and let go of what is past its window; what fails keeps nothing else from being done.

    Raises:
        ExceptionGroup: What failed; all of it can be done again.
    """
    failed = []
    for chore in _CHORES:
        try:
            await chore(ctx, windows)
        except Exception as error:  # noqa: BLE001 - told below, together
            failed.append(error)
    if failed:
        raise ExceptionGroup("housekeeping", failed)


async def _partitions(ctx: Context, _: Windows) -> None:
    await make_partitions(ctx)


async def _messages(ctx: Context, _: Windows) -> None:
    now = ctx.clock()
    async with ctx.db.begin() as tx:
        await idempotency.delete_before(tx, now - IDEMPOTENCY_MS)
        await outbox.delete_before(tx, now - MESSAGES_MS)
        await start_requests.forget(tx, now, now - KEPT_MS)


async def _traces(ctx: Context, windows: Windows) -> None:
    before = ctx.clock() - windows.history_days * DAY_MS
    async with ctx.db.begin() as tx:
        await fires.delete_before(tx, before)
        await dangerous_hits.delete_before(tx, before)


async def _history(ctx: Context, windows: Windows) -> None:
    """Count the jobs of days that are over, some days in each transaction."""
    more = True
    while more:
        async with ctx.db.begin() as tx:
            more = await history_counts.count_days(tx, ctx.clock(), windows.history_days)


async def _audit(ctx: Context, windows: Windows) -> None:
    await forget_before(ctx, ctx.clock() - windows.audit_days * DAY_MS)


async def _expired(ctx: Context, windows: Windows) -> None:
    async with ctx.db.begin() as tx:
        dropped = await partitions.drop_expired(
            tx, ctx.clock(), history_days=windows.history_days, output_days=windows.output_days
        )
    for name in dropped:
        _log.info("partition dropped", partition=name)


async def _contents(ctx: Context, _: Windows) -> None:
    """Let go of contents that nobody used lately; what templates and unfinished jobs name is used, and is noted first.

    One chore: of a server that was off for long, all are old, and none may go before it is known who wants them.
    """
    before = ctx.clock() - FILES_MS
    async with ctx.db.begin() as tx:
        await file_sources.delete_fetched(tx, before)
        named = await plans.list_upload_paths(tx)
        await files.delete_uploads(tx, before, named)
        wanted = [*await files.list_hashes(tx, named), *await files.list_awaited(tx)]
    await asyncio.to_thread(_sweep, ctx.blobs, wanted, before / 1000)
    if ctx.file_store is not None:
        await ctx.file_store.sweep(ctx.blobs)


def _sweep(blobs: Blobs, wanted: Iterable[str], used_before_s: float) -> None:
    for content_hash in wanted:
        blobs.find(content_hash)  # notes that it is used
    blobs.sweep(used_before_s)


_CHORES: tuple[Callable[[Context, Windows], Awaitable[None]], ...] = (
    _partitions,
    _messages,
    _traces,
    _history,
    _audit,
    _expired,
    _contents,
)
