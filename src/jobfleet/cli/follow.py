"""Follow a job to its end, and what Ctrl-C means on the way."""

import time
from collections.abc import Sequence

from jobfleet.cli import exits
from jobfleet.cli.http import Api, CommandError
from jobfleet.cli.interrupts import Interrupts
from jobfleet.cli.output import say
from jobfleet.cli.sinks import Sink
from jobfleet.cli.wire import Done, Followed, JobAnswer

WAIT_S = 10.0
"""How long the server keeps a question when there is nothing new."""

SECOND_CHANCE_S = 3.0
"""How long after the first Ctrl-C a second one stops the job."""

PATIENCE_S = 60.0
"""How long a server that is away is asked again; the job goes on without us."""

_RETRY_S = 0.5


class LeftError(CommandError):
    """End a command whose job goes on."""

    def __init__(self, job_id: int) -> None:
        text = f"left job {job_id}, which goes on: `jobfleet job follow {job_id}`, `jobfleet job stop {job_id}`"
        super().__init__(text, exits.UNKNOWN)


class Follower:
    """Ask for news of one job and hand it on, until the job is over."""

    def __init__(self, api: Api, job_id: int, sinks: Sequence[Sink]) -> None:
        self._api = api
        self._job_id = job_id
        self._sinks = sinks
        self._version = ""
        self._seen: dict[int, int] = {}
        self._leave_at: float | None = None
        self._is_stopping = False

    def follow(self) -> JobAnswer:
        """Return the job when it is over.

        Raises:
            LeftError: Ctrl-C was pressed, and the job goes on.
            CommandError: The server refused, or was away for too long.
        """
        try:
            with Interrupts() as interrupts:
                while not self._is_over(interrupts):
                    self._heed(interrupts)
        finally:
            for sink in self._sinks:
                sink.close()
        return self._api.get(f"/api/v1/jobs/{self._job_id}", JobAnswer, tasks=True)

    def _is_over(self, interrupts: Interrupts) -> bool:
        news = interrupts.wait_for(self._patiently_ask)
        if news is None:
            return False
        for sink in self._sinks:
            sink.take(news)
        self._version = news.version
        self._seen |= {chunk.task_id: chunk.end for chunk in news.chunks}
        return news.job.finished and not news.chunks

    def _patiently_ask(self) -> Followed:
        """Ask for news; a server that is away for a moment is asked again."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return self._ask()
            except CommandError as error:
                if error.exit_code != exits.UNREACHABLE or time.monotonic() > deadline:
                    raise
            time.sleep(_RETRY_S)

    def _ask(self) -> Followed:
        left = WAIT_S if self._leave_at is None else max(0.0, min(WAIT_S, self._leave_at - time.monotonic()))
        body = {"version": self._version, "seen": self._seen, "wait_s": left}
        return self._api.post(f"/api/v1/jobs/{self._job_id}/output", Followed, body)

    def _heed(self, interrupts: Interrupts) -> None:
        match interrupts.count:
            case 0:
                return
            case 1:
                self._warn()
            case 2:
                self._stop()
            case _:
                raise LeftError(self._job_id)

    def _warn(self) -> None:
        if self._leave_at is None:
            self._leave_at = time.monotonic() + SECOND_CHANCE_S
            say("")
            say(f"job {self._job_id} goes on; Ctrl-C again within {SECOND_CHANCE_S:.0f} s stops it on all hosts")
        elif time.monotonic() >= self._leave_at:
            raise LeftError(self._job_id)

    def _stop(self) -> None:
        if not self._is_stopping:
            self._is_stopping, self._leave_at = True, None
            say("")
            say(f"stopping job {self._job_id}; Ctrl-C again leaves it")
            self._api.post(f"/api/v1/jobs/{self._job_id}/operate", Done, {"operation": "stop"})
