"""The keys that passwords travel under, on a real database."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from tests.encrypted import encrypted
from tests.engines import Broker
from tests.platforms import ADMIN, platform_on

from jobfleet.model.caller import Caller
from jobfleet.model.errors import ForbiddenError, InternalError
from jobfleet.operations import password_keys as keys
from jobfleet.operations.platform import Platform
from jobfleet.store import tables as t
from jobfleet.store.database import Database


@pytest.fixture
async def platform(db: Database, nats: Broker) -> AsyncIterator[Platform]:
    async with platform_on(db, nats) as platform:
        yield platform


async def test_the_first_calls_at_once_make_one_key(platform: Platform) -> None:
    told = await asyncio.gather(*(keys.current_key(platform) for _ in range(8)))
    assert len(set(told)) == 1
    async with platform.engine.db.begin() as tx:
        [row] = (await tx.execute(sa.select(t.password_keys))).all()
    assert row.public_key == told[0]
    assert not row.private_key.startswith(b"\x30\x82")


async def test_two_old_keys_open_passwords_and_a_third_does_not(platform: Platform) -> None:
    made = [await keys.rotate_key(platform, ADMIN) for _ in range(4)]
    assert await keys.current_key(platform) == made[-1]
    written = [encrypted((public, b""), b"correct horse battery") for public in made]
    opened = await keys.open_all(platform, written)
    assert [text == "correct horse battery" for text in opened] == [False, True, True, True]


async def test_only_administrators_of_the_platform_change_the_key(platform: Platform) -> None:
    nobody = Caller("vera", "", platform_admin=False, grants=())
    with pytest.raises(ForbiddenError):
        await keys.rotate_key(platform, nobody)
    await keys.rotate_key(platform, ADMIN)
    async with platform.engine.db.begin() as tx:
        subjects = (await tx.execute(sa.select(t.audit.c.subject))).scalars().all()
    assert subjects == ["make a new password key"]


async def test_a_private_key_that_was_put_in_the_place_of_another_is_not_used(platform: Platform) -> None:
    await keys.rotate_key(platform, ADMIN)
    await keys.rotate_key(platform, ADMIN)
    async with platform.engine.db.begin() as tx:
        first = sa.select(sa.func.min(t.password_keys.c.id)).scalar_subquery()
        sealed = (
            await tx.execute(sa.select(t.password_keys.c.private_key).where(t.password_keys.c.id == first))
        ).scalar()
        await tx.execute(sa.update(t.password_keys).values(private_key=sealed))
    with pytest.raises(InternalError):
        await keys.open_all(platform, ["x"])
