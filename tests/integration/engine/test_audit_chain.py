"""The audit trail in the record: rows are linked behind, and what somebody does to them in the database is found."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.engines import Broker
from tests.platforms import ADMIN, platform_on

from jobfleet.engine import audit_chain
from jobfleet.engine.audit_chain import Memory, chain_new, forget_before
from jobfleet.engine.context import Context
from jobfleet.model.audit import Place
from jobfleet.store import audit
from jobfleet.store.database import Database


@pytest.fixture
async def ctx(db: Database, nats: Broker) -> AsyncIterator[Context]:
    async with platform_on(db, nats) as platform:
        yield platform.engine


async def write(ctx: Context, *subjects: str, at: int = 1_000) -> None:
    for subject in subjects:
        async with ctx.db.begin() as tx:
            await audit.insert(tx, ADMIN, "create_script", subject, at)


async def run(ctx: Context, statement: str) -> None:
    async with ctx.db.begin() as tx:
        await tx.execute(sa.text(statement))


async def breaks(ctx: Context, remembered: Place | None = None) -> list[str]:
    return list((await audit_chain.verify(ctx, remembered)).breaks)


async def test_rows_are_linked_in_order_and_found_whole(ctx: Context) -> None:
    await write(ctx, *"abc")
    assert (await audit_chain.verify(ctx, None)).unchained == 3
    head = await chain_new(ctx)
    await write(ctx, *"de")
    assert await chain_new(ctx) == (await audit_chain.verify(ctx, head)).head
    found = await audit_chain.verify(ctx, head)
    assert (found.rows, found.first, found.head.seq, found.unchained, found.breaks) == (5, 1, 5, 0, ())


STATEMENTS = {
    "UPDATE audit SET username = 'nobody' WHERE seq = 3": "row 3: is not what a server wrote",
    "UPDATE audit SET result = 'refused' WHERE seq = 1": "row 1: is not what a server wrote",
    "DELETE FROM audit WHERE seq = 3": "row 3: is missing",
    "DELETE FROM audit WHERE seq < 3": "rows 1 to 2: are missing",
    "DELETE FROM audit WHERE seq > 3": "rows 4 to 5: are missing at the end",
    "DELETE FROM audit": "rows 1 to 5: are missing at the end",
    "UPDATE audit SET seq = -seq WHERE seq IN (2, 3); UPDATE audit SET seq = seq + 5 WHERE seq < 0": "row 2: does not",
    "DELETE FROM audit WHERE seq < 3; INSERT INTO audit_anchor SELECT 1, 2, link, 1, '' FROM audit WHERE seq = 3": (
        "rows up to 2: were forgotten, but not by a server"
    ),
}


@pytest.mark.parametrize(("statement", "told"), STATEMENTS.items())
async def test_what_somebody_did_in_the_database_is_found(ctx: Context, statement: str, told: str) -> None:
    await write(ctx, *"abcde")
    head = await chain_new(ctx)
    for one in statement.split("; "):
        await run(ctx, one)
    assert (await breaks(ctx, head))[0].startswith(told)


async def test_a_row_that_no_server_wrote_is_found_before_and_after_it_is_linked(ctx: Context) -> None:
    await write(ctx, "a")
    head = await chain_new(ctx)
    await run(
        ctx,
        "INSERT INTO audit (at, username, app_code, action, scope_type, scope_id, subject, result, mac) "
        "SELECT at, 'li', app_code, action, scope_type, scope_id, subject, result, mac FROM audit",
    )
    assert "unchained row" in (await breaks(ctx, head))[0]
    await chain_new(ctx)
    assert (await breaks(ctx, head)) == ["row 2: is not what a server wrote (li, create_script, id 2)"]


async def test_a_tail_that_was_written_anew_is_found(ctx: Context) -> None:
    await write(ctx, *"abc")
    head = await chain_new(ctx)
    await run(ctx, "DELETE FROM audit WHERE seq = 3")
    await write(ctx, *"xy")
    await chain_new(ctx)
    assert await breaks(ctx, head) == ["row 3: is another one than this server has seen there"]


async def test_a_row_that_stands_there_twice_is_found(ctx: Context) -> None:
    await write(ctx, *"ab")
    await run(ctx, "DROP INDEX audit_entry")
    columns = "at, username, app_code, action, scope_type, scope_id, subject, result, entry, access, source, mac"
    await run(ctx, f"INSERT INTO audit ({columns}) SELECT {columns} FROM audit WHERE subject = 'a'")
    await chain_new(ctx)
    assert await breaks(ctx) == ["a row stands there twice"]


async def test_rows_that_nobody_links_are_told(ctx: Context) -> None:
    await write(ctx, "a", at=ctx.clock() - audit_chain.PATIENCE_MS - 1_000)
    assert await breaks(ctx) == ["rows wait to be linked for more than a minute: does a server run?"]


async def test_old_rows_are_forgotten_with_a_proof_and_the_rest_holds(ctx: Context) -> None:
    await write(ctx, *"abc", at=1_000)
    await write(ctx, *"de", at=2_000)
    head = await chain_new(ctx)
    assert await forget_before(ctx, 2_000) == 3
    found = await audit_chain.verify(ctx, head)
    assert (found.rows, found.first, found.breaks) == (2, 4, ())
    assert await forget_before(ctx, 3_000) == 1
    assert await forget_before(ctx, 3_000) == 0
    await write(ctx, "f")
    await chain_new(ctx)
    found = await audit_chain.verify(ctx, head)
    assert (found.rows, found.first, found.head.seq, found.breaks) == (2, 5, 6, ())


async def test_many_servers_link_at_once_and_no_row_gets_two_places(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_chain, "PAGE", 7)
    for portion in range(4):
        await asyncio.gather(*(write(ctx, f"{portion}-{number}") for number in range(10)), chain_new(ctx))
        await asyncio.gather(*(chain_new(ctx) for _ in range(5)))
    await chain_new(ctx)
    found = await audit_chain.verify(ctx, None)
    assert (found.rows, found.unchained, found.breaks) == (40, 0, ())


async def test_rows_from_before_rows_were_sealed_are_taken_up_at_the_beginning_only(ctx: Context) -> None:
    columns = "at, username, app_code, action, scope_type, scope_id, subject, result"
    old = f"INSERT INTO audit ({columns}) VALUES (1, 'li', '', 'x', '', 0, 'old', 'done')"
    await run(ctx, old)
    await chain_new(ctx)
    assert await breaks(ctx) == []
    await run(ctx, old)
    await chain_new(ctx)
    assert await breaks(ctx) == ["row 2: is not what a server wrote (li, x, id 2)"]


async def test_a_server_remembers_how_far_the_chain_came_and_says_once_that_it_shrank(
    ctx: Context, tmp_path: Path
) -> None:
    alarms: list[str] = []
    memory = Memory(tmp_path / "audit-head", alarms.append)
    await memory.look(ctx)
    assert memory.load() is None
    await write(ctx, *"abc")
    head = await chain_new(ctx)
    await memory.look(ctx)
    assert memory.load() == head
    await forget_before(ctx, 2_000)
    await write(ctx, "d")
    head = await chain_new(ctx)
    await memory.look(ctx)
    assert (memory.load(), alarms) == (head, [])
    await run(ctx, "DELETE FROM audit WHERE seq = 4")
    await memory.look(ctx)
    await write(ctx, *"xyz")
    await chain_new(ctx)
    await memory.look(ctx)
    assert memory.load() == head
    assert alarms == ["the audit trail had a row 4 that is gone or another one now"]


async def test_what_somebody_made_look_old_is_not_forgotten(ctx: Context) -> None:
    await write(ctx, *"abcde", at=5_000)
    await chain_new(ctx)
    await run(ctx, "UPDATE audit SET at = 1 WHERE seq < 4")
    assert await forget_before(ctx, 2_000) == 0
    assert (await breaks(ctx))[0].startswith("row 1: is not what a server wrote")


async def test_no_proof_is_made_of_rows_that_somebody_removed(ctx: Context) -> None:
    await write(ctx, *"abcde")
    await chain_new(ctx)
    await run(ctx, "DELETE FROM audit WHERE seq = 2")
    assert await forget_before(ctx, 2_000) == 0
    assert await breaks(ctx) == ["row 2: is missing"]


async def test_a_proof_that_no_server_made_does_not_make_a_server_forget_how_far_the_chain_came(
    ctx: Context, tmp_path: Path
) -> None:
    alarms: list[str] = []
    memory = Memory(tmp_path / "audit-head", alarms.append)
    await write(ctx, *"abcde")
    head = await chain_new(ctx)
    await memory.look(ctx)
    await run(ctx, "DELETE FROM audit WHERE seq > 2")
    await run(ctx, "INSERT INTO audit_anchor (id, seq, link, at, mac) VALUES (1, 99, '', 1, '')")
    await memory.look(ctx)
    await run(ctx, "DELETE FROM audit_anchor")
    await memory.look(ctx)
    assert (memory.load(), len(alarms)) == (head, 1)
    assert await breaks(ctx, memory.load()) == ["rows 3 to 5: are missing at the end"]
