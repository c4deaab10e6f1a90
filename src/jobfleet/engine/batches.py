"""Roll a step over its targets: make the tasks of an attempt in batches, and start batch after batch."""

import random
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from jobfleet.model.definition import FileSpec, host_sources
from jobfleet.model.job import Step
from jobfleet.model.rolling import Rolling, batch_sizes, batch_starts
from jobfleet.model.status import RunStatus
from jobfleet.store import attempts, batches, jobs
from jobfleet.store.batches import StepKey
from jobfleet.store.database import Transaction


def key_of(step: Step) -> StepKey:
    """Return the name of a step's latest attempt."""
    return StepKey(step.job_id, step.id, step.attempt)


async def open_first_attempt(tx: Transaction, step: Step, now: int) -> dict[str, Any]:
    """Make the tasks of a step's first attempt; return the columns of the step that this sets."""
    sizes = sizes_of(step)
    if is_by_source(step):
        await attempts.insert_first_by_source(tx, step.job_id, step.id, _batches_of_sources(step), now)
        return await open_attempt(tx, step, 1, now)
    waiting = await attempts.insert_first(tx, step.job_id, step.id, batch_starts(sizes), now)
    return await open_attempt(tx, step, 1, now) if sizes else {"open_count": sum(waiting.values())}


async def open_attempt(tx: Transaction, step: Step, first: int, now: int) -> dict[str, Any]:
    """Make the batches of a step's new attempt, of which `first` starts; return the columns that this sets.

    Batches before `first` keep what they were in the attempt before.
    """
    key, sizes = key_of(step), sizes_of(step)
    if step.rolling is None or not sizes:
        return {"open_count": await attempts.count_waiting(tx, step.job_id, step.id, step.attempt, None)}
    await batches.insert(tx, key, sizes, start_times(step.rolling, len(sizes), now))
    if first > 1:
        await batches.copy_finished(tx, key, first)
    return await start_batch(tx, step, first, now)


async def start_batch(tx: Transaction, step: Step, number: int, now: int) -> dict[str, Any]:
    """Start a batch of a step; return the columns of the step that this sets."""
    await batches.start(tx, key_of(step), number, now)
    only = None if step.rolling is not None and step.rolling.parallel else number
    awaited = await attempts.count_waiting(tx, step.job_id, step.id, step.attempt, only)
    return {"batch": number, "open_count": awaited}


async def start_due(tx: Transaction, step: Step, now: int) -> int | None:
    """Start the batches whose time has come, of a running step that rolls in parallel; return when the next is due."""
    pending = [one for one in await batches.list_of(tx, key_of(step)) if one.status is RunStatus.PENDING]
    due = [one for one in pending if one.start_at is not None and one.start_at <= now]
    for one in due:
        await batches.start(tx, key_of(step), one.number, now)
    if due:
        await jobs.set_batch(tx, step.job_id, step.id, due[-1].number)
    return next((one.start_at for one in pending if one not in due), None)


def by_clock(step: Step) -> bool:
    """Tell whether a step runs whose batches the clock starts."""
    return step.status is RunStatus.RUNNING and step.rolling is not None and step.rolling.parallel


def is_by_source(step: Step) -> bool:
    """Tell whether a step rolls over the hosts that files come from."""
    return step.rolling is not None and step.rolling.by_source


def _batches_of_sources(step: Step) -> list[int]:
    """Return the batch of each source host, in the order of their ordinals."""
    spec = step.definition
    return [source.batch for source, _ in host_sources(spec)] if isinstance(spec, FileSpec) else []


def sizes_of(step: Step) -> list[int]:
    """Return the sizes of a step's batches; empty for one that does not roll.

    Each batch of a step that rolls by file source goes to all targets.
    """
    if is_by_source(step):
        return [step.target_count] * step.batch_count
    return [] if step.rolling is None else batch_sizes(step.rolling.expression, step.target_count)


def start_times(rolling: Rolling, count: int, now: int) -> Sequence[int | None]:
    """Return when each batch starts (epoch ms); None for batches that wait for the one before."""
    if not rolling.parallel:
        return [None] * count
    low, high = rolling.wait_random_min_ms, rolling.wait_random_max_ms
    waits = [rolling.wait_fixed_ms + random.randint(low, high) for _ in range(count - 1)]  # noqa: S311 - no secret
    return list(accumulate(waits, initial=now))
