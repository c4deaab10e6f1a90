"""How a run stands: its steps, batches and hosts, how far it is and how much longer it takes."""

from collections.abc import Mapping, Sequence
from statistics import median

from jobfleet.engine.batches import key_of
from jobfleet.model.definition import ApprovalSpec, Definition, SqlSpec
from jobfleet.model.eta import RATE_MS, Eta, Pace, eta, rate_per_s
from jobfleet.model.host_counts import HostCounts, host_counts, part_done
from jobfleet.model.job import Job, Step
from jobfleet.model.run_view import (
    SILENT_MS,
    RunApproval,
    RunBatch,
    RunDecision,
    RunState,
    RunStep,
    Silence,
    Stopping,
    run_version,
    whole_eta,
)
from jobfleet.model.scope import Scope
from jobfleet.model.script import ScriptSpec
from jobfleet.model.status import RunStatus
from jobfleet.model.verdict import Counts, total
from jobfleet.operations.settled import SettledCounts
from jobfleet.store import batches, events, jobs, live, silence, usual
from jobfleet.store.batches import Batch
from jobfleet.store.database import Transaction

LOOKED_BACK = 20
"""So many earlier runs of a step say how long it usually takes."""

AT_WORK = frozenset({RunStatus.RUNNING, RunStatus.STOPPING, RunStatus.BETWEEN_BATCHES})
_TO_COME = frozenset({RunStatus.PENDING})
ByBatch = Mapping[int, Counts]


async def load_state(tx: Transaction, job_id: int, now: int) -> RunState | None:
    """Return how a run stands at `now` (epoch ms), None when there is no such job."""
    job = await jobs.find(tx, job_id)
    if job is None:
        return None
    steps = await jobs.list_steps(tx, job_id)
    return await state_of(tx, job, steps, await counts_of(tx, steps, SettledCounts()), now)


async def counts_of(tx: Transaction, steps: Sequence[Step], settled: SettledCounts) -> dict[int, ByBatch]:
    """Return the tasks of the latest attempt of each step by batch, then by status."""
    counted = await settled.count(tx, [key_of(step) for step in steps if step.status not in _TO_COME])
    return {step.id: counted.get(key_of(step), {}) for step in steps}


async def state_of(
    tx: Transaction, job: Job, steps: Sequence[Step], counts: Mapping[int, ByBatch], now: int
) -> RunState:
    """Return how a run stands at `now` (epoch ms).

    Args:
        counts: The tasks of the latest attempt of each step by batch, then by status.
    """
    shown = [await _step(tx, job.scope, step, counts[step.id], now) for step in steps]
    at = next((step for step in shown if step.id == job.current_step_id), shown[0])
    return RunState(
        id=job.id,
        status=int(job.status),
        finished=job.finished,
        current_step_id=job.current_step_id,
        started_at=job.started_at,
        ended_at=job.ended_at,
        total_ms=job.total_ms,
        counts=at.counts,
        progress=at.progress,
        rate_per_s=at.rate_per_s,
        eta=await _whole(tx, job, steps, at.eta),
        stopping=await _stopping(tx, job, steps),
        steps=shown,
        version=run_version(job, steps),
        now=now,
    )


async def _step(tx: Transaction, scope: Scope, step: Step, by_batch: ByBatch, now: int) -> RunStep:
    counts = host_counts(step.target_count, total(by_batch))
    rolled = await batches.list_of(tx, key_of(step)) if step.rolling is not None else []
    pace = await _pace(tx, scope, step, counts, rolled, now) if step.status in AT_WORK else None
    asked = step.definition
    return RunStep(
        id=step.id,
        ordinal=step.ordinal,
        name=step.name,
        type=step.type.name.lower(),
        status=int(step.status),
        attempt=step.attempt,
        operator=step.operator,
        counts=counts,
        progress=part_done(counts),
        rate_per_s=rate_per_s(pace) if pace else 0.0,
        eta=eta(pace) if pace and step.status is not RunStatus.STOPPING else None,
        silent=await silence_of(tx, step, now) if step.status in AT_WORK else None,
        batch=step.batch,
        batch_count=step.batch_count,
        rolling_mode=0 if step.rolling is None else int(step.rolling.mode),
        parallel=step.rolling is not None and step.rolling.parallel,
        batches=[_batch(one, by_batch.get(one.number, {})) for one in rolled],
        approval=await _approval(tx, step, asked) if isinstance(asked, ApprovalSpec) else None,
        started_at=step.started_at,
        ended_at=step.ended_at,
        total_ms=step.total_ms,
    )


async def _approval(tx: Transaction, step: Step, asked: ApprovalSpec) -> RunApproval:
    decision = None
    if step.status in {RunStatus.SUCCEEDED, RunStatus.REJECTED}:
        said = await events.find_step_move(tx, step.job_id, step.id, step.status)
        confirmed = step.status is RunStatus.SUCCEEDED
        decision = RunDecision(confirmed, step.operator, step.ended_at, "" if said is None else said.detail)
    return RunApproval(asked.message, asked.users, asked.roles, decision)


def _batch(one: Batch, counts: Counts) -> RunBatch:
    return RunBatch(
        number=one.number,
        status=int(one.status),
        size=one.size,
        counts=host_counts(one.size, counts),
        next_at=one.start_at if one.status is RunStatus.PENDING else None,
        started_at=one.started_at,
        ended_at=one.ended_at,
        total_ms=one.total_ms,
    )


async def _pace(
    tx: Transaction, scope: Scope, step: Step, counts: HostCounts, rolled: Sequence[Batch], now: int
) -> Pace:
    waits = [one.start_at - now for one in rolled if one.status is RunStatus.PENDING and one.start_at is not None]
    return Pace(
        elapsed_ms=max(0, now - (step.started_at or now)),
        total=counts.total,
        done=counts.done,
        lately=await live.count_ended_since(tx, step.job_id, step.id, now - RATE_MS),
        delay_ms=max([0, *waits]),
        usual_ms=await _usual(tx, scope, step),
    )


async def silence_of(tx: Transaction, step: Step, now: int) -> Silence | None:
    """Return how many of the agents that a step at work awaits are not heard of; None when all are.

    Source: docs/reference/event-stream.md, «Silent agents».
    """
    before = now - SILENT_MS
    if step.started_at is None or step.started_at >= before:
        return None
    found = await silence.count_silent(tx, key_of(step), before)
    return Silence(found.silent, found.awaited, SILENT_MS, found.since) if found.silent else None


async def _usual(tx: Transaction, scope: Scope, step: Step) -> list[int]:
    """Return how long a step took before: as this step of its plan, else as this version of its script."""
    if step.plan_step_id > 0:
        found = await usual.of_plan_step(tx, step.plan_step_id, step.target_count, LOOKED_BACK)
        if found:
            return found
    return await usual_of(tx, scope, step.definition, step.target_count, LOOKED_BACK)


async def usual_of(tx: Transaction, scope: Scope, asked: Definition, target_count: int, limit: int) -> list[int]:
    """Return how long the same script (or SQL) took before in a scope on about as many hosts, latest first."""
    match asked:
        case ScriptSpec(content_hash=script) | SqlSpec(content_hash=script):
            return await usual.of_script(tx, scope, script, target_count, limit)
    return []


async def _whole(tx: Transaction, job: Job, steps: Sequence[Step], current: Eta | None) -> Eta | None:
    if job.finished or current is None:
        return None
    rest = [await _usual(tx, job.scope, step) for step in steps if step.status in _TO_COME]
    return whole_eta(current, [int(median(found)) if found else None for found in rest])


async def _stopping(tx: Transaction, job: Job, steps: Sequence[Step]) -> Stopping | None:
    """Return who asked for a job to be terminated while that is under way."""
    stopping = [step for step in steps if step.status is RunStatus.STOPPING]
    asked = await live.find_termination(tx, job.id) if job.status is RunStatus.STOPPING else None
    if asked is None:
        return None
    ended = sum([await live.count_ended_since(tx, job.id, step.id, asked.at) for step in stopping])
    return Stopping(asked.by, asked.at, ended + sum(step.open_count for step in stopping), ended)
