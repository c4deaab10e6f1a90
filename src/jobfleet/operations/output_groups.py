"""Group the hosts of a step by what they printed."""

import asyncio
import time
from collections.abc import Mapping, Sequence

import msgspec

from jobfleet.engine.prints import without_place
from jobfleet.model.caller import Caller
from jobfleet.model.job import Step, StepType, Task
from jobfleet.model.job_id import DAY_MS, accepted_day_ms
from jobfleet.model.normal import COMPARED_BYTES, Normal, Printer, Prints, compared
from jobfleet.model.output_group import OutputGroup, group
from jobfleet.model.status import UNFINISHED_TASK
from jobfleet.operations.host_log import PORTION
from jobfleet.operations.platform import Platform
from jobfleet.operations.query import visible_step
from jobfleet.operations.watch import scope_of_job
from jobfleet.store import output_hashes, output_index, outputs, task_reads
from jobfleet.store.database import Transaction

CATCH_UP_S = 2.0
"""A query hashes outputs that have no hash yet for about so long; the next one goes on."""

SHARE = 200
"""Outputs that are hashed in one transaction."""

SMALL_BYTES = 64 * 1024
"""Outputs up to this size are read together."""


class Grouped(msgspec.Struct, frozen=True):
    """Show the groups of a step's attempt.

    `running` hosts are not over, `pending` ones are but their output is not hashed yet: ask again. `unrun` ones were
    left when the job ended, and print nothing any more. `tails` are the last bytes of the first output of each group,
    by task id. `gone_at` is when the output was removed, None while it is there.
    """

    groups: list[OutputGroup]
    total: int
    running: int
    unrun: int
    pending: int
    tails: dict[int, bytes]
    gone_at: int | None


class GroupsWanted(msgspec.Struct, frozen=True):
    """Say whose outputs are grouped, and how.

    `attempt` None means the latest, `batch` 0 every one. So many groups as `tails` come with the end of an output.
    """

    job_id: int
    step_id: int
    normal: Normal = Normal.EXACT
    attempt: int | None = None
    batch: int = 0
    tails: int = 100


async def output_groups(platform: Platform, caller: Caller, wanted: GroupsWanted) -> Grouped:
    """Group the hosts of a step by what they printed.

    Raises:
        JobNotFoundError, StepNotFoundError, ForbiddenError, UnsupportedOperationError: See `visible_step`.

    Source: docs/reference/output-groups.md.
    """
    job_id, normal = wanted.job_id, wanted.normal
    scope = await scope_of_job(platform, caller, job_id)
    async with platform.engine.db.begin() as tx:
        job, step, _ = await visible_step(tx, platform, caller, scope, job_id, wanted.step_id)
        attempt = step.attempt if wanted.attempt is None else wanted.attempt
        rows = await task_reads.list_of_attempt(tx, job_id, step.id, attempt)
        gone = bool(await without_place(tx, {job_id}, platform.engine.clock()))
    meant = [task for task in rows if wanted.batch in {0, task.batch}]
    over = [task for task in meant if task.status not in UNFINISHED_TASK]
    hashes = {} if gone else await _hashes(platform, step, over, normal)
    known = [task for task in over if gone or not _has_output(step, task) or task.log_task_id in hashes]
    groups = group(known, hashes)
    async with platform.engine.db.begin() as tx:
        ends = await _tails(tx, step, groups[: wanted.tails], hashes)
    removed = accepted_day_ms(job_id) + platform.output_days * DAY_MS
    left = len(meant) - len(over)
    return Grouped(
        groups=groups,
        total=len(meant),
        running=0 if job.finished else left,
        unrun=left if job.finished else 0,
        pending=len(over) - len(known),
        tails=ends,
        gone_at=removed if gone else None,
    )


def _has_output(step: Step, task: Task) -> bool:
    return task.output_bytes > 0 and step.type is not StepType.FILE


async def _tails(
    tx: Transaction, step: Step, groups: Sequence[OutputGroup], hashes: Mapping[int, bytes]
) -> dict[int, bytes]:
    samples = [one.tasks[0].log_task_id for one in groups if one.tasks[0].log_task_id in hashes]
    return await output_index.read_tails(tx, step.job_id, samples) if samples else {}


async def _hashes(platform: Platform, step: Step, over: Sequence[Task], normal: Normal) -> dict[int, bytes]:
    """Return the hashes of outputs by the id of the task that they belong to; hash some of those that have none."""
    with_output = {task.log_task_id: task for task in over if _has_output(step, task)}
    sizes = {task_id: task.output_bytes for task_id, task in with_output.items()}
    async with platform.engine.db.begin() as tx:
        found = await output_hashes.read(tx, step.job_id, normal, sizes)
    missing = [task for task_id, task in with_output.items() if task_id not in found]
    deadline, printer = time.monotonic() + CATCH_UP_S, Printer()
    for first in range(0, len(missing), SHARE):
        if time.monotonic() > deadline:
            break
        made = await _catch_up(platform, printer, missing[first : first + SHARE], deadline)
        found |= {task_id: prints.of(normal) for task_id, prints in made.items()}
    return found


async def _catch_up(platform: Platform, printer: Printer, share: Sequence[Task], deadline: float) -> dict[int, Prints]:
    """Hash outputs that have no hash yet, and keep the hashes: one of these queries pays, the next ones do not."""
    made: dict[int, Prints] = {}
    async with platform.engine.db.begin() as tx:
        job_id = share[0].job_id
        small = [task.log_task_id for task in share if task.output_bytes <= SMALL_BYTES]
        whole = await outputs.read(tx, job_id, small)
        for task in share:
            if made and time.monotonic() > deadline:
                break
            chunks = whole.get(task.log_task_id)
            data = b"".join(one.data for one in chunks) if chunks else await _compared(tx, task)
            own = [text.encode() for text in (task.target.ip, task.target.ipv6) if text]
            made[task.log_task_id] = await asyncio.to_thread(printer.prints, data, own)
        sizes = {task.log_task_id: task.output_bytes for task in share}
        await output_hashes.store(tx, {(job_id, task_id): (sizes[task_id], prints) for task_id, prints in made.items()})
    return made


async def _compared(tx: Transaction, task: Task) -> bytes:
    """Return what of an output is compared."""
    places = await output_index.list_places(tx, task.job_id, task.log_task_id)
    size = sum(place.size_bytes for place in places)
    if size <= COMPARED_BYTES:
        chosen = places
    else:
        half = COMPARED_BYTES // 2
        chosen = [one for one in places if one.offset < half or one.offset + one.size_bytes > size - half]
    parts = []
    for first in range(0, len(chosen), PORTION):
        offsets = [one.offset for one in chosen[first : first + PORTION]]
        parts += await output_index.read_parts(tx, task.job_id, task.log_task_id, offsets)
    return compared(b"".join(part.data for part in parts), size)
