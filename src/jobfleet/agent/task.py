"""One task as the agent sees it: what its files say, put into the words of a report."""

import shutil
import time

from jobfleet.agent import kill
from jobfleet.agent.cgroup import Cgroup
from jobfleet.agent.files import Begun, Ended, Entry, TaskFiles, now_ms, place_for_others
from jobfleet.agent.output import OutputReader
from jobfleet.model.order import Chunk, TaskResult, TaskStarted
from jobfleet.model.outcome import ErrorCode, Outcome

_NEVER_STARTED = frozenset({ErrorCode.CANNOT_START, ErrorCode.ACCOUNT_MISSING})
_KILL_STEP_S = 0.02


class DiskTask:
    """A task in the journal that the server has not stored to its end."""

    def __init__(self, files: TaskFiles, entry: Entry) -> None:
        self.files = files
        self.entry = entry
        self.task_id = entry.order.task_id
        self.job_id = entry.order.job_id
        self.begun: Begun | None = None
        self.ended: Ended | None = None
        self._output = OutputReader(files.output)
        self.refresh()

    def refresh(self) -> None:
        """Read again what the runner wrote."""
        self.begun = self.begun or self.files.begun()
        self.ended = self.ended or self.files.ended()

    def started(self) -> TaskStarted | None:
        """Return when the script started, or None when it did not."""
        self.refresh()
        if self.begun is None or (self.ended is not None and self.ended.error_code in _NEVER_STARTED):
            return None
        return TaskStarted(task_id=self.task_id, job_id=self.job_id, started_at=self.begun.started_at)

    def chunk(self, offset: int, limit: int) -> Chunk | None:
        """Return output from a byte offset on, about `limit` bytes on the wire, or None when there is none."""
        segments = self._output.read(offset, limit)
        if not segments:
            return None
        return Chunk(task_id=self.task_id, job_id=self.job_id, offset=offset, segments=segments)

    def result(self) -> TaskResult | None:
        """Return how the task ended, or None while it has not."""
        if self.ended is None:
            return None
        return TaskResult(
            task_id=self.task_id,
            job_id=self.job_id,
            outcome=self.ended.outcome,
            exit_code=self.ended.exit_code,
            error_code=self.ended.error_code,
            started_at=self.ended.started_at,
            ended_at=self.ended.ended_at,
            output_bytes=self.ended.output_bytes,
            tag=self.ended.tag,
            message=self.ended.message,
            survivors=self.ended.survivors,
            left=self.ended.left,
        )

    def is_lost(self, boot_id: str) -> bool:
        """Say whether the task began and nobody is left to write its end."""
        self.refresh()
        if self.ended is not None:
            return False
        if self.entry.boot_id != boot_id:
            return True
        if self.begun is None or self.files.is_running():
            return False
        self.refresh()  # the runner may have written the end just before it let go
        return self.ended is None

    def give_up(self, boot_id: str) -> None:
        """Write down truthfully that the end of the script is not known."""
        if self.entry.boot_id != boot_id:
            self._end(ErrorCode.HOST_REBOOTED, "the host rebooted while the script ran", [])
            return
        message = "the process that watched the script is gone and its exit code with it"
        if trouble := self.files.last_trouble():
            message += f" ({trouble})"
        if left := sorted(self._members()):
            message += f"; processes of the script still run: {', '.join(map(str, left))}"
        self._end(ErrorCode.RUNNER_LOST, message, [])

    def kill_leftovers(self) -> None:
        """Kill what a script left whose runner is gone, and write the receipt; blocks for a few seconds."""
        group = Cgroup(self.begun.cgroup if self.begun is not None else "")
        killing = kill.Killing(self._members, group.kill, _monotonic_ms())
        while not killing.step(_monotonic_ms()):
            time.sleep(_KILL_STEP_S)
        group.remove()
        self._end(ErrorCode.KILLED, "the script was killed on request", sorted(killing.survivors))

    def _members(self) -> set[int]:
        group = Cgroup(self.begun.cgroup if self.begun is not None else "")
        return kill.living(kill.marked(self.entry.key) | group.members())

    def _end(self, error_code: ErrorCode, message: str, survivors: list[int]) -> None:
        shutil.rmtree(place_for_others(self.entry.key), ignore_errors=True)
        now = now_ms()
        self.files.end(
            Ended(
                outcome=Outcome.FAILED,
                exit_code=None,
                error_code=error_code,
                started_at=self.begun.started_at if self.begun is not None else now,
                ended_at=now,
                output_bytes=self._output.size_bytes(),
                message=message,
                survivors=survivors,
            )
        )
        self.files.sync_ended()
        self.refresh()


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000
