"""Open what one host printed, for reading by lines, searching and downloading."""

from bisect import bisect_left
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import accumulate, islice

import msgspec

from jobfleet.model import job_id as job_ids
from jobfleet.model.caller import Caller
from jobfleet.model.job import Job, Step, StepType, Task
from jobfleet.model.job_errors import StepNotFoundError
from jobfleet.model.job_id import DAY_MS
from jobfleet.model.log_line import MAX_LINE_BYTES, Line, Run, lines_of
from jobfleet.model.scope import KnownScope
from jobfleet.model.status import SUCCEEDED_TASK, UNFINISHED_TASK
from jobfleet.operations.file_logs import read_received
from jobfleet.operations.log_text import reason_of
from jobfleet.operations.platform import Platform
from jobfleet.operations.query import visible_step
from jobfleet.operations.watch import scope_of_job
from jobfleet.store import output_index, task_reads
from jobfleet.store.database import Transaction
from jobfleet.store.output_index import Part, Place

MAX_READ_BYTES = 8 * 2**20
"""So much of an output is looked at for one answer; it has fewer lines than asked for when that is not enough."""

PORTION = 16
"""Chunks that are read at once."""

CUT_MARK = b"[jobfleet: output cut at "


class LogKey(msgspec.Struct, frozen=True):
    """Name a host's log: that of a task of a step."""

    job_id: int
    step_id: int
    task_id: int


class Log(msgspec.Struct, frozen=True):
    """Describe a host's log.

    `total_lines` counts the last line also without its end. `size_bytes` are stored; `dropped_bytes` came and were
    not kept, and `is_cut` says that the host itself kept no more. `gone_at` (epoch ms) is when the log was removed.
    `notice` is why there is none, from the record.
    """

    step: Step
    task: Task
    total_lines: int
    size_bytes: int
    dropped_bytes: int
    is_cut: bool
    finished: bool
    gone_at: int | None
    notice: str

    @property
    def failed(self) -> bool:
        """Tell whether the host ended otherwise than well."""
        return self.finished and self.task.status not in SUCCEEDED_TASK


class Window(msgspec.Struct, frozen=True):
    """Show lines of a log, from line `first` (counted from 1) on."""

    first: int
    lines: list[Line]


class LogReader:
    """Read a host's log inside one transaction.

    `text` is the log of a file step, None where it is made of what is stored at `places`.
    """

    def __init__(self, tx: Transaction, task: Task, places: Sequence[Place], text: bytes | None) -> None:
        self._tx = tx
        self._task = task
        self.text = text
        self.places = [Place(0, len(text), text.count(b"\n"))] if text else list(places)
        self._ends = list(accumulate(place.newlines for place in self.places))

    @property
    def newlines(self) -> int:
        """Count the line ends."""
        return self._ends[-1] if self._ends else 0

    async def read(self, places: Sequence[Place]) -> list[Part]:
        """Return the parts at some places."""
        if self.text is not None:
            return [Part(0, self.text, [(1, 0, len(self.text))])] if places else []
        offsets = [place.offset for place in places]
        return await output_index.read_parts(self._tx, self._task.job_id, self._task.log_task_id, offsets)

    async def last_bytes(self) -> bytes:
        """Return the last part, or nothing."""
        parts = await self.read(self.places[-1:])
        return parts[-1].data if parts else b""

    async def window(self, first: int, count: int, total: int) -> Window:
        """Return up to `count` lines from line `first` on, of `total` in all."""
        first = max(1, total + first + 1 if first < 0 else first)
        count = min(count, total - first + 1)
        if count <= 0:
            return Window(first, [])
        begin = bisect_left(self._ends, first - 1) if first > 1 else 0
        skip = first - 1 - (self._ends[begin - 1] if begin else 0)
        end = min(bisect_left(self._ends, first + count - 1), len(self.places) - 1)
        chosen, whole = _choose(self.places[begin : end + 1])
        reaches_end = whole and end == len(self.places) - 1
        complete = sum(place.newlines for place, _ in chosen) - skip
        runs = _runs({part.offset: part for part in await self.read([p for p, gap in chosen if not gap])}, chosen)
        return Window(first, list(islice(lines_of(runs, skip), count if reaches_end else min(count, complete))))


def _choose(places: Sequence[Place]) -> tuple[list[tuple[Place, bool]], bool]:
    """Return what to read, with places that no line shows marked as gaps, and whether that is all."""
    chosen: list[tuple[Place, bool]] = []
    in_line = read = 0
    for place in places:
        if read > MAX_READ_BYTES:
            return chosen, False
        is_gap = place.newlines == 0 and in_line >= MAX_LINE_BYTES
        in_line = 0 if place.newlines else in_line + place.size_bytes
        read += 0 if is_gap else place.size_bytes
        chosen.append((place, is_gap))
    return chosen, True


def _runs(parts: dict[int, Part], chosen: Sequence[tuple[Place, bool]]) -> Iterator[Run]:
    for place, is_gap in chosen:
        if is_gap:
            yield Run(1, 0, b"", place.size_bytes)
            continue
        part, at = parts[place.offset], 0
        for stream, ms, size in part.marks:
            yield Run(stream, ms, part.data[at : at + size])
            at += size


async def find_task(
    tx: Transaction, platform: Platform, caller: Caller, key: LogKey
) -> tuple[Job, Step, list[Task], Task, KnownScope]:
    """Return a job, its step, the tasks of all attempts on a task's target, the task itself, and the scope.

    Raises:
        JobNotFoundError, StepNotFoundError, ForbiddenError: It is not there, or not for the caller.
    """
    scope = await scope_of_job(platform, caller, key.job_id)
    job, step, info = await visible_step(tx, platform, caller, scope, key.job_id, key.step_id)
    attempts = await task_reads.list_of_target(tx, key.job_id, key.step_id, key.task_id)
    for task in attempts:
        if task.id == key.task_id:
            return job, step, attempts, task, info
    raise StepNotFoundError(key.step_id)


async def open_log(tx: Transaction, platform: Platform, caller: Caller, key: LogKey) -> tuple[Log, LogReader]:
    """Return a host's log and what reads it; that of a file step is text made of what the host told.

    Raises:
        JobNotFoundError, StepNotFoundError, ForbiddenError: It is not there, or not for the caller.

    Source: docs/reference/native-api.md, «Logs».
    """
    _, step, _, task, info = await find_task(tx, platform, caller, key)
    text = None
    if step.type is StepType.FILE:
        received = await read_received(tx, step, [task], info.time_zone or "")
        text = "".join(one.text for one in received[task.id]).encode()
    return await describe(tx, platform, step, task, text)


async def describe(
    tx: Transaction, platform: Platform, step: Step, task: Task, text: bytes | None
) -> tuple[Log, LogReader]:
    """Return the log of a task that the caller may see; `text` stands in place of what is stored."""
    places = [] if text is not None else await output_index.list_places(tx, task.job_id, task.log_task_id)
    reader = LogReader(tx, task, places, text)
    last = await reader.last_bytes()
    size = sum(place.size_bytes for place in reader.places)
    removed = job_ids.accepted_day_ms(task.job_id) + platform.output_days * DAY_MS
    is_gone = text is None and size == 0 and task.output_bytes > 0
    log = Log(
        step=step,
        task=task,
        total_lines=reader.newlines + (1 if last and not last.endswith(b"\n") else 0),
        size_bytes=size,
        dropped_bytes=0 if text is not None or is_gone else max(0, task.output_bytes - size),
        is_cut=CUT_MARK in last[-100:],
        finished=task.status not in UNFINISHED_TASK,
        gone_at=removed if is_gone and platform.engine.clock() > removed else None,
        notice=task.message or reason_of(task),
    )
    return log, reader


async def all_bytes(platform: Platform, log: Log, reader: LogReader) -> AsyncIterator[bytes]:
    """Yield the bytes of a log in portions, after the transaction in which it was opened."""
    if reader.text is not None:
        yield reader.text
        return
    async for portion in stored_bytes(platform, log.task, [place.offset for place in reader.places]):
        yield portion


async def stored_bytes(platform: Platform, task: Task, offsets: Sequence[int]) -> AsyncIterator[bytes]:
    """Yield the chunks of a task's output that begin at these offsets, in portions.

    Each portion is read in a transaction of its own: whoever takes long over one must not hold a connection.
    """
    for first in range(0, len(offsets), PORTION):
        async with platform.engine.db.begin() as tx:
            found = await output_index.read_parts(tx, task.job_id, task.log_task_id, offsets[first : first + PORTION])
        yield b"".join(part.data for part in found)


async def read_window(
    platform: Platform, caller: Caller, key: LogKey, first: int, count: int
) -> tuple[Log, list[Window]]:
    """Return a log and lines of it: `count` from line `first` on, counted from 1, or from the end when negative.

    Raises:
        JobNotFoundError, StepNotFoundError, ForbiddenError: It is not there, or not for the caller.
    """
    async with platform.engine.db.begin() as tx:
        log, reader = await open_log(tx, platform, caller, key)
        return log, [await reader.window(first, count, log.total_lines)]


async def read_numbers(
    platform: Platform, caller: Caller, key: LogKey, numbers: Sequence[int]
) -> tuple[Log, list[Window]]:
    """Return a log and the lines with these numbers, which are in order.

    Raises:
        JobNotFoundError, StepNotFoundError, ForbiddenError: It is not there, or not for the caller.
    """
    async with platform.engine.db.begin() as tx:
        log, reader = await open_log(tx, platform, caller, key)
        return log, [await reader.window(first, count, log.total_lines) for first, count in _ranges(numbers)]


def _ranges(numbers: Sequence[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == sum(found[-1]):
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((number, 1))
    return found
