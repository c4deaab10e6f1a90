"""Which orders an agent obeys, with a real agent."""

import hashlib
import os
import signal
import time

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.integration.agent.server import Site, run_order, until

from jobfleet.bus.envelope import CLOCK_SKEW_MS, LIFETIME_MS, sign
from jobfleet.model.order import Envelope, LogOrder, OrderReply


def now_ms() -> int:
    return time.time_ns() // 1_000_000


async def refused(site: Site, message: bytes) -> str:
    reply = await site.host.send(message)
    assert not reply.accepted
    return reply.reason


async def test_an_order_signed_by_another_key_is_refused(own: Site) -> None:
    forger = Ed25519PrivateKey.generate()
    assert await refused(own, sign(forger, own.host.host_id, run_order("true"), now_ms())) == "forged"


async def test_an_order_changed_on_the_way_is_refused(own: Site) -> None:
    message = sign(own.host.key, own.host.host_id, run_order("echo good"), now_ms())
    envelope = msgspec.msgpack.decode(message, type=Envelope)
    changed = msgspec.structs.replace(envelope, body=envelope.body.replace(b"echo good", b"echo evil"))
    assert await refused(own, msgspec.msgpack.encode(changed)) == "forged"


async def test_an_order_for_another_host_is_refused(own: Site) -> None:
    assert await refused(own, sign(own.host.key, own.host.host_id + 1, run_order("true"), now_ms())) == "foreign"


async def test_an_order_past_its_time_or_before_it_is_refused(own: Site) -> None:
    for at in (now_ms() - LIFETIME_MS - CLOCK_SKEW_MS - 1000, now_ms() + CLOCK_SKEW_MS + 600_000):
        assert await refused(own, sign(own.host.key, own.host.host_id, run_order("true"), at)) == "expired"


async def test_garbage_is_refused(own: Site) -> None:
    for garbage in (b"", b"\xc1", b"hello", msgspec.msgpack.encode({"body": 1})):
        assert await refused(own, garbage) == "malformed"


async def test_a_repeated_message_is_refused_and_its_script_runs_once(own: Site) -> None:
    order = run_order("echo once")
    message = sign(own.host.key, own.host.host_id, order, now_ms())
    assert (await own.host.send(message)).accepted
    assert await refused(own, message) == "repeated"
    await own.host.result(order.task_id)
    assert own.host.output(order.task_id) == b"once\n"


async def test_a_script_that_does_not_fit_its_signed_hash_is_refused(own: Site) -> None:
    wrong = hashlib.sha256(b"another script").hexdigest()
    assert not (await own.host.order(run_order("true", content_hash=wrong))).accepted


async def test_refusals_are_counted_and_told_at_the_next_hello(own: Site) -> None:
    await refused(own, b"garbage")
    await refused(own, sign(Ed25519PrivateKey.generate(), own.host.host_id, run_order("true"), now_ms()))
    own.host.hellos.clear()
    os.kill(own.agent.pid, signal.SIGSTOP)  # so that whoever listens is back before the agent says hello
    await own.broker.stop()
    await own.broker.start()
    await until(lambda: own.host.client.is_connected)
    await own.host.client.flush()
    os.kill(own.agent.pid, signal.SIGCONT)
    await until(lambda: own.host.hellos)
    assert own.host.hellos[-1].refused == {"malformed": 1, "forged": 1}


async def told(site: Site, lines: int) -> OrderReply:
    return await site.host.order(LogOrder(lines))


async def test_an_agent_tells_its_own_log_to_its_server_alone(own: Site) -> None:
    assert await refused(own, sign(Ed25519PrivateKey.generate(), own.host.host_id, LogOrder(9), now_ms())) == "forged"
    order = run_order("echo what scripts print stays out of it")
    await own.host.run(order)
    await until(lambda: own.host.reports)
    reply = await told(own, 1000)
    assert any(line.level == "warning" and line.text == "orders order-refused reason=forged" for line in reply.log)
    assert any(line.text == f"tasks accepted task={order.task_id} job=11" for line in reply.log)
    assert not any("stays out" in line.text for line in reply.log)
    assert 0 < reply.log_since <= reply.log[0].at <= reply.log[-1].at <= now_ms()
    assert [line.at for line in (await told(own, 1)).log] == [(await told(own, 2)).log[-1].at]
