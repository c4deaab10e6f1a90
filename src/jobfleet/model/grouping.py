"""Group tasks by result, count them, and filter them, as the status queries show them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from jobfleet.model.job import ResultGroup, StepCounters, StepFilter, Task
from jobfleet.model.status import ABNORMAL_AGENT, SUCCEEDED_TASK, UNFINISHED_TASK, TaskStatus
from jobfleet.model.target import Target


def group(tasks: Iterable[Task]) -> list[ResultGroup]:
    """Group tasks by status and tag, ordered by status, then tag; tasks keep their order.

    Source: docs/reference/api.md, «Result groups».
    """
    found: dict[tuple[TaskStatus, str], list[Task]] = defaultdict(list)
    for task in tasks:
        found[task.status, task.tag].append(task)
    return [ResultGroup(status, tag, len(members), tuple(members)) for (status, tag), members in sorted(found.items())]


def narrow(
    groups: Sequence[ResultGroup], wanted: StepFilter, matching: frozenset[int] | None
) -> tuple[ResultGroup, ...]:
    """Apply a filter to groups: which hosts count, which groups list them, and how many.

    Args:
        matching: Ids of tasks that meet keyword and address; None when neither was given.

    Groups without a match stay, with size 0.
    """
    counted = [_only(one, matching) for one in groups]
    return tuple(_listed(one, wanted) for one in counted)


def _only(one: ResultGroup, matching: frozenset[int] | None) -> ResultGroup:
    if matching is None:
        return one
    members = tuple(task for task in one.tasks if task.id in matching)
    return ResultGroup(one.status, one.tag, len(members), members)


def _listed(one: ResultGroup, wanted: StepFilter) -> ResultGroup:
    shown = one.tasks if wanted.limit is None else one.tasks[: max(0, wanted.limit)]
    if wanted.status is not None and (one.status, one.tag or "") != (wanted.status, wanted.tag):
        shown = ()
    return ResultGroup(one.status, one.tag, one.size, shown)


def count(tasks: Sequence[Task]) -> StepCounters:
    """Count a step's tasks: running are those that wait or run, failed all that ended without success."""
    running = sum(task.status in UNFINISHED_TASK for task in tasks)
    succeeded = sum(task.status in SUCCEEDED_TASK for task in tasks)
    return StepCounters(
        total=len(tasks),
        running=running,
        succeeded=succeeded,
        failed=len(tasks) - running - succeeded,
        abnormal=sum(task.status in ABNORMAL_AGENT for task in tasks),
    )


def waiting(target: Target, job_id: int, step_id: int) -> Task:
    """Return how a target of a step that has not started is shown."""
    return Task(
        id=-1 - target.ordinal,
        job_id=job_id,
        step_id=step_id,
        attempt=0,
        batch=0,
        log_task_id=0,
        status=TaskStatus.WAITING,
        tag="",
        exit_code=0,
        error_code=0,
        started_at=None,
        ended_at=None,
        total_ms=0,
        output_bytes=0,
        message="",
        survivors=(),
        target=target,
    )


def address_matches(target: Target, text: str) -> bool:
    """Tell whether a target's IPv4 or IPv6 address contains a text."""
    return text in (target.ip or "") or text in (target.ipv6 or "")
