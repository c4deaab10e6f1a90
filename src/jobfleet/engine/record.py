"""Store what agents report: starts, output, results and containers, many reports in one transaction."""

from collections.abc import Iterable, Sequence

import msgspec

from jobfleet.engine.context import Context
from jobfleet.engine.found_containers import store_containers
from jobfleet.engine.prints import store_prints, without_place
from jobfleet.engine.settle import apply_changes, remember
from jobfleet.engine.variables import store_left
from jobfleet.model.job_id import accepted_day_ms
from jobfleet.model.order import Chunk, Report, Segment, Stored, TaskResult, TaskStarted
from jobfleet.model.outcome import SAYS_TAG, status_of_script
from jobfleet.model.status import task_sources
from jobfleet.model.variable import acceptable
from jobfleet.store import outputs, tasks
from jobfleet.store.database import Transaction
from jobfleet.store.outputs import NewChunk
from jobfleet.store.tasks import Key, TaskChange, TaskState

MIN_TOTAL_MS = 100
"""A host's duration is shown as at least this long."""

WAIT_STATUS = 256
"""A raw exit code from here on is a wait status: the exit code times 256."""

CAP_SLACK_BYTES = 4_096
"""What an agent may send beyond the cap: the marker that says that output was cut."""


class Recorded(msgspec.Struct, frozen=True):
    """Say what to answer to each report, in order, and which jobs have something to decide.

    A report whose containers could not be stored gets no answer (None), so that its sender tells of them again.
    """

    answers: list[Stored | None]
    jobs: list[int]


async def record(ctx: Context, reports: Sequence[Report]) -> Recorded:
    """Store reports; each may have come before, in part or whole. Answer them only after this returns.

    What a report says of another host's tasks, or of a revoked host's, is not stored; its sender drops it.

    Source: docs/explanation/reports.md.
    """
    async with ctx.db.begin() as tx:
        states = await tasks.lock_states(tx, sorted({_key(entry) for report in reports for entry in entries(report)}))
        now = ctx.clock()
        batch = _Batch(states, ctx.output_cap_bytes, now)
        for report in reports:
            batch.take(report)
        await outputs.insert(tx, await _with_a_place(tx, batch.new_chunks, now), now)
        await store_prints(tx, batch.ended(), batch.new_chunks, now)
        if batch.grown:
            await tasks.set_output_bytes(tx, {key: batch.sizes[key] for key in sorted(batch.grown)})
        await _store_starts(tx, batch, now)
        await store_left(tx, ctx, states, batch.left)
        to_decide = await apply_changes(tx, states, list(batch.changes.values()), now, "agent")
    left = await store_containers(ctx, reports)  # last: one host's containers hold up nobody's results
    return Recorded(
        [None if one.containers is not None and one.host_id in left else batch.answer(one) for one in reports],
        to_decide,
    )


async def _with_a_place(tx: Transaction, chunks: list[NewChunk], now: int) -> list[NewChunk]:
    """Leave out the output of jobs whose span of output is dropped: retried after long, or running for very long."""
    gone = await without_place(tx, {chunk.job_id for chunk in chunks}, now)
    return [chunk for chunk in chunks if chunk.job_id not in gone]


async def _store_starts(tx: Transaction, batch: "_Batch", now: int) -> None:
    started = [
        # Deadlines count from the start: a host whose clock is ahead must not put them off.
        (entry.job_id, entry.task_id, min(entry.started_at, now))
        for key, entry in batch.started.items()
        if key not in batch.changes
    ]
    if started:
        await remember(tx, await tasks.set_started(tx, started), now, "agent")


class _Batch:
    """Work out what reports change, given what is stored of their tasks."""

    def __init__(self, states: dict[Key, TaskState], cap_bytes: int, now: int) -> None:
        self._states = states
        self._now = now
        self._cap_bytes = cap_bytes + CAP_SLACK_BYTES
        self.sizes = {key: state.output_bytes for key, state in states.items()}
        self.grown: set[Key] = set()
        self.new_chunks: list[NewChunk] = []
        self.started: dict[Key, TaskStarted] = {}
        self.changes: dict[Key, TaskChange] = {}
        self.left: dict[Key, dict[str, str]] = {}
        self._stored_results: set[Key] = set()

    def take(self, report: Report) -> None:
        """Add what a report says of its own host's tasks."""
        self.started |= {_key(entry): entry for entry in report.started if self._owned(report, entry)}
        for chunk in report.chunks:
            if self._owned(report, chunk):
                self._take_chunk(chunk)
        for result in report.results:
            if self._owned(report, result):
                self._take_result(result)

    def answer(self, report: Report) -> Stored:
        """Return what the sender of a report may rely on after the commit."""
        mine = [entry for entry in entries(report) if self._owned(report, entry)]
        return Stored(
            output={entry.task_id: self.sizes[_key(entry)] for entry in mine},
            results=[entry.task_id for entry in report.results if _key(entry) in self._stored_results],
            gone=sorted({entry.task_id for entry in entries(report)} - {entry.task_id for entry in mine}),
        )

    def ended(self) -> dict[Key, TaskState]:
        """Return the tasks that end now, as they were, with the sizes that their outputs have now."""
        return {
            key: msgspec.structs.replace(self._states[key], output_bytes=self.sizes[key])
            for key, change in self.changes.items()
            if self._states[key].status in task_sources(change.status)
        }

    def _owned(self, report: Report, entry: "Entry") -> bool:
        state = self._states.get(_key(entry))
        return state is not None and state.host_id == report.host_id and not state.host_revoked

    def _take_chunk(self, chunk: Chunk) -> None:
        key, stored = _key(chunk), self.sizes[_key(chunk)]
        fresh = unseen(chunk, stored)
        if not fresh:
            return
        size = stored + sum(len(segment.data) for segment in fresh)
        if size <= self._cap_bytes:
            self.new_chunks.append(NewChunk(chunk.job_id, chunk.task_id, stored, fresh))
        self.sizes[key] = size
        self.grown.add(key)

    def _take_result(self, result: TaskResult) -> None:
        if self.sizes[_key(result)] >= result.output_bytes:
            self.changes[_key(result)] = self._with_left(change_of(result, self._now), result)
            self._stored_results.add(_key(result))

    def _with_left(self, change: TaskChange, result: TaskResult) -> TaskChange:
        """Note what a task left that ends now; return its change, which says what of it is not kept."""
        key = _key(result)
        if not result.left or self._states[key].status not in task_sources(change.status):
            return change
        self.left[key], trouble = acceptable(result.left)
        return msgspec.structs.replace(change, message="; ".join(part for part in (change.message, *trouble) if part))


Entry = TaskStarted | Chunk | TaskResult


def unseen(chunk: Chunk, stored: int) -> list[Segment]:
    """Return what of a chunk lies beyond the stored bytes; nothing when there would be a gap."""
    if chunk.offset > stored:
        return []
    skip = stored - chunk.offset
    fresh = []
    for segment in chunk.segments:
        rest = segment.data[skip:]
        skip = max(0, skip - len(segment.data))
        if rest:
            fresh.append(Segment(segment.stream, segment.at, rest))
    return fresh


def change_of(result: TaskResult, now: int) -> TaskChange:
    """Return what a task becomes by its result, which comes at `now`: nothing began, ended or took longer than that.

    Source: docs/reference/status-codes.md, «From an agent's word to a status».
    """
    exit_code = result.exit_code
    if exit_code is not None and exit_code >= WAIT_STATUS:
        exit_code //= WAIT_STATUS
    status = status_of_script(result.outcome, exit_code, result.error_code, survivors=bool(result.survivors))
    return TaskChange(
        job_id=result.job_id,
        id=result.task_id,
        status=status,
        tag=result.tag.replace("\0", "") if status in SAYS_TAG else "",
        exit_code=exit_code,
        error_code=result.error_code,
        started_at=min(result.started_at, now),
        ended_at=min(result.ended_at, now),
        total_ms=_total_ms(result, now),
        message=result.message.replace("\0", ""),
        survivors=tuple(result.survivors),
    )


def _total_ms(result: TaskResult, now: int) -> int:
    """Return how long a task took by its host's own clock, which may be wrong, but not since before its job was."""
    most = max(MIN_TOTAL_MS, now - accepted_day_ms(result.job_id))
    return min(most, max(MIN_TOTAL_MS, result.ended_at - result.started_at))


def entries(report: Report) -> Iterable[Entry]:
    """Return everything that a report says, in the order in which it is stored."""
    return (*report.started, *report.chunks, *report.results)


def _key(entry: Entry) -> Key:
    return entry.job_id, entry.task_id
