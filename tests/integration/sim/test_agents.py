"""Simulated agents behave on the wire like real ones: this test is the server's side of the protocol."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nats import errors as nats_errors
from nats.aio.client import Client
from tests.engines import Broker
from tests.integration.agent.server import Host, run_order, until
from tests.waiting import WITHIN_S

from jobfleet.agent import reports
from jobfleet.bus import subjects
from jobfleet.bus.envelope import LIFETIME_MS, sign
from jobfleet.model.order import AskOrder, KillOrder, Report, Stored
from jobfleet.model.outcome import ErrorCode, Outcome
from jobfleet.sim.agent import Member
from jobfleet.sim.behaviour import Latency, Profile
from jobfleet.sim.fleet import Crowd, Enrolled

HOST = 801
OTHER = 802
SLOW = Profile(latency=Latency(60_000, 60_000))


class Site(msgspec.Struct, frozen=True):
    """A crowd of simulated agents and the server's side of each host."""

    crowd: Crowd
    hosts: dict[int, Host]
    client: Client
    key: Ed25519PrivateKey

    @property
    def host(self) -> Host:
        return self.hosts[HOST]


@asynccontextmanager
async def site(broker: Broker, profile: Profile, *host_ids: int) -> AsyncIterator[Site]:
    key, client = Ed25519PrivateKey.generate(), await broker.server()
    hosts = {host_id: Host(host_id, client, key) for host_id in host_ids or (HOST,)}
    for host in hosts.values():
        await host.listen()
    members = [Member(host_id, f"10.0.0.{host_id - 800}", broker.agent_identity(host_id)) for host_id in hosts]
    crowd = Crowd(Enrolled([broker.url], key.public_key().public_bytes_raw(), members), profile)
    running = asyncio.create_task(crowd.run())
    try:
        async with asyncio.timeout(WITHIN_S):
            await crowd.ready()
        yield Site(crowd, hosts, client, key)
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await client.close()


def _forgetful(_report: Report, _stored: Stored) -> Stored:
    """Answer as if nothing had been stored."""
    return Stored()


async def test_a_script_is_accepted_run_and_reported(nats: Broker) -> None:
    async with site(nats, Profile()) as here:
        order = run_order("true")
        result = await here.host.run(order)
        assert (result.outcome, result.exit_code, result.error_code) == (Outcome.SUCCEEDED, 0, ErrorCode.OK)
        assert here.host.output(order.task_id) == b"hello from 10.0.0.1\n"
        assert order.task_id in here.host.started


async def test_a_short_script_costs_one_report(nats: Broker) -> None:
    async with site(nats, Profile()) as here:
        await here.host.run(run_order("true"))
        await until(lambda: here.crowd.counts.stored == 1)
        assert len(here.host.reports) == 1


async def test_a_failing_script_reports_exit_code_1(nats: Broker) -> None:
    async with site(nats, Profile(failure_rate=1.0)) as here:
        result = await here.host.run(run_order("true"))
        assert (result.outcome, result.exit_code) == (Outcome.FAILED, 1)


async def test_a_script_takes_its_time_and_says_that_it_runs(nats: Broker) -> None:
    async with site(nats, SLOW) as here:
        order = run_order("true")
        await here.host.order(order)
        await until(lambda: order.task_id in here.host.started)
        assert order.task_id not in here.host.results
    async with site(nats, Profile(latency=Latency(300, 300))) as here:
        begun = time.monotonic()
        await here.host.run(run_order("true"))
        assert time.monotonic() - begun >= 0.3


async def test_a_time_limit_ends_a_script(nats: Broker) -> None:
    async with site(nats, SLOW) as here:
        result = await here.host.run(run_order("true", timeout_s=1))
        assert result.outcome == Outcome.TIMED_OUT


async def test_an_order_that_comes_twice_runs_once(nats: Broker) -> None:
    async with site(nats, Profile()) as here:
        order = run_order("true")
        await here.host.run(order)
        await until(lambda: here.crowd.counts.stored == 1)
        assert (await here.host.order(order)).accepted
        assert here.crowd.counts.accepted == 1


async def test_long_output_arrives_whole_in_several_reports(nats: Broker) -> None:
    async with site(nats, Profile(output_bytes=1_048_576)) as here:
        order = run_order("true")
        await here.host.run(order)
        assert len(here.host.output(order.task_id)) == 1_048_576
        assert len(here.host.reports) == 4


async def test_output_is_cut_at_the_orders_cap(nats: Broker) -> None:
    async with site(nats, Profile(output_bytes=100_000)) as here:
        order = run_order("true", output_cap_bytes=1000)
        result = await here.host.run(order)
        assert result.output_bytes == len(here.host.output(order.task_id)) == 1000


async def test_a_report_without_an_answer_is_sent_again_until_it_is_stored(nats: Broker) -> None:
    async with site(nats, Profile()) as here:
        here.host.answers = False
        await here.host.order(run_order("true"))
        await until(lambda: len(here.host.reports) == 2)
        here.host.answers = True
        await until(lambda: here.crowd.counts.stored == 1)


async def test_an_answer_that_stores_nothing_is_no_reason_to_hurry(nats: Broker) -> None:
    async with site(nats, Profile()) as here:
        here.host.answer_for = _forgetful
        await here.host.order(run_order("true"))
        await until(lambda: len(here.host.reports) == 2)
        assert here.crowd.counts.sent_again == 1


async def test_a_server_that_lost_the_task_is_not_told_again(nats: Broker) -> None:
    def gone(report: Report, _stored: Stored) -> Stored:
        return Stored(gone=[result.task_id for result in report.results])

    async with site(nats, Profile()) as here:
        here.host.answer_for = gone
        await here.host.order(run_order("true"))
        await until(lambda: here.crowd.counts.stored == 1)


async def test_a_kill_ends_a_running_script_with_a_receipt(nats: Broker) -> None:
    async with site(nats, SLOW) as here:
        order = run_order("true")
        await here.host.order(order)
        assert (await here.host.kill(order.task_id)).unknown == []
        result = await here.host.result(order.task_id)
        assert (result.error_code, result.exit_code) == (ErrorCode.KILLED, 137)


async def test_a_kill_leaves_a_script_that_has_ended_as_it_was(nats: Broker) -> None:
    async with site(nats, Profile()) as here:
        here.host.answer_for = _forgetful
        order = run_order("true")
        await here.host.run(order)
        await here.host.kill(order.task_id)
        assert here.crowd.counts.killed == 0
        assert here.host.results[order.task_id].error_code == ErrorCode.OK


@pytest.mark.parametrize("kind", [KillOrder, AskOrder])
async def test_a_task_that_was_unknown_never_runs(nats: Broker, kind: type[KillOrder | AskOrder]) -> None:
    async with site(nats, Profile()) as here:
        order = run_order("true")
        assert (await here.host.order(kind(task_ids=[order.task_id]))).unknown == [order.task_id]
        assert (await here.host.order(order)).accepted
        assert here.crowd.counts.accepted == 0
        assert (await here.host.ask(order.task_id)).unknown == [order.task_id]


async def test_an_asked_agent_reports_what_it_has_again(nats: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    for wait in ("FIRST_RETRY_S", "LAST_RETRY_S"):  # so that it does not do so by itself
        monkeypatch.setattr(reports, wait, 600.0)
    async with site(nats, Profile()) as here:
        here.host.answer_for = _forgetful
        order = run_order("true")
        await here.host.run(order)
        before = len(here.host.reports)
        assert (await here.host.ask(order.task_id)).unknown == []
        await until(lambda: len(here.host.reports) > before)


async def test_a_stored_task_is_neither_run_nor_unknown(nats: Broker) -> None:
    async with site(nats, Profile()) as here:
        order = run_order("true")
        await here.host.run(order)
        await until(lambda: here.crowd.counts.stored == 1)
        assert (await here.host.ask(order.task_id)).unknown == []


async def test_what_the_server_did_not_sign_for_this_host_now_is_refused(nats: Broker) -> None:
    async with site(nats, Profile()) as here:
        order, now = run_order("true"), time.time_ns() // 1_000_000
        good = sign(here.key, HOST, order, now)
        messages = {
            "forged": sign(Ed25519PrivateKey.generate(), HOST, order, now),
            "foreign": sign(here.key, OTHER, order, now),
            "expired": sign(here.key, HOST, order, now - 3 * LIFETIME_MS),
            "malformed": b"no envelope",
        }
        for reason, message in messages.items():
            assert (await here.host.send(message)).reason == reason
        assert (await here.host.send(good)).accepted
        assert (await here.host.send(good)).reason == "repeated"
        changed = msgspec.structs.replace(run_order("true"), content=b"false")
        assert (await here.host.order(changed)).reason == "malformed"
        assert dict(here.crowd.counts.refused) == dict.fromkeys([*messages, "repeated"], 1) | {"malformed": 2}


async def test_an_agent_says_hello_when_it_connects(nats: Broker) -> None:
    async with site(nats, Profile()) as here:
        await until(lambda: here.host.hellos)
        assert here.host.hellos[0].host_id == HOST


async def test_an_unreachable_host_has_no_responder(nats: Broker) -> None:
    async with site(nats, Profile(unreachable_rate=1.0)) as here:
        with pytest.raises(nats_errors.NoRespondersError):
            await here.client.request(subjects.orders(HOST), b"an order", timeout=WITHIN_S)


async def test_two_hundred_agents_work_at_once(nats: Broker) -> None:
    host_ids = range(1000, 1200)
    async with site(nats, Profile(latency=Latency(0, 50)), *host_ids) as here:
        orders = {host_id: run_order("true") for host_id in host_ids}
        await asyncio.gather(*(here.hosts[host_id].run(order) for host_id, order in orders.items()))
        await until(lambda: here.crowd.counts.stored == 200)
        assert here.crowd.counts.connected == 200
