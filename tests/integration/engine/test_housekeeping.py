"""What a server lets go of each hour: it holds up nobody, and one thing that fails keeps no other from being done."""

import asyncio
import os

import msgspec
import pytest
import sqlalchemy as sa
from tests.integration.engine.stage import SCOPE, Stage
from tests.platforms import WINDOWS

from jobfleet.engine.housekeeping import FILES_MS, keep_house
from jobfleet.model.job_id import DAY_MS, span_of
from jobfleet.model.status import RunStatus
from jobfleet.store import files, idempotency
from jobfleet.store.declared import release_addresses
from jobfleet.store.locks import AdvisoryLock, wait_for

MORE_THAN_PARAMETERS = 40_000
"""PostgreSQL takes 32,767 parameters."""


async def test_a_server_runs_jobs_while_its_housekeeping_waits(idle_stage: Stage) -> None:
    async with idle_stage.platform.engine.db.begin() as tx:
        await wait_for(tx, AdvisoryLock.HISTORY_COUNTS)
        await asyncio.wait_for(idle_stage.start_engine(), 30)
        agent = await idle_stage.agent(1)
        started = await idle_stage.run()
        await agent.end(await agent.run_order())
        await idle_stage.wait(started.job_id, RunStatus.SUCCEEDED)


async def test_what_fails_keeps_nothing_else_from_being_done(idle_stage: Stage) -> None:
    ctx = idle_stage.platform.engine
    later = msgspec.structs.replace(ctx, clock=lambda: ctx.clock() + 30 * DAY_MS)
    async with ctx.db.begin() as tx:
        assert await idempotency.reserve(tx, "li", "once", b"", ctx.clock()) is None
    await idle_stage.change("ALTER TABLE upload RENAME TO upload_away")
    with pytest.raises(ExceptionGroup) as failed:
        await keep_house(later, WINDOWS)
    assert len(failed.value.exceptions) == 1
    async with ctx.db.begin() as tx:
        there = await tx.scalar(sa.text("SELECT to_regclass(:name)"), {"name": f"job_s{span_of(later.clock())}"})
        assert there is not None
        assert await idempotency.reserve(tx, "li", "once", b"", later.clock()) is None


async def test_contents_that_a_job_waits_to_send_are_kept_until_it_is_over(idle_stage: Stage) -> None:
    ctx = idle_stage.platform.engine
    started = await idle_stage.run()
    content_hash = ctx.blobs.put(b"sent next month")
    async with ctx.db.begin() as tx:
        await files.allow(tx, started.job_id, started.step_id, {content_hash})
    for status, is_kept in ((RunStatus.WAITING, True), (RunStatus.SUCCEEDED, False)):
        await idle_stage.change(f"UPDATE job SET status = {int(status)}")
        os.utime(ctx.blobs.path(content_hash), (0, 0))
        await keep_house(ctx, WINDOWS)
        assert ctx.blobs.path(content_hash).exists() == is_kept


async def test_no_content_goes_while_it_cannot_be_asked_who_wants_it(idle_stage: Stage) -> None:
    """A server that was off for long finds all of them old."""
    ctx = idle_stage.platform.engine
    content_hash = ctx.blobs.put(b"of a template")
    os.utime(ctx.blobs.path(content_hash), (0, 0))
    await idle_stage.change("ALTER TABLE upload RENAME TO upload_away")
    with pytest.raises(ExceptionGroup):
        await keep_house(ctx, WINDOWS)
    assert ctx.blobs.path(content_hash).exists()


async def test_any_number_of_names_is_one_parameter(idle_stage: Stage) -> None:
    names = [f"/upload/{number}" for number in range(MORE_THAN_PARAMETERS)]
    async with idle_stage.platform.engine.db.begin() as tx:
        assert await files.find_uploads(tx, SCOPE, names) == {}
        assert await files.list_hashes(tx, names) == []
        await files.delete_uploads(tx, FILES_MS, names)
        await release_addresses(tx, range(10**6, 10**6 + MORE_THAN_PARAMETERS))
