"""The white list: its records, and what they let jobs do, on a real database."""

import pytest
import sqlalchemy as sa
from tests.platforms import ADMIN, platform_of

from jobfleet.engine.resolve import resolve
from jobfleet.model.caller import Caller, Grant, Role
from jobfleet.model.declared import parse_state
from jobfleet.model.errors import ForbiddenError, JobfleetError
from jobfleet.model.job_errors import ForeignHostsError
from jobfleet.model.resource_errors import (
    UnknownScopeError,
    WhitelistAddressesError,
    WhitelistHostsError,
    WhitelistRecordNotFoundError,
)
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.target import Address, TargetSpec
from jobfleet.model.whitelist import NewRecord
from jobfleet.operations import whitelist
from jobfleet.operations.declare import apply_state
from jobfleet.operations.platform import Platform
from jobfleet.store import inventory
from jobfleet.store import tables as t

STATE = """
[[businesses]]
id = 2
name = "demo"
[[businesses]]
id = 3
name = "other"
[[businesses]]
id = 4
name = "closed"
archived = true
[[business_sets]]
id = 9991002
name = "pair"
businesses = [2]
[[hosts]]
id = 1
ip = "10.0.0.1"
business = 3
[[hosts]]
id = 2
ip = "10.0.0.2"
cloud_id = 5
business = 3
"""
DEMO, OTHER = Scope(ScopeType.BUSINESS, 2), Scope(ScopeType.BUSINESS, 3)
PAIR, CLOSED = Scope(ScopeType.BUSINESS_SET, 9991002), Scope(ScopeType.BUSINESS, 4)
BOTH = ("file", "script", "file")
SECOND = Address(5, "10.0.0.2")


platform = platform_of(STATE)


async def may(platform: Platform, scope: Scope, action: str, *host_ids: int) -> bool:
    async with platform.engine.db.begin() as tx:
        info = await inventory.find_scope(tx, scope)
        assert info is not None
        try:
            await resolve(tx, TargetSpec(host_ids=host_ids), info, "step", action=action, now=1)
        except ForeignHostsError:
            return False
    return True


async def test_a_record_lets_its_scopes_use_its_hosts_for_its_actions_only(platform: Platform) -> None:
    assert not await may(platform, DEMO, "script", 1)
    made = (await whitelist.create_record(platform, ADMIN, NewRecord((1,), (SECOND,), (DEMO,), ("script",)))).record
    assert (made.host_ids, made.scopes, made.actions) == ((1, 2), ("biz:2",), ("script",))
    assert await may(platform, DEMO, "script", 1, 2)
    assert await may(platform, PAIR, "script", 1)
    assert not await may(platform, DEMO, "file", 1)
    changed = await whitelist.update_record(platform, ADMIN, made.id, NewRecord((1,), (), (PAIR, PAIR), BOTH, "why"))
    assert (changed.record.scopes, changed.record.actions) == (("biz_set:9991002",), ("script", "file"))
    assert await may(platform, PAIR, "file", 1)
    assert not await may(platform, DEMO, "file", 1)
    assert not await may(platform, PAIR, "file", 1, 2)
    await whitelist.delete_record(platform, ADMIN, made.id)
    assert not await may(platform, PAIR, "script", 1)


async def test_records_add_up_with_one_another_and_with_what_is_declared(platform: Platform) -> None:
    declared = '[[host_whitelist]]\nhost = 2\nbusinesses = [2]\nactions = ["script"]\n'
    await apply_state(platform.engine.db, parse_state(declared), dry_run=False)
    made = await whitelist.create_record(platform, ADMIN, NewRecord((1,), (), None, ("script",)))
    again = await whitelist.create_record(platform, ADMIN, NewRecord((1, 2), (), (DEMO,), ("script",)))
    await whitelist.delete_record(platform, ADMIN, again.record.id)
    assert await may(platform, DEMO, "script", 1, 2)
    await whitelist.delete_record(platform, ADMIN, made.record.id)
    assert await may(platform, DEMO, "script", 2)
    assert not await may(platform, DEMO, "script", 1)


@pytest.mark.parametrize(
    ("new", "refusal", "named"),
    [
        (NewRecord((1, 77, 78), (), None, ("file",)), WhitelistHostsError, "77,78"),
        (NewRecord((), (SECOND, Address(0, "10.0.0.2")), None, ("file",)), WhitelistAddressesError, "0:10.0.0.2"),
        (NewRecord((1,), (), (DEMO, CLOSED), ("file",)), UnknownScopeError, "biz:4"),
    ],
)
async def test_what_is_not_there_is_refused_by_name(
    platform: Platform, new: NewRecord, refusal: type[JobfleetError], named: str
) -> None:
    with pytest.raises(refusal) as caught:
        await whitelist.create_record(platform, ADMIN, new)
    assert caught.value.arguments == (named,)
    assert (await whitelist.list_records(platform, ADMIN, host_id=None, remark="", start=0, length=10))[0] == 0


async def test_records_are_listed_by_host_and_remark_and_gone_ones_are_unknown(platform: Platform) -> None:
    for remark, hosts in (("first", (1,)), ("second", (1, 2))):
        await whitelist.create_record(platform, ADMIN, NewRecord(hosts, (), None, ("file",), remark))
    total, [view] = await whitelist.list_records(platform, ADMIN, host_id=1, remark="", start=1, length=1)
    assert (total, view.record.remark, [host.ip for host in view.hosts]) == (2, "second", ["10.0.0.1", "10.0.0.2"])
    _, [view] = await whitelist.list_records(platform, ADMIN, host_id=None, remark="FIR", start=0, length=9)
    assert view.record.host_ids == (1,)
    assert (await whitelist.list_records(platform, ADMIN, host_id=2, remark="first", start=0, length=9)) == (0, [])
    await whitelist.delete_record(platform, ADMIN, view.record.id)
    with pytest.raises(WhitelistRecordNotFoundError):
        await whitelist.delete_record(platform, ADMIN, view.record.id)
    with pytest.raises(WhitelistRecordNotFoundError):
        await whitelist.update_record(platform, ADMIN, 77, NewRecord((1,), (), None, ("file",)))


async def test_who_does_not_look_after_the_platform_is_refused_and_changes_leave_a_trace(platform: Platform) -> None:
    li = Caller("li", "", platform_admin=False, grants=(Grant(Role.ADMIN, ScopeType.BUSINESS, 2),))
    new = NewRecord((1,), (), (DEMO,), ("script",))
    made = await whitelist.create_record(platform, ADMIN, new)
    calls = (
        whitelist.create_record(platform, li, new),
        whitelist.update_record(platform, li, made.record.id, new),
        whitelist.delete_record(platform, li, made.record.id),
        whitelist.list_records(platform, li, host_id=None, remark="", start=0, length=1),
    )
    for call in calls:
        with pytest.raises(ForbiddenError):
            await call
    async with platform.engine.db.begin() as tx:
        rows = (await tx.execute(sa.select(t.audit.c.action, t.audit.c.subject))).all()
    assert [tuple(row) for row in rows] == [("create_whitelist", f"create white list record {made.record.id}: 1 hosts")]
