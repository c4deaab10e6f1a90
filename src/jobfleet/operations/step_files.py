"""Show the files of a whole step: of every host that sends or gets any, what failed before all else."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from jobfleet.model.caller import Caller
from jobfleet.model.job import Step, StepType, Task
from jobfleet.model.status import SUCCEEDED_TASK, UNFINISHED_TASK, TaskStatus
from jobfleet.model.target import Target
from jobfleet.model.transfer import FileStatus, Progress
from jobfleet.operations.file_logs import expanded, read_last
from jobfleet.operations.file_sums import file_sums
from jobfleet.operations.platform import Platform
from jobfleet.operations.query import visible_step
from jobfleet.operations.watch import scope_of_job
from jobfleet.store import task_reads

PORTION = 500
"""Hosts whose news are read at once."""

MAX_FILES = 20_000
"""So many files are shown at most, and those of a last portion of hosts."""

MAX_READ_BYTES = 32 * 2**20
"""So much of what hosts told is read for one answer."""

Only = Literal["all", "failed", "open"]
_ENDS = frozenset({FileStatus.FINISHED, FileStatus.FAILED})
_ORDER: Mapping[int, int] = {FileStatus.FAILED: 0, FileStatus.FINISHED: 2}


class StepFile(msgspec.Struct, frozen=True):
    """Show a file on its way: the task that told of it, where it comes from (None: the server), and how far it is.

    `sha256` is "" for a directory and while nobody knows it.
    """

    task: Task
    source: Target | None
    last: Progress
    sha256: str


class StepFiles(msgspec.Struct, frozen=True):
    """Show files of an attempt of a step; of `task_count` tasks that may have such files, `read_count` were looked at.

    Tasks are those of targets and of sources.
    """

    attempt: int
    files: list[StepFile]
    task_count: int
    read_count: int


async def step_files(
    platform: Platform, caller: Caller, job_id: int, step_id: int, *, attempt: int | None, only: Only
) -> StepFiles:
    """Return the files of a step, of hosts that failed first, then of those at work, then the others.

    Args:
        attempt: Counted from 0; None for the latest one.
        only: `failed` files, `open` ones (on their way, or waiting), or `all`.

    Raises:
        JobNotFoundError, StepNotFoundError, ForbiddenError: It is not there, or not for the caller.

    Source: docs/reference/files.md, «Files of a whole step».
    """
    scope = await scope_of_job(platform, caller, job_id)
    async with platform.engine.db.begin() as tx:
        _, step, _ = await visible_step(tx, platform, caller, scope, job_id, step_id)
        wanted = step.attempt if attempt is None else attempt
        if step.type is not StepType.FILE:
            return StepFiles(wanted, [], 0, 0)
        step = msgspec.structs.replace(await expanded(tx, platform, step), attempt=wanted)
        sources = await task_reads.list_sources(tx, job_id, step_id, wanted)
        targets = await task_reads.list_of_attempt(tx, job_id, step_id, wanted)
    meant = [task for task in (*sources, *targets) if _may_have(task, only)]
    meant.sort(key=_place)
    told, read = await _read(platform, step, meant, only)
    async with platform.engine.db.begin() as tx:
        sums = await file_sums(tx, platform, step, wanted, {one.source for _, one in told})
    by_id = {task.target.host_id: task.target for task in sources if task.target.host_id}
    files = [StepFile(task, by_id.get(one.source), one, sums.get((one.source, one.path), "")) for task, one in told]
    return StepFiles(wanted, files, len(meant), read)


def _may_have(task: Task, only: Only) -> bool:
    """Tell whether a task may have files of a kind; a file may fail while its host is at work, or waits in vain."""
    match only:
        case "failed":
            return task.status not in SUCCEEDED_TASK
        case "open":
            return task.status in UNFINISHED_TASK
    return True


def _place(task: Task) -> int:
    if task.status in SUCCEEDED_TASK:
        return 3
    if task.status is TaskStatus.WAITING:
        return 2
    return 1 if task.status in UNFINISHED_TASK else 0


async def _read(
    platform: Platform, step: Step, tasks: Sequence[Task], only: Only
) -> tuple[list[tuple[Task, Progress]], int]:
    """Return what tasks told last of their files, and of how many tasks that is.

    Each portion is read in a transaction of its own, so that a large step holds up nobody.
    """
    found: list[tuple[Task, Progress]] = []
    read = size = 0
    for first in range(0, len(tasks), PORTION):
        portion = tasks[first : first + PORTION]
        if len(found) >= MAX_FILES or size >= MAX_READ_BYTES:
            break
        async with platform.engine.db.begin() as tx:
            news = await read_last(tx, step, portion)
        for task in portion:
            found += [(task, one) for one in news[task.id] if _is_meant(one, only)]
        read, size = read + len(portion), size + sum(task.output_bytes for task in portion)
    return sorted(found, key=lambda one: _ORDER.get(one[1].status, 1)), read


def _is_meant(one: Progress, only: Only) -> bool:
    match only:
        case "failed":
            return one.status == FileStatus.FAILED
        case "open":
            return one.status not in _ENDS
    return True
