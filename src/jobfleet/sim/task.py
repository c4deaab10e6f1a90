"""One simulated task from its order to the moment the server has stored its result."""

from jobfleet.model.order import (
    MAX_CHUNK_BYTES,
    STDOUT,
    Chunk,
    Report,
    ScriptOrder,
    Segment,
    Stored,
    TaskResult,
    TaskStarted,
)
from jobfleet.model.outcome import ErrorCode, Outcome
from jobfleet.sim.behaviour import Fate, Profile, output, output_size

KILLED_EXIT_CODE = 137
"""What a shell reports for a process that ended by SIGKILL."""


class Task:
    """What an agent's journal has of one task: how far it is, what it printed, what of it is stored.

    Args:
        fate: How the script will end when nobody stops it.
    """

    def __init__(self, host_id: int, order: ScriptOrder, fate: Fate, started_at: int) -> None:
        self.order = order
        self.fate = fate
        self.result: TaskResult | None = None
        self._host_id = host_id
        self._started_at = started_at
        self.stored_bytes = 0

    @property
    def duration_ms(self) -> float:
        """Return how long the script runs, its time limit included."""
        return min(self.fate.latency_ms, self.order.timeout_s * 1000)

    def end(self, printed_bytes: int, now: int) -> None:
        """Let the script end as its fate says, or by its time limit."""
        if self.fate.latency_ms > self.order.timeout_s * 1000:
            self._end(Outcome.TIMED_OUT, KILLED_EXIT_CODE, ErrorCode.OK, printed_bytes, now)
        else:
            outcome = Outcome.FAILED if self.fate.exit_code else Outcome.SUCCEEDED
            self._end(outcome, self.fate.exit_code, ErrorCode.OK, printed_bytes, now)

    def kill(self, now: int) -> bool:
        """End the script by force and say so; one that has ended keeps its own result."""
        if self.result is not None:
            return False
        self._end(Outcome.FAILED, KILLED_EXIT_CODE, ErrorCode.KILLED, 0, now)
        return True

    def started_report(self) -> Report:
        """Return the report that the script runs."""
        started = TaskStarted(self.order.task_id, self.order.job_id, self._started_at)
        return Report(host_id=self._host_id, started=[started])

    def next_report(self, profile: Profile, ip: str) -> Report:
        """Return the next stretch of output, with the result when it is the last."""
        assert self.result is not None
        end = min(self.result.output_bytes, self.stored_bytes + MAX_CHUNK_BYTES)
        data = output(profile, ip, self.stored_bytes, end)
        segments = [Segment(STDOUT, self.result.ended_at, data)]
        chunk = Chunk(self.order.task_id, self.order.job_id, self.stored_bytes, segments)
        return Report(
            host_id=self._host_id,
            started=[TaskStarted(self.order.task_id, self.order.job_id, self._started_at)],
            chunks=[chunk] if data else [],
            results=[self.result] if end == self.result.output_bytes else [],
        )

    def is_stored(self, answer: Stored) -> bool:
        """Take the server's answer; say whether it needs nothing more of this task."""
        task_id = self.order.task_id
        self.stored_bytes = answer.output.get(task_id, self.stored_bytes)
        return task_id in answer.results or task_id in answer.gone

    def _end(self, outcome: Outcome, exit_code: int, error_code: ErrorCode, printed_bytes: int, now: int) -> None:
        self.result = TaskResult(
            task_id=self.order.task_id,
            job_id=self.order.job_id,
            outcome=outcome,
            exit_code=exit_code,
            error_code=error_code,
            started_at=self._started_at,
            ended_at=now,
            output_bytes=printed_bytes,
        )


def printed_bytes(profile: Profile, ip: str, order: ScriptOrder) -> int:
    """Return how much of a script's output is kept: what it prints, up to the order's cap."""
    return min(output_size(profile, ip), order.output_cap_bytes)
