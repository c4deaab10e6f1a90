"""Read what became of the files of a step."""

from collections.abc import Iterable, Sequence

import msgspec

from jobfleet.engine.variables import values_before
from jobfleet.model.caller import Caller
from jobfleet.model.definition import FileSpec
from jobfleet.model.errors import InternalError
from jobfleet.model.expansion import shown_files, texts
from jobfleet.model.file_log import FileLog, Told, file_logs, last_news
from jobfleet.model.job import HostSelector, Step, Task
from jobfleet.model.job_errors import JobNotFoundError, StepNotFoundError
from jobfleet.model.scope import Scope
from jobfleet.model.status import TaskStatus
from jobfleet.model.target import Target
from jobfleet.model.transfer import Progress
from jobfleet.operations.log_text import is_meant, reason_of
from jobfleet.operations.platform import Platform
from jobfleet.operations.query import visible_step
from jobfleet.store import outputs, pulls, task_reads
from jobfleet.store.database import Transaction


class HostFiles(msgspec.Struct, frozen=True):
    """Show a host of a file step with the records of its files, those that it sent or got."""

    target: Target
    files: tuple[FileLog, ...]


async def host_file_logs(
    platform: Platform, caller: Caller, scope: Scope, job_id: int, step_id: int, hosts: HostSelector
) -> tuple[HostFiles, ...]:
    """Show the files of some hosts of a step's latest attempt, in target order; others' are left out.

    A target's list holds what it gets, then what the sources send; that of a host that only sends, what it sends.

    Raises:
        ScopeNotFoundError, ForbiddenError, JobNotFoundError: In this order.

    Source: docs/reference/files.md, «Records».
    """
    async with platform.engine.db.begin() as tx:
        try:
            _, step, info = await visible_step(tx, platform, caller, scope, job_id, step_id)
        except StepNotFoundError as error:
            raise JobNotFoundError(job_id) from error
        rows = await task_reads.list_of_attempt(tx, job_id, step_id, step.attempt)
        chosen = [task for task in rows if is_meant(task.target, hosts)]
        step = await expanded(tx, platform, step)
        return tuple(await read_files(tx, step, chosen, hosts, info.time_zone or ""))


async def expanded(tx: Transaction, platform: Platform, step: Step) -> Step:
    """Return a step whose paths are as its hosts were told."""
    if not step.has_variables:
        return step
    values = texts(await values_before(tx, platform.engine, step))
    return msgspec.structs.replace(step, definition=shown_files(_spec(step), values))


async def read_files(
    tx: Transaction, step: Step, chosen: Sequence[Task], hosts: HostSelector, zone: str
) -> list[HostFiles]:
    """Return the files of targets, and of chosen hosts that only send."""
    spec = _spec(step)
    sources = await task_reads.list_sources(tx, step.job_id, step.id, step.attempt)
    by_id = {task.target.host_id: task.target for task in sources if task.target.host_id}
    received = await _received(tx, step, chosen, by_id, zone)
    sent = await _records(tx, sources, spec, by_id, zone)
    uploads = tuple(record for task in sources for record in sent[task.id])
    by_target: dict[int, tuple[Target, list[FileLog]]] = {}
    for task in chosen:  # a step that rolls by file source has a task of each target in every batch
        by_target.setdefault(task.target.ordinal, (task.target, []))[1].extend(received[task.id])
    shown = [HostFiles(target, (*own, *uploads)) for target, own in by_target.values()]
    known = {task.target.host_id for task in chosen}
    only = {host_id: target for host_id, target in by_id.items() if is_meant(target, hosts)}
    return shown + [
        HostFiles(target, tuple(one for one in uploads if one.source == target))
        for host_id, target in only.items()
        if host_id not in known
    ]


async def read_received(
    tx: Transaction, step: Step, chosen: Sequence[Task], zone: str
) -> dict[int, tuple[FileLog, ...]]:
    """Return what targets get, by the ids of their tasks."""
    sources = await task_reads.list_sources(tx, step.job_id, step.id, step.attempt)
    by_id = {task.target.host_id: task.target for task in sources if task.target.host_id}
    return await _received(tx, step, chosen, by_id, zone)


async def read_last(tx: Transaction, step: Step, chosen: Sequence[Task]) -> dict[int, list[Progress]]:
    """Return what is known last of each file of some tasks of a step, by their ids: what targets get, sources send."""
    told = await _told(tx, await _with_reason(tx, step, chosen))
    return {task_id: last_news(one, _spec(step)) for task_id, one in told.items()}


async def _received(
    tx: Transaction, step: Step, chosen: Sequence[Task], hosts: dict[int, Target], zone: str
) -> dict[int, tuple[FileLog, ...]]:
    return await _records(tx, await _with_reason(tx, step, chosen), _spec(step), hosts, zone)


def _spec(step: Step) -> FileSpec:
    if not isinstance(step.definition, FileSpec):
        raise InternalError(detail=f"step {step.id} moves no files")
    return step.definition


async def _with_reason(tx: Transaction, step: Step, chosen: Sequence[Task]) -> list[Task]:
    """Add to targets that wait in vain why they do: a third-party source does not have what they are to get."""
    shown = list(chosen)
    for batch in {task.batch for task in shown if task.status is TaskStatus.WAITING}:
        why = await pulls.find_failure(tx, step.job_id, step.id, step.attempt, batch)
        shown = [
            msgspec.structs.replace(task, message=why)
            if why and task.batch == batch and task.status is TaskStatus.WAITING
            else task
            for task in shown
        ]
    return shown


async def _records(
    tx: Transaction, rows: Iterable[Task], spec: FileSpec, hosts: dict[int, Target], zone: str
) -> dict[int, tuple[FileLog, ...]]:
    told = await _told(tx, list(rows))
    return {task_id: tuple(file_logs(one, spec, hosts, zone)) for task_id, one in told.items()}


async def _told(tx: Transaction, shown: Sequence[Task]) -> dict[int, Told]:
    """Return what tasks of one job told, by their ids."""
    if not shown:
        return {}
    stored = await outputs.read(tx, shown[0].job_id, [task.log_task_id for task in shown if task.output_bytes])
    return {
        task.id: Told(
            target=task.target,
            is_source=task.target.ordinal < 0,
            status=task.status,
            ended_at=task.ended_at,
            message=task.message or reason_of(task),
            output=b"".join(chunk.data for chunk in stored.get(task.log_task_id, ())),
            batch=task.batch,
            is_kept=not task.output_bytes or task.log_task_id in stored,
            in_vain=task.status is TaskStatus.WAITING and bool(task.message),
        )
        for task in shown
    }
