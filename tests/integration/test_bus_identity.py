"""What the broker lets an identity do, and how it is taken away."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from tests.engines import Broker, now_s, trust_of
from tests.waiting import WITHIN_S

from jobfleet.bus import identity
from jobfleet.bus.connection import Callbacks, Endpoint, IdentityRefusedError, connect
from jobfleet.embedded.nats import Nats


@pytest.fixture
async def own_nats(tmp_path: Path) -> AsyncIterator[Broker]:
    """Give a broker that a test may stop and start."""
    keys = identity.generate()
    engine = Nats(tmp_path / "nats", tmp_path / "nats.log", trust_of(keys))
    await engine.start()
    yield Broker(engine, keys)
    await engine.stop()


class Refusals:
    """Collect what the broker refuses on one connection."""

    def __init__(self) -> None:
        self.seen: asyncio.Queue[str] = asyncio.Queue()
        self.closed = asyncio.Event()

    async def failed(self, error: Exception) -> None:
        await self.seen.put(str(error))

    async def was_closed(self) -> None:
        self.closed.set()

    @property
    def callbacks(self) -> Callbacks:
        return Callbacks(failed=self.failed, closed=self.was_closed)

    async def next(self) -> str:
        return await asyncio.wait_for(self.seen.get(), WITHIN_S)


async def answer_stored(message: Msg) -> None:
    await message.respond(b"stored")


async def test_an_agent_reports_and_takes_orders_on_its_own_subjects(nats: Broker) -> None:
    server, agent = await nats.server(), await nats.agent(11)
    await server.subscribe("report.*", cb=answer_stored)
    await server.flush()
    assert (await agent.request("report.11", b"r", timeout=WITHIN_S)).data == b"stored"
    await agent.subscribe("agent.11.order", cb=answer_stored)
    await agent.flush()
    assert (await server.request("agent.11.order", b"o", timeout=WITHIN_S)).data == b"stored"
    await server.close()
    await agent.close()


async def test_what_is_subscribed_before_a_flush_is_there_after_it(nats: Broker) -> None:
    one, other = await nats.server(), await nats.server()
    for number in range(300):
        await one.subscribe(f"report.{number}", cb=answer_stored)
        await one.flush()
        assert (await other.request(f"report.{number}", b"r", timeout=WITHIN_S)).data == b"stored"
    await one.close()
    await other.close()


Deed = Callable[[Client], Awaitable[object]]

FORBIDDEN: dict[str, Deed] = {
    "report for another host": lambda agent: agent.publish("report.12", b""),
    "say hello for another host": lambda agent: agent.publish("hello.12", b""),
    "order another agent": lambda agent: agent.publish("agent.12.order", b""),
    "order itself": lambda agent: agent.publish("agent.11.order", b""),
    "nudge the engines": lambda agent: agent.publish("engine.nudge", b"1"),
    "hear another's orders": lambda agent: agent.subscribe("agent.12.order"),
    "hear all orders": lambda agent: agent.subscribe("agent.*.order"),
    "hear reports": lambda agent: agent.subscribe("report.*"),
    "hear another's inbox": lambda agent: agent.subscribe("_INBOX_12.>"),
    "hear everything": lambda agent: agent.subscribe(">"),
    "change account claims": lambda agent: agent.publish("$SYS.REQ.CLAIMS.UPDATE", b""),
}


@pytest.mark.parametrize("deed", FORBIDDEN.values(), ids=FORBIDDEN.keys())
async def test_an_agent_may_not(nats: Broker, deed: Deed) -> None:
    refusals = Refusals()
    agent = await nats.agent(11, refusals.callbacks)
    await deed(agent)
    await agent.flush()
    assert "permissions violation" in (await refusals.next()).lower()
    await agent.close()


async def test_an_agent_may_answer_an_order_once(nats: Broker) -> None:
    refusals = Refusals()
    server, agent = await nats.server(), await nats.agent(11, refusals.callbacks)

    async def answer_twice(message: Msg) -> None:
        await message.respond(b"first")
        await message.respond(b"second")

    await agent.subscribe("agent.11.order", cb=answer_twice)
    await agent.flush()
    assert (await server.request("agent.11.order", b"o", timeout=WITHIN_S)).data == b"first"
    assert "permissions violation" in (await refusals.next()).lower()
    await server.close()
    await agent.close()


async def test_a_revoked_agent_is_cut_off_at_once_and_cannot_come_back(nats: Broker) -> None:
    refusals = Refusals()
    revoked, spared = nats.agent_identity(21), await nats.agent(22)
    endpoint = Endpoint([nats.url], revoked, "agent-21", inbox_prefix="_INBOX_21")
    await connect(endpoint, refusals.callbacks)
    system = await nats.system()
    claims = identity.account_jwt(nats.keys, now_s(), {identity.public_key(revoked.seed): now_s()})
    await identity.push_account(system, claims)
    await asyncio.wait_for(refusals.closed.wait(), WITHIN_S)
    with pytest.raises(IdentityRefusedError):
        await asyncio.wait_for(connect(endpoint), WITHIN_S)
    assert spared.is_connected
    await identity.push_account(system, identity.account_jwt(nats.keys, now_s()))
    await system.close()
    await spared.close()


async def test_revocations_outlive_a_restart_of_the_broker(own_nats: Broker) -> None:
    revoked = own_nats.agent_identity(21)
    system = await own_nats.system()
    claims = identity.account_jwt(own_nats.keys, now_s(), {identity.public_key(revoked.seed): now_s()})
    await identity.push_account(system, claims)
    await system.close()
    before = own_nats.url
    await own_nats.engine.stop()
    await own_nats.engine.start()
    assert own_nats.url == before
    with pytest.raises(IdentityRefusedError):
        await asyncio.wait_for(connect(Endpoint([own_nats.url], revoked, "agent-21")), WITHIN_S)


async def test_claims_that_are_no_claims_are_refused(nats: Broker) -> None:
    system = await nats.system()
    with pytest.raises(identity.ClaimsRefusedError):
        await identity.push_account(system, "garbage")
    await system.close()


async def test_a_user_that_another_account_signed_is_unknown(nats: Broker) -> None:
    stranger = identity.server_identity(identity.generate(), now_s())
    with pytest.raises(IdentityRefusedError):
        await asyncio.wait_for(connect(Endpoint([nats.url], stranger, "stranger")), WITHIN_S)
