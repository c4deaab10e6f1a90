"""Follow a job while it runs: how far it is, and the output that came since the last look."""

import asyncio
import time

import msgspec

from jobfleet.engine.batches import key_of
from jobfleet.model.caller import Action, Caller, allows
from jobfleet.model.host_counts import HostCounts, host_counts
from jobfleet.model.job import Job, Step, StepType
from jobfleet.model.job_errors import JobNotFoundError
from jobfleet.model.scope import Scope
from jobfleet.model.status import PASSED, RunStatus
from jobfleet.model.verdict import total
from jobfleet.operations.platform import Platform
from jobfleet.operations.query import visible_job
from jobfleet.store import attempts, jobs, outputs
from jobfleet.store.database import Transaction
from jobfleet.store.outputs import StoredChunk

LOOK_S = 0.05
"""Least time between two looks at the record for one who waits."""

SHARE = 10
"""Looking takes at most one part in so many of the time, however large the job is, ..."""

LATEST_S = 1.0
"""... but the next look is never later than this."""


class Progress(msgspec.Struct, frozen=True):
    """Show how far a job is: its steps, each with counters of its latest attempt."""

    job: Job
    steps: tuple[tuple[Step, HostCounts], ...]

    @property
    def version(self) -> str:
        """Return a text that changes whenever anything else here does."""
        parts: list[tuple[int, ...]] = [(int(self.job.status),)]
        for step, counted in self.steps:
            parts.append((step.id, int(step.status), step.attempt, *msgspec.structs.astuple(counted)))
        return ",".join(".".join(str(number) for number in part) for part in parts)


class Watched(msgspec.Struct, frozen=True):
    """Show a job's progress and output that was not seen yet.

    `read_steps` counts the first steps that are passed and of which there is nothing more to read.
    """

    progress: Progress
    chunks: list[StoredChunk]
    read_steps: int = 0

    @property
    def version(self) -> str:
        """Return what a follower sends back."""
        return f"{self.progress.version}|{self.read_steps}"


class Seen(msgspec.Struct, frozen=True):
    """Say what a follower has: the version of the progress, and the number of output bytes by task id."""

    version: str
    output: dict[int, int]

    @property
    def progress_version(self) -> str:
        """Return the version of the progress that the follower has."""
        return self.version.partition("|")[0]

    @property
    def read_steps(self) -> int:
        """Return how many steps there is nothing more to read of."""
        count = self.version.partition("|")[2]
        return int(count) if count.isdecimal() and len(count) < 10 else 0


async def scope_of_job(platform: Platform, caller: Caller, job_id: int) -> Scope:
    """Return the scope that a job belongs to.

    Raises:
        JobNotFoundError: There is no such job, or the caller may not access its scope; both look alike.
    """
    async with platform.engine.db.begin() as tx:
        job = await jobs.find(tx, job_id)
    if job is None or not allows(caller, Action.ACCESS_BUSINESS, job.scope.type, job.scope.id):
        raise JobNotFoundError(job_id)
    return job.scope


async def progress(platform: Platform, caller: Caller, scope: Scope, job_id: int) -> Progress:
    """Show how far a job is.

    Raises:
        ScopeNotFoundError, ForbiddenError, JobNotFoundError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        job, _ = await visible_job(tx, platform, caller, scope, job_id)
        return await _progress(tx, job)


async def watch(
    platform: Platform, caller: Caller, scope: Scope, job_id: int, seen: Seen, *, limit_bytes: int, wait_s: float
) -> Watched:
    """Return what is new about a job, as soon as anything is, or what is known after `wait_s` seconds.

    Nobody waits for news of a job that is over.

    Output is that of the first step of which not all was seen, oldest first, about `limit_bytes` at most.

    Raises:
        ScopeNotFoundError, ForbiddenError, JobNotFoundError: In this order.
    """
    deadline = time.monotonic() + wait_s
    while True:
        begun = time.monotonic()
        found = await _look(platform, caller, scope, job_id, seen, limit_bytes)
        now = time.monotonic()
        if (
            found.chunks
            or found.progress.job.finished
            or found.progress.version != seen.progress_version
            or now >= deadline
        ):
            return found
        pause = min(LATEST_S, max(LOOK_S, (now - begun) * SHARE))
        await asyncio.sleep(min(pause, deadline - now))


async def _look(platform: Platform, caller: Caller, scope: Scope, job_id: int, seen: Seen, limit_bytes: int) -> Watched:
    async with platform.engine.db.begin() as tx:
        job, _ = await visible_job(tx, platform, caller, scope, job_id)
        # Progress first: when it says that a job is over, all output that there will be is stored by then.
        found = await _progress(tx, job)
        chunks, read_steps = await _news(tx, found, seen, limit_bytes)
    return Watched(found, chunks, read_steps)


async def _news(tx: Transaction, found: Progress, seen: Seen, limit_bytes: int) -> tuple[list[StoredChunk], int]:
    """Return new output of the first step that has some, and how many steps before it are passed and read."""
    read_steps = seen.read_steps
    for step, _ in found.steps[read_steps:]:
        if step.status is RunStatus.PENDING:
            break
        chunks = await _output(tx, step, seen, limit_bytes)
        if chunks or step.status not in PASSED:
            return chunks, read_steps
        read_steps += 1
    return [], read_steps


async def _progress(tx: Transaction, job: Job) -> Progress:
    steps = await jobs.list_steps(tx, job.id)
    counted = await attempts.count_all(tx, [key_of(step) for step in steps])
    return Progress(job, tuple((step, host_counts(step.target_count, total(counted[key_of(step)]))) for step in steps))


async def _output(tx: Transaction, step: Step, seen: Seen, limit_bytes: int) -> list[StoredChunk]:
    """Return new output of a step; what hosts tell of files is in the logs, in words."""
    if step.type is StepType.FILE:
        return []
    return await outputs.read_since(tx, step.job_id, step.id, seen.output, limit_bytes)
