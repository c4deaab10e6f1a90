"""Answer what the hosts of jobs printed."""

from collections.abc import Callable, Sequence

import msgspec

from jobfleet.model.caller import Caller
from jobfleet.model.job import HostSelector, JobLog, Step, StepLog, StepType, Task, TaskLog
from jobfleet.model.job_errors import JobNotFoundError, StepNotFoundError
from jobfleet.model.scope import Scope
from jobfleet.model.target import Target
from jobfleet.operations.file_logs import read_received
from jobfleet.operations.log_text import Room, grouped, is_meant, portions, read_logs
from jobfleet.operations.platform import Platform
from jobfleet.operations.query import any_visible_step, visible_job
from jobfleet.store import jobs, task_reads
from jobfleet.store.database import Transaction


async def job_log(
    platform: Platform, caller: Caller, scope: Scope, job_id: int, *, only: Callable[[Target], bool] | None = None
) -> JobLog:
    """Show the logs of every host of every step of a job, of the latest attempts.

    Args:
        only: Tells of a host whether it is meant; output of others is not read.

    Raises:
        MissingOrIllegalParameterError, ScopeNotFoundError, ForbiddenError, JobNotFoundError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        job, info = await visible_job(tx, platform, caller, scope, job_id)
        shown, room = [], Room(platform.log_answer_bytes)
        for step in await jobs.list_steps(tx, job_id):
            rows = await task_reads.list_of_attempt(tx, job_id, step.id, step.attempt)
            meant = rows if only is None else [row for row in rows if only(row.target)]
            logs = await _logs(tx, platform, step, meant, _Terms(info.time_zone or "", room))
            shown.append(StepLog(step, tuple(grouped(logs))))
    return JobLog(job, tuple(shown), info.time_zone or "")


async def host_logs(
    platform: Platform, caller: Caller, scope: Scope, job_id: int, step_id: int, hosts: HostSelector
) -> tuple[Step, tuple[TaskLog, ...]]:
    """Show the logs of some hosts of a step's latest attempt, in target order; others' are left out.

    No host has one of an approval.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
        JobNotFoundError: Job or step is unknown in the scope.
    """
    async with platform.engine.db.begin() as tx:
        try:
            _, step, info = await any_visible_step(tx, platform, caller, scope, job_id, step_id)
        except StepNotFoundError as error:
            raise JobNotFoundError(job_id) from error
        rows = await task_reads.list_of_attempt(tx, job_id, step_id, step.attempt)
        chosen = [task for task in rows if is_meant(task.target, hosts)]
        terms = _Terms(info.time_zone or "", Room(platform.log_answer_bytes))
        return step, tuple(await _logs(tx, platform, step, chosen, terms))


class _Terms(msgspec.Struct, frozen=True):
    """Say how logs are shown: times in which zone, and how much fits into the answer."""

    zone: str
    room: Room


async def _logs(tx: Transaction, platform: Platform, step: Step, rows: Sequence[Task], terms: _Terms) -> list[TaskLog]:
    """Return tasks with their text; that of a file step are the lines of what each target gets."""
    if step.type is not StepType.FILE:
        return await read_logs(tx, platform, rows, terms.zone, terms.room)
    logs = []
    for portion in portions(rows):
        fitting = [task for task in portion if terms.room.take(task.output_bytes)]
        received = await read_received(tx, step, fitting, terms.zone)
        texts = {task_id: "".join(one.text for one in files) for task_id, files in received.items()}
        logs += [TaskLog(task, texts.get(task.id, terms.room.notice)) for task in portion]
    return logs
