"""Gather what tells why a task failed: what it was to do, how it ended, and what it printed."""

from collections.abc import Iterable

import msgspec

from jobfleet.engine.variables import values_before
from jobfleet.model.caller import Caller
from jobfleet.model.definition import FileSpec
from jobfleet.model.difference import MASK
from jobfleet.model.errors import IllegalParameterError, UnsupportedOperationError
from jobfleet.model.file_log import FileLog
from jobfleet.model.job import HostSelector, Job, Step, Task
from jobfleet.model.scope import Scope
from jobfleet.model.script import ScriptSpec
from jobfleet.model.target import Target
from jobfleet.model.transfer import Direction
from jobfleet.model.variable import VariableType
from jobfleet.operations.file_logs import expanded, read_files
from jobfleet.operations.log_text import Room, is_meant, read_logs
from jobfleet.operations.platform import Platform
from jobfleet.operations.query import visible_step
from jobfleet.operations.step_detail import StepDetail, detail_of
from jobfleet.store import task_reads
from jobfleet.store.database import Transaction

MAX_TEXT_CHARACTERS = 20_000
"""Characters kept of a script, of a log, and of what a person picked from it."""

MIN_SECRET_CHARACTERS = 3
"""Shorter secrets are not looked for: they would be found everywhere."""


class TaskName(msgspec.Struct, frozen=True):
    """Name one step on one host or container in one attempt; `batch` is None or 0 where it does not matter."""

    job_id: int
    step_id: int
    attempt: int
    batch: int | None
    what: HostSelector


class ScriptContext(msgspec.Struct, frozen=True):
    """Tell of a script on one host or in one container; texts are cut to MAX_TEXT_CHARACTERS, secrets are masked."""

    job: Job
    task: Task
    detail: StepDetail
    content: str
    params: str
    log: str
    time_zone: str


class FileContext(msgspec.Struct, frozen=True):
    """Tell of the files that one host sends or gets; `task` is None of a host that only sends."""

    job: Job
    detail: StepDetail
    task: Task | None
    host: Target
    files: tuple[FileLog, ...]
    time_zone: str


async def script_context(
    platform: Platform, caller: Caller, scope: Scope, name: TaskName, picked: str
) -> ScriptContext:
    """Tell what a script on a host was to do and what became of it.

    Args:
        picked: The part of the log that a person asks about; "" for the log itself, whose end counts.

    Raises:
        ScopeNotFoundError, ForbiddenError, StepNotFoundError: In this order.
        UnsupportedOperationError: The step runs no script.
        IllegalParameterError: There is no such attempt, or the host is not among its targets; it is named.

    Source: docs/reference/service.md, «Why did it fail».
    """
    async with platform.engine.db.begin() as tx:
        job, step, info = await visible_step(tx, platform, caller, scope, name.job_id, name.step_id)
        if isinstance(step.definition, FileSpec):
            raise UnsupportedOperationError(name.step_id)
        task = _only(await _rows(tx, step, name))
        detail = await detail_of(tx, platform, step)
        hidden = await _secrets(tx, platform, step)
        zone = info.time_zone or ""
        [log] = await read_logs(tx, platform, [task], zone, Room(platform.log_answer_bytes))
    return ScriptContext(
        job=job,
        task=task,
        detail=detail,
        content=beginning(masked(detail.content or "", hidden)),
        params=beginning(masked(detail.params, hidden)),
        log=ending(masked(picked or log.text, hidden)),
        time_zone=zone,
    )


async def file_context(
    platform: Platform, caller: Caller, scope: Scope, name: TaskName, direction: Direction
) -> FileContext:
    """Tell what files a host was to send or to get and what became of them.

    Raises:
        ScopeNotFoundError, ForbiddenError, StepNotFoundError: In this order.
        UnsupportedOperationError: The step moves no files.
        IllegalParameterError: There is no such attempt, or the host has no part in it; it is named.

    Source: docs/reference/service.md, «Why did it fail».
    """
    async with platform.engine.db.begin() as tx:
        job, step, info = await visible_step(tx, platform, caller, scope, name.job_id, name.step_id)
        if not isinstance(step.definition, FileSpec):
            raise UnsupportedOperationError(name.step_id)
        rows = await _rows(tx, step, name)
        detail = await detail_of(tx, platform, step)
        zone = info.time_zone or ""
        of_attempt = msgspec.structs.replace(await expanded(tx, platform, step), attempt=name.attempt)
        shown = await read_files(tx, of_attempt, rows, name.what, zone)
    mine = next((one for one in shown if is_meant(one.target, name.what)), None)
    if mine is None:
        raise IllegalParameterError("host", "has no part in the step")
    files = tuple(one for one in mine.files if one.mode is direction and _is_part(one, direction, name.what))
    return FileContext(job, detail, rows[0] if rows else None, mine.target, files, zone)


def _is_part(one: FileLog, direction: Direction, what: HostSelector) -> bool:
    side = one.source if direction is Direction.UPLOAD else one.target
    return side is not None and is_meant(side, what)


async def _rows(tx: Transaction, step: Step, name: TaskName) -> list[Task]:
    if not 0 <= name.attempt <= step.attempt:
        raise IllegalParameterError("attempt", "is none of the step's")
    rows = await task_reads.list_of_attempt(tx, name.job_id, name.step_id, name.attempt)
    return [row for row in rows if is_meant(row.target, name.what) and (not name.batch or row.batch == name.batch)]


def _only(rows: list[Task]) -> Task:
    if not rows:
        raise IllegalParameterError("host", "has no part in the step")
    return rows[0]


async def _secrets(tx: Transaction, platform: Platform, step: Step) -> list[str]:
    """Return what must not be shown of a step: values of passwords, and sensitive parameters and their words."""
    variables = await values_before(tx, platform.engine, step) if step.has_variables else []
    found = [one.value for one in variables if one.type is VariableType.PASSWORD]
    if isinstance(step.definition, ScriptSpec) and step.definition.sensitive:
        params = platform.engine.sealer.open_text(step.definition.params, "params")
        found += [params, *params.split()]
    return found


def masked(text: str, secrets: Iterable[str]) -> str:
    """Return a text in which MASK stands for every secret, the longest first."""
    for secret in sorted({one for one in secrets if len(one) >= MIN_SECRET_CHARACTERS}, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def beginning(text: str) -> str:
    """Return a text, or its beginning and how much was left out."""
    left_out = len(text) - MAX_TEXT_CHARACTERS
    return text if left_out <= 0 else f"{text[:MAX_TEXT_CHARACTERS]}\n[{left_out} characters left out]"


def ending(text: str) -> str:
    """Return a text, or how much was left out and its end, where failures are told."""
    left_out = len(text) - MAX_TEXT_CHARACTERS
    return text if left_out <= 0 else f"[{left_out} characters left out]\n{text[-MAX_TEXT_CHARACTERS:]}"
