"""Tell the server what became of tasks, and tell it again until it says that it is stored.

Nothing here knows of files or processes: what is reported comes from a `Source`. A simulated agent uses the
same reporter with tasks that exist in memory only.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec

from jobfleet.model.order import MAX_CHUNK_BYTES, Chunk, Report, Stored, TaskResult, TaskStarted

FIRST_REPORT_S = 0.1
"""How long the first report of a task waits, so that a quick script costs one report."""

OUTPUT_INTERVAL_S = 0.2
"""Least time between two reports of a running script's output."""

FIRST_RETRY_S = 2.0
LAST_RETRY_S = 30.0
SOON_AGAIN = 2
"""How often a report is sent again after FIRST_RETRY_S, before the waits grow: one of several servers may hang."""

REPORT_BUDGET_BYTES = 512 * 1024
"""What a report is filled up to; with what its last task adds, it stays below the MiB that the broker takes."""

SOON_S = 0.02
"""What is due this soon goes along with what is due now."""

REPORT_TASKS = 200
"""Most tasks in one report."""

Ask = Callable[[bytes, float], Awaitable[bytes]]
"""Send a report and return the answer; raises an OSError (TimeoutError, …) when there is none in time."""

log = logging.getLogger(__name__)
_encoder = msgspec.msgpack.Encoder()
_stored = msgspec.msgpack.Decoder(Stored)


class Source(Protocol):
    """Where the news of one task comes from."""

    task_id: int

    def started(self) -> TaskStarted | None:
        """Return when the script started, or None while it has not."""

    def chunk(self, offset: int, limit: int) -> Chunk | None:
        """Return output from a byte offset on, about `limit` bytes on the wire, or None when there is none."""

    def result(self) -> TaskResult | None:
        """Return how the task ended, or None while it has not."""


class _Line:
    """How far the server knows one task."""

    def __init__(self, source: Source, due: float) -> None:
        self.source = source
        self.due: float | None = due
        self.is_started_stored = False
        self.offset = 0
        self.tries = 0
        self.next_output_at = due
        self.in_flight = False
        self.touched = False


class _Draft:
    """A report being put together."""

    def __init__(self) -> None:
        self.lines: list[_Line] = []
        self.started: list[TaskStarted] = []
        self.chunks: list[Chunk] = []
        self.results: list[TaskResult] = []
        self.size_bytes = 0

    @property
    def is_full(self) -> bool:
        return self.size_bytes >= REPORT_BUDGET_BYTES - MAX_CHUNK_BYTES or len(self.lines) >= REPORT_TASKS

    def add(self, line: _Line) -> bool:
        """Add a task's news; return False when there are none."""
        before = len(self.started) + len(self.chunks) + len(self.results)
        source = line.source
        if not line.is_started_stored and (started := source.started()) is not None:
            self.started.append(started)
        result = source.result()
        chunk = source.chunk(line.offset, MAX_CHUNK_BYTES)
        if chunk is not None:
            self.chunks.append(chunk)
            self.size_bytes += chunk.wire_bytes
        reached = line.offset + (chunk.size_bytes if chunk is not None else 0)
        if result is not None and (chunk is None or reached >= result.output_bytes):
            self.results.append(result)
            self.size_bytes += len(_encoder.encode(result))
        if before == len(self.started) + len(self.chunks) + len(self.results):
            return False
        self.lines.append(line)
        return True


class Reporter:
    """Send the news of many tasks: few messages, one in flight a task, again until stored."""

    def __init__(self, host_id: int, ask: Ask, on_done: Callable[[int], None]) -> None:
        """Report through `ask`; call `on_done` with a task's id when the server needs nothing more of it."""
        self._host_id = host_id
        self._ask = ask
        self._on_done = on_done
        self._lines: dict[int, _Line] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._sending: set[asyncio.Task[None]] = set()

    def add(self, source: Source, delay_s: float = FIRST_REPORT_S) -> None:
        """Begin to report a task, the first time after `delay_s`."""
        self._lines[source.task_id] = _Line(source, _now() + delay_s)
        self._arm()

    def touch(self, task_id: int, *, is_urgent: bool = False) -> None:
        """Say that there are news of a task: output, or (urgent) its end."""
        line = self._lines.get(task_id)
        if line is None:
            return
        line.touched = True
        if line.tries == 0 and not line.in_flight:
            wanted = _now() if is_urgent else max(_now(), line.next_output_at)
            line.due = wanted if line.due is None else min(line.due, wanted)
            self._arm()

    def start_over(self, task_id: int) -> None:
        """Report a task from its beginning again, because the server asked for it."""
        if (line := self._lines.get(task_id)) is not None:
            self.add(line.source, 0.0)

    def retry(self, within_s: float) -> None:
        """Send again within a time what was not answered, because the connection is back."""
        due = _now() + random.uniform(0.0, within_s)  # noqa: S311 — spreads load, hides nothing
        for line in self._lines.values():
            if line.tries:
                line.tries = 0
                line.due = due
        self._arm()

    async def close(self) -> None:
        """Stop sending; what is not stored is sent by the next agent."""
        if self._timer is not None:
            self._timer.cancel()
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    def _arm(self) -> None:
        due = [line.due for line in self._lines.values() if line.due is not None and not line.in_flight]
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(min(due), self._fire) if due else None

    def _fire(self) -> None:
        now = _now()
        ready = [
            line
            for line in self._lines.values()
            if line.due is not None and line.due <= now + SOON_S and not line.in_flight
        ]
        draft = _Draft()
        for line in ready:
            self._add(draft, line)
            if draft.is_full:
                self._send(draft)
                draft = _Draft()
        self._send(draft)
        self._arm()

    def _add(self, draft: _Draft, line: _Line) -> None:
        line.due = None
        line.touched = False
        try:
            draft.add(line)
        except OSError as error:
            log.warning("unreadable task=%d error=%s", line.source.task_id, error)
            self._put_off(line, _backoff_s(line.tries))

    def _send(self, draft: _Draft) -> None:
        if not draft.lines:
            return
        for line in draft.lines:
            line.in_flight = True
            line.next_output_at = _now() + OUTPUT_INTERVAL_S
        task = asyncio.get_running_loop().create_task(self._deliver(draft))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _deliver(self, draft: _Draft) -> None:
        report = Report(host_id=self._host_id, started=draft.started, chunks=draft.chunks, results=draft.results)
        wait_s = _backoff_s(max(line.tries for line in draft.lines))
        sent_at = _now()
        try:
            answer = _stored.decode(await self._ask(_encoder.encode(report), wait_s))
        except (OSError, msgspec.MsgspecError):
            for line in draft.lines:
                self._put_off(line, max(0.0, sent_at + wait_s - _now()))
        else:
            self._settle(draft, answer)
        self._arm()

    def _settle(self, draft: _Draft, answer: Stored) -> None:
        done = {*answer.results, *answer.gone}
        sent_results = {result.task_id for result in draft.results}
        for line in draft.lines:
            task_id = line.source.task_id
            if task_id in done:
                self._lines.pop(task_id, None)
                self._on_done(task_id)
                continue
            line.in_flight = False
            line.is_started_stored = True
            before, line.offset = line.offset, answer.output.get(task_id, line.offset)
            is_stuck = line.offset == before and (
                task_id in sent_results or any(chunk.task_id == task_id for chunk in draft.chunks)
            )
            if is_stuck:
                self._put_off(line, _backoff_s(line.tries))
            else:
                self._go_on(line)

    def _go_on(self, line: _Line) -> None:
        """Report what there is more of a task: at once when it has ended, in its time otherwise."""
        line.tries = 0
        if line.source.result() is not None:
            line.due = _now()
        elif line.touched or line.source.chunk(line.offset, 1) is not None:
            line.due = max(_now(), line.next_output_at)

    def _put_off(self, line: _Line, wait_s: float) -> None:
        line.in_flight = False
        line.tries += 1
        line.due = _now() + wait_s


def _backoff_s(tries: int) -> float:
    wait_s = min(LAST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(max(0, tries - SOON_AGAIN), 10))
    return wait_s * random.uniform(0.8, 1.2)  # noqa: S311 — spreads load, hides nothing


def _now() -> float:
    return asyncio.get_running_loop().time()
