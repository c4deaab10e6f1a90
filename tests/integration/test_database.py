"""The connection to PostgreSQL, when many want one."""

import asyncio
from contextlib import AsyncExitStack

import sqlalchemy as sa

from jobfleet.store.database import Database


async def test_who_shares_a_database_leaves_connections_to_others_and_waits_for_its_own(database_url: str) -> None:
    database = Database(database_url, pool_size=3)
    shared = database.share()
    async with AsyncExitStack() as held:
        for _ in range(2):
            await held.enter_async_context(shared.begin())
        waiting = asyncio.create_task(_ask(shared))
        assert await _ask(database) == 1
        assert not waiting.done()
    assert await waiting == 1
    await database.close()


async def _ask(database: Database) -> int:
    async with database.begin() as tx:
        return int((await tx.execute(sa.text("SELECT 1"))).scalar_one())


async def test_no_plan_is_kept_for_what_a_statement_is_asked_later(database_url: str) -> None:
    database = Database(database_url, pool_size=1)
    async with database.begin() as tx:
        for number in range(10):  # PostgreSQL thinks of one plan for all after five
            await tx.execute(sa.text("SELECT id FROM host WHERE id = :id"), {"id": number})
        query = "SELECT generic_plans FROM pg_prepared_statements WHERE statement LIKE 'SELECT id FROM host%'"
        assert (await tx.execute(sa.text(query))).scalars().all() == [0]
    await database.close()
