"""Find what was sent to agents by its step, and the step by what was sent."""

from jobfleet.model.caller import Action, Caller, allows
from jobfleet.model.channel_task import ChannelTask, parse
from jobfleet.model.errors import ForbiddenError, ScopeNotFoundError
from jobfleet.model.job import Job, Step, StepType
from jobfleet.model.job_errors import JobNotFoundError, StepNotFoundError
from jobfleet.operations.access import enter_scope
from jobfleet.operations.platform import Platform
from jobfleet.store import batches, jobs
from jobfleet.store.batches import StepKey
from jobfleet.store.database import Transaction


async def list_of_step(platform: Platform, caller: Caller, step_id: int) -> tuple[Job, list[ChannelTask]]:
    """Return what was sent of a step so far, oldest first, and the step's job.

    Raises:
        StepNotFoundError: There is no such step, or the caller may not see it, which looks the same.

    Source: docs/reference/service.md, «Tasks of the agent channel».
    """
    async with platform.engine.db.begin() as tx:
        step = await jobs.find_step_anywhere(tx, step_id)
        job = None if step is None else await _visible_job(tx, platform, caller, step.job_id)
        if step is None or job is None:
            raise StepNotFoundError(step_id)
        return job, await _sent(tx, step)


async def find(platform: Platform, caller: Caller, text: str) -> tuple[Job, ChannelTask]:
    """Return what a text names, and its job.

    Raises:
        JobNotFoundError: It names nothing that was ever sent, or nothing that the caller may see.

    Source: docs/reference/service.md, «Tasks of the agent channel».
    """
    named = parse(text)
    if named is None:
        raise JobNotFoundError(text)
    async with platform.engine.db.begin() as tx:
        step = await jobs.find_step(tx, named.job_id, named.step_id)
        job = None if step is None else await _visible_job(tx, platform, caller, step.job_id)
        if step is None or job is None or named not in await _sent(tx, step):
            raise JobNotFoundError(text)
        return job, named


async def _visible_job(tx: Transaction, platform: Platform, caller: Caller, job_id: int) -> Job | None:
    """Return a job that the caller may see, else None: a request that names no scope must not tell of others'."""
    job = await jobs.find(tx, job_id)
    if job is None:
        return None
    try:
        await enter_scope(tx, platform, caller, job.scope)
    except (ForbiddenError, ScopeNotFoundError):
        return None
    own = job.operator == caller.username
    return job if own or allows(caller, Action.VIEW_HISTORY, job.scope.type, job.scope.id) else None


async def _sent(tx: Transaction, step: Step) -> list[ChannelTask]:
    if step.type is StepType.APPROVAL or step.started_at is None:
        return []
    return [one for attempt in range(step.attempt + 1) for one in await _sent_in(tx, step, attempt)]


async def _sent_in(tx: Transaction, step: Step, attempt: int) -> list[ChannelTask]:
    if step.rolling is None:
        return [ChannelTask(step.job_id, step.id, attempt, 0)]
    rolled = await batches.list_of(tx, StepKey(step.job_id, step.id, attempt))
    return [ChannelTask(step.job_id, step.id, attempt, one.number) for one in rolled if one.started_at is not None]
