"""What becomes of messages that come twice, late, changed or from somebody else."""

import hashlib
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.acceptance.faults.cluster import HOSTS, Cluster
from tests.acceptance.faults.jobs import FAILED, KILLED, NONZERO, OK, STOPPED, SUCCEEDED, Jobs
from tests.acceptance.faults.ledger import Ledger
from tests.acceptance.faults.wire import doubler, thief

from jobfleet.bus.envelope import CLOCK_SKEW_MS, LIFETIME_MS, sign
from jobfleet.model.order import KillOrder, OrderReply, RunOrder

COUNT = "i=0; while [ $i -lt 500 ]; do echo line $i; i=$((i+1)); done"
TOO_LATE_MS = LIFETIME_MS + CLOCK_SKEW_MS + 1_000


async def test_nothing_runs_twice_and_no_status_is_wrong_when_every_message_comes_twice(
    cluster: Cluster, jobs: Jobs, ledger: Ledger
) -> None:
    async with doubler(cluster) as doubled:
        good = [await jobs.start(ledger.script(COUNT), HOSTS) for _ in range(4)]
        bad = await jobs.start(ledger.script(after="exit 9"), HOSTS)
        killed = await jobs.start(ledger.script("trap '' TERM"), HOSTS)
        await ledger.begun(18)
        await jobs.terminate(killed)
        assert await jobs.finished(killed) == (STOPPED, [KILLED] * 3)
        ledger.open()
        assert await jobs.finished(bad) == (FAILED, [NONZERO] * 3)
        assert [await jobs.finished(job) for job in good] == [(SUCCEEDED, [OK] * 3)] * 4
        assert doubled.orders >= 18
        assert doubled.reports >= 18
    whole = "".join(f"line {number}\n" for number in range(500))
    assert [await jobs.log(job, 3) for job in good] == [whole] * 4
    assert ledger.each_ran_once(18)
    for host in HOSTS:
        await cluster.refused(host, "repeated", at_least=6)


async def test_a_stolen_broker_cannot_make_an_agent_run_anything(cluster: Cluster, jobs: Jobs, ledger: Ledger) -> None:
    async with thief(cluster) as stranger:
        job = await jobs.start("#!/bin/sh\ntrue\n", (2,))
        await jobs.finished(job)
        [stolen] = stranger.stolen
        ours, now = cluster.made.keys.order_key(), time.time_ns() // 1_000_000
        attempts = {
            "forged": sign(Ed25519PrivateKey.generate(), 1, order(ledger), now),
            "expired": sign(ours, 1, order(ledger), now - TOO_LATE_MS),
            "foreign": stolen,
            "malformed": b"\x00" * 64,
        }
        before = await cluster.refusals(1)
        for reason, message in attempts.items():
            assert await stranger.send(1, message) == OrderReply(accepted=False, reason=reason)
        changed = stolen[:-1] + bytes([stolen[-1] ^ 1])
        assert (await stranger.send(2, changed)).reason in {"forged", "malformed"}
        assert (await stranger.send(2, stolen)).reason == "repeated"
    for reason in attempts:
        await cluster.refused(1, reason, at_least=before.get(reason, 0) + 1)
    assert ledger.runs == []


async def test_a_stolen_broker_cannot_kill_a_script(cluster: Cluster, jobs: Jobs, ledger: Ledger) -> None:
    job = await jobs.start(ledger.script())
    await ledger.begun(1)
    async with thief(cluster) as stranger:
        message = sign(Ed25519PrivateKey.generate(), 1, KillOrder(ledger.runs), time.time_ns() // 1_000_000)
        assert (await stranger.send(1, message)).reason == "forged"
    ledger.open()
    assert await jobs.finished(job) == (SUCCEEDED, [OK])


def order(ledger: Ledger) -> RunOrder:
    """Return an order to run a script that would be noticed."""
    content = ledger.script(waits=False).encode()
    return RunOrder(
        task_id=999_999_999,
        job_id=1,
        step_id=1,
        attempt=0,
        batch=0,
        language=1,
        content_hash=hashlib.sha256(content).hexdigest(),
        content=content,
        account="root",
        params="",
        timeout_s=60,
        output_cap_bytes=1 << 20,
    )
