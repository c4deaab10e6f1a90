"""Enrolling and revoking agents, against a real database and a real broker."""

import asyncio
import base64
from collections.abc import Awaitable

import msgspec
import pytest
import sqlalchemy as sa
from nats.aio.client import Client
from nats.aio.msg import Msg
from tests.platforms import ADMIN, platform_of
from tests.waiting import WITHIN_S

from jobfleet.bus import identity, subjects
from jobfleet.bus.connection import Callbacks, Endpoint, connect
from jobfleet.bus.identity import Identity
from jobfleet.model.agent import AgentState, Enrolment
from jobfleet.model.caller import Caller, Grant, Role
from jobfleet.model.errors import (
    ForbiddenError,
    IllegalParameterReasonError,
    JobfleetError,
    ScopeNotFoundError,
    UnauthenticatedError,
)
from jobfleet.model.job_errors import UnknownHostsError
from jobfleet.model.order import LogLine, OrderReply
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.operations import hosts
from jobfleet.operations.agent_log import agent_log
from jobfleet.operations.enrol import Enrolled, create_token, enrol, revoke
from jobfleet.operations.enrol_many import enrol_many
from jobfleet.operations.platform import Platform
from jobfleet.store import agents, tables

FLEET = """
[[businesses]]
id = 2
name = "demo"
[[businesses]]
id = 3
name = "other"
[[hosts]]
id = 1
ip = "127.0.0.1"
business = 2
[[hosts]]
id = 2
ip = "127.0.0.2"
business = 2
"""
DEMO = Scope(ScopeType.BUSINESS, 2)


platform = platform_of(FLEET)


def agent_at(ip: str, seed: str, cloud_id: int = 0) -> Enrolment:
    return Enrolment(ip, cloud_id, identity.public_key(seed), "1.0", "linux", "box")


async def token_of(
    platform: Platform, *, reusable: bool = False, business_id: int | None = None, replaces: bool = False
) -> str:
    made = await create_token(platform, ADMIN, business_id=business_id, reusable=reusable, replaces=replaces)
    return made.token


async def join(platform: Platform, ip: str, seed: str, *, replaces: bool = False) -> Enrolled:
    return await enrol(platform, await token_of(platform, replaces=replaces), agent_at(ip, seed))


async def connect_as(enrolled: Enrolled, seed: str, callbacks: Callbacks | None = None) -> Client:
    endpoint = Endpoint(
        enrolled.nats_urls,
        Identity(enrolled.user_jwt, seed),
        "agent",
        inbox_prefix=subjects.inbox_prefix(enrolled.host_id),
    )
    return await connect(endpoint, callbacks or Callbacks())


async def state_of(platform: Platform, host_id: int) -> AgentState:
    [view] = await hosts.list_chosen(platform, ADMIN, DEMO, [host_id])
    return view.state


async def refused(attempt: Awaitable[object], error: type[JobfleetError]) -> str:
    with pytest.raises(error) as caught:
        await attempt
    return str(caught.value)


async def test_an_enrolled_agent_connects_and_is_who_the_server_says(platform: Platform) -> None:
    seed = identity.new_seed()
    enrolled = await join(platform, "127.0.0.2", seed)
    client = await connect_as(enrolled, seed)
    await client.publish(subjects.hello(2), b"")
    await client.flush()
    await client.close()
    assert enrolled.host_id == 2
    assert base64.b64decode(enrolled.order_key) == platform.engine.order_key.public_key().public_bytes_raw()
    assert await state_of(platform, 2) is AgentState.OFFLINE
    assert await state_of(platform, 1) is AgentState.NEVER


async def test_a_one_time_token_is_good_for_one_agent(platform: Platform) -> None:
    token = await token_of(platform)
    await enrol(platform, token, agent_at("127.0.0.1", identity.new_seed()))
    again = enrol(platform, token, agent_at("127.0.0.2", identity.new_seed()))
    assert "good for one agent only" in await refused(again, UnauthenticatedError)


async def test_two_agents_at_once_do_not_share_a_one_time_token(platform: Platform) -> None:
    token = await token_of(platform)
    attempts = [enrol(platform, token, agent_at(f"127.0.0.{n}", identity.new_seed())) for n in (1, 2)]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Enrolled", "UnauthenticatedError"]


async def test_an_agent_that_lost_the_answer_may_ask_again(platform: Platform) -> None:
    token, agent = await token_of(platform), agent_at("127.0.0.1", identity.new_seed())
    first = await enrol(platform, token, agent)
    assert (await enrol(platform, token, agent)).host_id == first.host_id


async def test_a_reusable_token_enrols_many_agents(platform: Platform) -> None:
    token = await token_of(platform, reusable=True)
    ids = [(await enrol(platform, token, agent_at(f"127.0.0.{n}", identity.new_seed()))).host_id for n in (1, 2)]
    assert ids == [1, 2]


async def test_unknown_and_expired_tokens_are_refused(platform: Platform) -> None:
    agent = agent_at("127.0.0.1", identity.new_seed())
    await refused(enrol(platform, "nonsense", agent), UnauthenticatedError)
    short = await create_token(platform, ADMIN, business_id=None, reusable=True, life_ms=1)
    later = msgspec.structs.replace(platform.engine, clock=lambda: short.expires_at)
    await refused(enrol(msgspec.structs.replace(platform, engine=later), short.token, agent), UnauthenticatedError)


async def test_an_unknown_host_is_refused_unless_the_token_takes_it_up(platform: Platform) -> None:
    agent = agent_at("10.9.9.9", identity.new_seed(), cloud_id=4)
    assert "4:10.9.9.9" in await refused(enrol(platform, await token_of(platform), agent), UnknownHostsError)
    enrolled = await enrol(platform, await token_of(platform, business_id=2), agent)
    [host] = [view.host for view in await hosts.list_chosen(platform, ADMIN, DEMO, [enrolled.host_id])]
    assert (host.cloud_id, host.ip, host.name) == (4, "10.9.9.9", "box")


async def test_two_agents_of_one_unknown_host_at_once_make_one_host(platform: Platform) -> None:
    tokens = [await token_of(platform, business_id=2, replaces=True) for _ in range(2)]
    attempts = [enrol(platform, token, agent_at("10.9.9.9", identity.new_seed())) for token in tokens]
    first, second = await asyncio.gather(*attempts)
    assert first.host_id == second.host_id


async def test_the_audit_trail_tells_who_let_agents_in_and_put_them_out(platform: Platform) -> None:
    await join(platform, "127.0.0.1", identity.new_seed())
    await revoke(platform, ADMIN, 1)
    async with platform.engine.db.begin() as tx:
        found = await tx.execute(sa.select(tables.audit.c.username, tables.audit.c.subject).order_by(tables.audit.c.id))
        told = [tuple(row) for row in found]
    assert told == [
        ("admin", "enrolment token"),
        ("admin", "enrol the agent of host 1"),
        ("admin", "revoke the agent of host 1"),
    ]


async def test_a_token_for_a_business_does_not_take_another_ones_host(platform: Platform) -> None:
    token = await token_of(platform, business_id=3)
    text = await refused(enrol(platform, token, agent_at("127.0.0.1", identity.new_seed())), UnauthenticatedError)
    assert "another business" in text


async def test_a_malformed_key_or_address_is_refused(platform: Platform) -> None:
    token = await token_of(platform)
    await refused(enrol(platform, token, Enrolment("127.0.0.1", 0, "UABC", "", "", "")), IllegalParameterReasonError)
    await refused(enrol(platform, token, agent_at("localhost", identity.new_seed())), IllegalParameterReasonError)


async def test_a_key_of_another_host_is_refused(platform: Platform) -> None:
    seed = identity.new_seed()
    await join(platform, "127.0.0.1", seed)
    await refused(join(platform, "127.0.0.2", seed), IllegalParameterReasonError)


async def test_a_revoked_agent_is_cut_off_at_once_and_stays_out(platform: Platform) -> None:
    seed, cut_off = identity.new_seed(), asyncio.Event()

    async def closed() -> None:
        cut_off.set()

    enrolled = await join(platform, "127.0.0.1", seed)
    await connect_as(enrolled, seed, Callbacks(closed=closed, lost=closed))
    await revoke(platform, ADMIN, 1)
    await asyncio.wait_for(cut_off.wait(), WITHIN_S)
    assert await state_of(platform, 1) is AgentState.REVOKED
    await refused(join(platform, "127.0.0.1", seed), IllegalParameterReasonError)


async def test_a_revoked_host_comes_back_with_a_new_enrolment(platform: Platform) -> None:
    await join(platform, "127.0.0.1", identity.new_seed())
    await revoke(platform, ADMIN, 1)
    seed = identity.new_seed()
    client = await connect_as(await join(platform, "127.0.0.1", seed), seed)
    await client.close()
    assert await state_of(platform, 1) is AgentState.OFFLINE


async def test_a_new_enrolment_cuts_the_former_agent_of_the_host_off(platform: Platform) -> None:
    seed, cut_off = identity.new_seed(), asyncio.Event()

    async def closed() -> None:
        cut_off.set()

    await connect_as(await join(platform, "127.0.0.1", seed), seed, Callbacks(closed=closed, lost=closed))
    await join(platform, "127.0.0.1", identity.new_seed(), replaces=True)
    await asyncio.wait_for(cut_off.wait(), WITHIN_S)


async def test_a_found_token_makes_nobody_the_agent_of_a_host_that_has_one(platform: Platform) -> None:
    seed = identity.new_seed()
    await join(platform, "127.0.0.1", seed)
    tokens = [await token_of(platform, reusable=reusable, business_id=2) for reusable in (True, False)]
    thief = agent_at("127.0.0.1", identity.new_seed())
    for token in tokens:
        assert "revoke it" in await refused(enrol(platform, token, thief), UnauthenticatedError)
        assert (await enrol(platform, token, agent_at("127.0.0.1", seed))).host_id == 1
    assert "revoke it" in await refused(enrol_many(platform, tokens[0], [thief]), UnauthenticatedError)
    await (await connect_as(await join(platform, "127.0.0.1", seed), seed)).close()
    await revoke(platform, ADMIN, 1)
    assert [one.host_id for one in await enrol_many(platform, tokens[0], [thief])] == [1]
    other = agent_at("127.0.0.1", identity.new_seed())
    meant = await token_of(platform, reusable=True, replaces=True)
    assert [one.host_id for one in await enrol_many(platform, meant, [other])] == [1]


async def test_of_two_agents_that_enrol_a_host_at_once_one_is_cut_off(platform: Platform) -> None:
    for _ in range(5):
        seeds = [identity.new_seed() for _ in range(4)]
        tokens = [await token_of(platform, replaces=True) for _ in seeds]
        pairs = zip(tokens, seeds, strict=True)
        await asyncio.gather(*(enrol(platform, token, agent_at("127.0.0.1", seed)) for token, seed in pairs))
        async with platform.engine.db.begin() as tx:
            agent, revoked = await agents.find(tx, 1), await agents.list_revoked_keys(tx)
        assert agent is not None
        assert {identity.public_key(seed) for seed in seeds} - set(revoked) == {agent.public_key}


async def test_who_has_no_role_in_a_business_is_not_told_which_hosts_it_has(platform: Platform) -> None:
    stranger = Caller("wu", "", platform_admin=False, grants=(Grant(Role.ADMIN, ScopeType.BUSINESS, 3),))
    await join(platform, "127.0.0.1", identity.new_seed())
    known = await refused(revoke(platform, stranger, 1), UnknownHostsError)
    assert known.replace("1, 1", "") == (await refused(revoke(platform, stranger, 77), UnknownHostsError)).replace(
        "1, 77", ""
    )


async def test_only_those_who_manage_the_hosts_may_hand_out_tokens_and_revoke(platform: Platform) -> None:
    admin = Caller("li", "", platform_admin=False, grants=(Grant(Role.ADMIN, ScopeType.BUSINESS, 2),))
    operator = Caller("wu", "", platform_admin=False, grants=(Grant(Role.OPERATOR, ScopeType.BUSINESS, 2),))
    await join(platform, "127.0.0.1", identity.new_seed())
    await refused(create_token(platform, admin, business_id=None, reusable=False), ForbiddenError)
    await refused(create_token(platform, operator, business_id=2, reusable=False), ForbiddenError)
    await refused(revoke(platform, operator, 1), ForbiddenError)
    await refused(create_token(platform, ADMIN, business_id=99, reusable=False), ScopeNotFoundError)
    assert await create_token(platform, admin, business_id=2, reusable=False)
    await revoke(platform, admin, 1)


async def test_a_host_without_an_agent_cannot_be_revoked(platform: Platform) -> None:
    await refused(revoke(platform, ADMIN, 1), UnknownHostsError)
    await refused(revoke(platform, ADMIN, 77), UnknownHostsError)


async def test_an_agents_own_log_is_told_to_those_who_may_revoke_it(platform: Platform) -> None:
    operator = Caller("wu", "", platform_admin=False, grants=(Grant(Role.OPERATOR, ScopeType.BUSINESS, 2),))
    await refused(agent_log(platform, ADMIN, 1, 10), UnknownHostsError)
    seed = identity.new_seed()
    enrolled = await join(platform, "127.0.0.1", seed)
    await refused(agent_log(platform, operator, 1, 10), ForbiddenError)
    assert (await agent_log(platform, ADMIN, 1, 10)).trouble == "not_connected"
    client = await connect_as(enrolled, seed)
    says = [
        OrderReply(accepted=False, reason="malformed"),
        OrderReply(True, log=[LogLine(7, "info", "on")], log_since=5),
    ]

    async def answer(message: Msg) -> None:
        await message.respond(msgspec.msgpack.encode(says.pop(0)))

    await client.subscribe(subjects.orders(1), cb=answer)
    await client.flush()
    assert (await agent_log(platform, ADMIN, 1, 10)).trouble == "refused"
    told = await agent_log(platform, ADMIN, 1, 10)
    assert (told.trouble, told.lines, told.since) == ("", [LogLine(7, "info", "on")], 5)
    await client.close()
