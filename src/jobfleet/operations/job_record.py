"""Read what a job was told to do, what people and the engine did with it, and when its parts ran."""

from collections.abc import Sequence

import msgspec

from jobfleet.model.caller import Caller
from jobfleet.model.event import Event
from jobfleet.model.job import Job, Step
from jobfleet.model.scope import Scope
from jobfleet.operations.platform import Platform
from jobfleet.operations.query import visible_job
from jobfleet.operations.step_detail import Told, told_of
from jobfleet.store import events, jobs, spans
from jobfleet.store.spans import Span

MAX_EVENTS = 2_000
"""The latest events that are told; a job of 500 batches with many retries has more than anybody reads."""


class Definition(msgspec.Struct, frozen=True):
    """Hold what each step of a job was told to do, in order."""

    job: Job
    steps: Sequence[tuple[Step, Told]]


class Happened(msgspec.Struct, frozen=True):
    """Hold what happened to a job and its steps, in order; `cut` when there was more before."""

    events: Sequence[Event]
    cut: bool


async def definition(platform: Platform, caller: Caller, scope: Scope, job_id: int) -> Definition:
    """Return what the steps of a job were told to do, without their hosts.

    Raises:
        ScopeNotFoundError, ForbiddenError, JobNotFoundError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        job, _ = await visible_job(tx, platform, caller, scope, job_id)
        steps = await jobs.list_steps(tx, job_id)
        return Definition(job, [(step, await told_of(tx, platform, step)) for step in steps])


async def happened(platform: Platform, caller: Caller, scope: Scope, job_id: int) -> Happened:
    """Return what happened to a job and to its steps; what happened to hosts is theirs to tell.

    Raises:
        ScopeNotFoundError, ForbiddenError, JobNotFoundError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        await visible_job(tx, platform, caller, scope, job_id)
        found = await events.list_of_steps(tx, job_id, MAX_EVENTS + 1)
    return Happened(found[-MAX_EVENTS:], len(found) > MAX_EVENTS)


async def times(platform: Platform, caller: Caller, scope: Scope, job_id: int) -> list[Span]:
    """Return when the batches of each step ran, attempt by attempt.

    Raises:
        ScopeNotFoundError, ForbiddenError, JobNotFoundError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        await visible_job(tx, platform, caller, scope, job_id)
        return await spans.list_of_job(tx, job_id)
