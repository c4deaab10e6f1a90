"""The agent's live tasks: accepted from orders, run by runners, watched through their files, reported."""

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from jobfleet.agent.files import now_ms
from jobfleet.agent.journal import Journal, Tombstone
from jobfleet.agent.reports import Reporter
from jobfleet.agent.runner import end_unstarted
from jobfleet.agent.spawner import Spawner
from jobfleet.agent.task import DiskTask
from jobfleet.model.order import RunOrder, ScriptOrder, WorkOrder
from jobfleet.model.outcome import ErrorCode

MAX_UNFINISHED = 512
"""Most tasks that one agent takes at a time; it answers `busy` to more."""

SWEEP_S = 1.0
ADOPTED_SWEEP_S = 0.2
"""How often tasks are looked at whose runner was started by an earlier agent and cannot give hints."""

_RELAUNCH_S = 10.0
_QUEUE_FULL_S = 0.05
_FORGET_S = 3600.0

Fetch = Callable[[Path, str], Coroutine[Any, Any, None]]
"""Put the content with this SHA-256 into a file; raises OSError or ValueError."""

log = logging.getLogger(__name__)


class Tasks:
    """What the journal holds and the server has not stored to its end."""

    def __init__(self, journal: Journal, spawner: Spawner, reporter: Reporter, fetch: Fetch) -> None:
        self._journal = journal
        self._spawner = spawner
        self._reporter = reporter
        self._fetch = fetch
        self._live: dict[int, DiskTask] = {}
        self._adopted: set[int] = set()
        self._settling: set[int] = set()
        self._launched_at: dict[int, float] = {}
        self._accepting: dict[int, asyncio.Task[str]] = {}
        self._fetching: dict[int, asyncio.Task[None]] = {}
        self._background: set[asyncio.Task[None]] = set()
        self._burying = asyncio.Lock()
        self._complained: set[int] = set()

    def recover(self) -> None:
        """Take up every task that an earlier agent left: report its end, watch it, or start it."""
        for files, entry in self._journal.open(now_ms()):
            task = DiskTask(files, entry)
            is_lost = task.is_lost(self._journal.boot_id)
            if is_lost:
                self._give_up_now(task)
            self._take(task, delay_s=0.0, may_run=not is_lost)
            if task.begun is not None and task.ended is None:
                self._adopted.add(task.task_id)

    def _give_up_now(self, task: DiskTask) -> None:
        try:
            task.give_up(self._journal.boot_id)
        except OSError as error:  # the next sweep tries again
            self._complain(task, error)

    def unfinished(self) -> list[int]:
        """Return the ids of the tasks that have not ended."""
        return [task.task_id for task in self._live.values() if task.ended is None]

    async def accept(self, order: WorkOrder) -> str:
        """Take a task on; return "" or why not. One that is known already is accepted without effect."""
        task_id = order.task_id
        if task_id in self._live or self._journal.tombstone(task_id) is not None:
            return ""
        if task_id not in self._accepting:
            if len(self.unfinished()) + len(self._accepting) >= MAX_UNFINISHED:
                return "busy"
            self._accepting[task_id] = asyncio.create_task(self._write_down(order))
        return await asyncio.shield(self._accepting[task_id])

    async def kill(self, task_ids: list[int]) -> list[int]:
        """Kill tasks; return those that are not known, which now never will run."""
        for task_id in task_ids:
            if (accepting := self._accepting.get(task_id)) is not None:
                await asyncio.shield(accepting)
            if (task := self._live.get(task_id)) is not None:
                self._kill(task)
        return await self._never_ran(task_ids)

    async def ask(self, task_ids: list[int]) -> list[int]:
        """Report tasks again; return those that are not known, which now never will run."""
        for task_id in task_ids:
            self._reporter.start_over(task_id)
        return await self._never_ran([task_id for task_id in task_ids if task_id not in self._accepting])

    def hear(self, hint: bytes) -> None:
        """Act on a runner's hint, «begun 7», «output 7» or «ended 7»."""
        what, _, number = hint.partition(b" ")
        task = self._live.get(int(number)) if number.isdigit() else None
        if task is None:
            return
        if what == b"ended":
            self._look(task)
        else:
            self._reporter.touch(task.task_id)

    def done(self, task_id: int) -> None:
        """Forget a task whose end the server has stored, or that it does not have any more."""
        self._adopted.discard(task_id)
        self._launched_at.pop(task_id, None)
        self._complained.discard(task_id)
        if self._live.pop(task_id, None) is not None:
            log.info("over task=%d", task_id)
            tombstone = self._journal.bury(task_id, now_ms(), ran=True)
            self._spawn(self._settle(tombstone))

    async def watch(self) -> None:
        """Look at all unfinished tasks for ever, so that no lost hint and no dead runner goes unseen."""
        forget_at = 0.0
        while True:
            await asyncio.sleep(ADOPTED_SWEEP_S if self._adopted else SWEEP_S)
            try:
                self._look_at_all()
                if unsettled := self._journal.unsettled():
                    await self._settle(*unsettled)
                if time.monotonic() >= forget_at:
                    forget_at = time.monotonic() + _FORGET_S
                    self._journal.forget_old(now_ms())
            except OSError as error:
                log.warning("sweep-failed error=%s", error)

    def _look_at_all(self) -> None:
        for task in [task for task in self._live.values() if task.ended is None]:
            try:
                self._look(task)
            except OSError as error:
                self._complain(task, error)

    def _complain(self, task: DiskTask, error: OSError) -> None:
        """Log once that the disk does not do what a task needs: it is tried again each second."""
        if task.task_id not in self._complained:
            self._complained.add(task.task_id)
            log.warning("disk-refuses task=%d error=%s", task.task_id, error)

    async def _settle(self, *tombstones: Tombstone) -> None:
        with contextlib.suppress(OSError):  # the next sweep tries again
            await asyncio.to_thread(self._journal.settle, *tombstones)

    async def close(self) -> None:
        """Stop watching; scripts and their runners go on."""
        for task in [*self._background, *self._accepting.values()]:
            task.cancel()
        await asyncio.gather(*self._background, *self._accepting.values(), return_exceptions=True)

    async def _write_down(self, order: WorkOrder) -> str:
        try:
            files, entry = await asyncio.to_thread(self._journal.accept, order, now_ms())
        except OSError as error:
            log.warning("journal-refused task=%d error=%s", order.task_id, error)
            return "disk"
        finally:
            del self._accepting[order.task_id]
        log.info("accepted task=%d job=%d", order.task_id, order.job_id)
        self._take(DiskTask(files, entry))
        return ""

    def _take(self, task: DiskTask, *, may_run: bool = True, **report: float) -> None:
        self._live[task.task_id] = task
        self._reporter.add(task, **report)
        if may_run and task.begun is None and task.ended is None:
            if lacking := _lacking(task):
                self._fetching[task.task_id] = self._spawn(self._fetch_and_launch(task, lacking))
            else:
                self._launch(task)

    def _launch(self, task: DiskTask) -> None:
        try:
            self._spawner.run(task.files)
        except BlockingIOError:
            asyncio.get_running_loop().call_later(_QUEUE_FULL_S, self._launch, task)
        except OSError as error:
            log.warning("spawner-gone task=%d error=%s", task.task_id, error)
        self._launched_at[task.task_id] = time.monotonic()

    async def _fetch_and_launch(self, task: DiskTask, lacking: dict[Path, str]) -> None:
        try:
            for path, content_hash in lacking.items():
                await self._fetch(path, content_hash)
        except (OSError, ValueError) as error:
            await self._refuse(task, f"cannot fetch the script: {error}", ErrorCode.CANNOT_START)
        else:
            self._launch(task)
        finally:
            del self._fetching[task.task_id]

    async def _refuse(self, task: DiskTask, message: str, error_code: ErrorCode) -> None:
        """Write down that a task never ran, as soon as the disk takes it and as long as anybody wants to know."""
        while task.ended is None and task.task_id in self._live:
            try:
                end_unstarted(task.files, message, error_code)
                task.refresh()
            except OSError as error:
                self._complain(task, error)
                await asyncio.sleep(SWEEP_S)
        self._look(task)

    def _look(self, task: DiskTask) -> None:
        if task.is_lost(self._journal.boot_id):
            self._settle_loss(task)
        elif task.ended is not None:
            self._adopted.discard(task.task_id)
            self._reporter.touch(task.task_id, is_urgent=True)
        elif task.begun is None:
            self._relaunch(task)
        elif task.task_id in self._adopted:
            self._reporter.touch(task.task_id)

    def _relaunch(self, task: DiskTask) -> None:
        launched_at = self._launched_at.get(task.task_id)
        if launched_at is not None and time.monotonic() - launched_at > _RELAUNCH_S:
            self._launch(task)

    def _settle_loss(self, task: DiskTask) -> None:
        if task.task_id not in self._settling:
            self._settling.add(task.task_id)
            asked = task.files.asked_to_kill()
            self._spawn(self._end(task, task.kill_leftovers if asked else self._give_up(task)))

    def _give_up(self, task: DiskTask) -> Callable[[], None]:
        return lambda: task.give_up(self._journal.boot_id)

    async def _end(self, task: DiskTask, settle: Callable[[], None]) -> None:
        try:
            await asyncio.to_thread(settle)
            self._look(task)
        except OSError as error:  # the next sweep tries again
            self._complain(task, error)
        finally:
            self._settling.discard(task.task_id)

    def _kill(self, task: DiskTask) -> None:
        task.refresh()
        if task.ended is not None:
            return
        task.files.ask_to_kill()
        task.refresh()
        if task.begun is None:
            self._kill_unstarted(task)
        elif task.files.is_running():
            with contextlib.suppress(ProcessLookupError):
                os.kill(task.begun.runner_pid, signal.SIGUSR1)
        else:
            self._settle_loss(task)

    def _kill_unstarted(self, task: DiskTask) -> None:
        # A launched one is refused by its runner, which sees the same word left in the files.
        if (fetching := self._fetching.get(task.task_id)) is not None:
            fetching.cancel()
            self._spawn(self._refuse(task, "killed before it started", ErrorCode.KILLED))

    async def _never_ran(self, task_ids: list[int]) -> list[int]:
        """Return the tasks that are not known. They never will run: that is on the disk before anybody is told."""
        async with self._burying:
            unknown = [task_id for task_id in task_ids if task_id not in self._live]
            new = [task_id for task_id in unknown if self._journal.tombstone(task_id) is None]
            refused = [stone for stone in self._journal.unsettled() if stone.task_id in unknown]
            stones = refused + [self._journal.bury(task_id, now_ms(), ran=False) for task_id in dict.fromkeys(new)]
            if stones:
                await asyncio.to_thread(self._journal.settle, *stones)
        return [task_id for task_id in unknown if self._is_never(task_id)]

    def _is_never(self, task_id: int) -> bool:
        tombstone = self._journal.tombstone(task_id)
        return tombstone is not None and not tombstone.ran

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task


def _lacking(task: DiskTask) -> dict[Path, str]:
    """Return the files that an order counts on and that must be fetched, with their SHA-256."""
    order, wanted = task.entry.order, dict[Path, str]()
    if isinstance(order, ScriptOrder) and order.content is None:
        wanted[task.files.content] = order.content_hash
    if isinstance(order, RunOrder) and order.variables_hash:
        wanted[task.files.variables] = order.variables_hash
    return {path: content_hash for path, content_hash in wanted.items() if not path.exists()}
