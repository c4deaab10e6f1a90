"""End tasks without a report: the host could not be reached, or its result will not come."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from jobfleet.engine.context import Context
from jobfleet.model.event import Event, EventKind
from jobfleet.model.job import Step
from jobfleet.model.outcome import ErrorCode
from jobfleet.model.status import UNFINISHED_TASK, TaskStatus, task_sources
from jobfleet.store import events, jobs, tasks
from jobfleet.store.database import Transaction
from jobfleet.store.tasks import Key, MovedTask, TaskChange


class Settlement(msgspec.Struct, frozen=True):
    """Say how a task ends without the host's word; `error_code` is a model.outcome.ErrorCode."""

    job_id: int
    task_id: int
    status: TaskStatus
    error_code: int
    message: str


async def settle(ctx: Context, settlements: Sequence[Settlement]) -> list[int]:
    """End tasks that are still unfinished; return the ids of jobs that have something to decide."""
    if not settlements:
        return []
    async with ctx.db.begin() as tx:
        states = await tasks.lock_states(tx, [(one.job_id, one.task_id) for one in settlements])
        open_ones = [
            one
            for one in settlements
            if (state := states.get((one.job_id, one.task_id))) and state.status in UNFINISHED_TASK
        ]
        return await apply_changes(tx, states, [_change(one, ctx.clock()) for one in open_ones], ctx.clock(), "engine")


async def settle_rest(tx: Transaction, step: Step, reason: str, now: int) -> None:
    """End what is unfinished of a step that the engine gives up; the step must be locked.

    Hosts of batches that wait for the current one have not begun: a retry, or ignoring the error, goes on to them.
    """
    last_batch = step.batch if step.rolling is not None and not step.rolling.parallel else None
    rest = [
        Settlement(step.job_id, task_id, TaskStatus.RESULT_LOST, ErrorCode.OK, reason)
        if sent
        else Settlement(step.job_id, task_id, TaskStatus.NOT_SUBMITTED, ErrorCode.INTERNAL, reason)
        for task_id, sent in await tasks.list_unfinished(tx, step.job_id, step.id, step.attempt, last_batch)
    ]
    # These are awaited, and counted down to none below.
    await jobs.set_open_count(tx, step.job_id, step.id, len(rest))
    states = await tasks.lock_states(tx, [(one.job_id, one.task_id) for one in rest])
    await apply_changes(tx, states, [_change(one, now) for one in rest], now, "engine")


async def apply_changes(
    tx: Transaction,
    states: dict[Key, tasks.TaskState],
    changes: Sequence[TaskChange],
    now: int,
    actor: str,
) -> list[int]:
    """Store how locked tasks end, count their steps down and remember it; return the jobs with something to decide.

    A change that the transition table does not allow is left out. When a source of files has ended, its job may have
    targets to send orders to.
    """
    legal = [change for change in changes if states[change.job_id, change.id].status in task_sources(change.status)]
    if not legal:
        return []
    await tasks.finish(tx, legal)
    moved = [_moved(states[change.job_id, change.id], change) for change in legal]
    await remember(tx, moved, now, actor)
    closed = Counter((one.job_id, one.step_id) for one in moved if one.before in UNFINISHED_TASK)
    offered = {one.job_id for one in moved if states[one.job_id, one.id].is_source}
    return sorted(offered.union(await jobs.subtract_open(tx, closed)))


async def remember(tx: Transaction, moved: Iterable[MovedTask], now: int, actor: str) -> None:
    """Write events for tasks that changed; tasks that changed alike share one.

    Of one that was known to run it is new when it started: those who follow it are to see that.
    """
    alike: dict[tuple[int, int, TaskStatus, TaskStatus], list[int]] = defaultdict(list)
    for one in moved:
        if one.before is not one.after or one.after is TaskStatus.RUNNING:
            alike[one.job_id, one.step_id, one.before, one.after].append(one.id)
    await events.insert(
        tx,
        [
            Event(
                job_id=job_id,
                at=now,
                kind=_kind(before, after),
                actor=actor,
                step_id=step_id,
                task_ids=tuple(ids),
                from_status=None if before is after else before,
                to_status=after,
            )
            for (job_id, step_id, before, after), ids in alike.items()
        ],
    )


def _kind(before: TaskStatus, after: TaskStatus) -> EventKind:
    if before is after:
        return EventKind.TASK_STARTED
    return EventKind.TASK_MOVED if before in UNFINISHED_TASK else EventKind.LATE_RESULT


def _moved(state: tasks.TaskState, change: TaskChange) -> MovedTask:
    return MovedTask(state.job_id, state.step_id, state.id, state.status, change.status)


def _change(one: Settlement, now: int) -> TaskChange:
    return TaskChange(
        job_id=one.job_id,
        id=one.task_id,
        status=one.status,
        tag="",
        exit_code=None,
        error_code=one.error_code,
        started_at=None,
        ended_at=now,
        total_ms=None,
        message=one.message,
        survivors=(),
    )
