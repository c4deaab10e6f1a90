"""Write a new job down: everything that it will need, in one transaction."""

import hashlib
from collections.abc import Sequence

import msgspec

from jobfleet.engine.context import Context
from jobfleet.engine.definition import definition_parts
from jobfleet.model.caller import Caller
from jobfleet.model.errors import IllegalRequestError
from jobfleet.model.event import Event
from jobfleet.model.job import NO_PLAN, Job, JobType, NewScriptJob, StartedJob, Step, StepType
from jobfleet.model.rolling import MAX_PARALLEL_BATCHES, Rolling, batch_sizes
from jobfleet.model.script import DEFAULT_TIMEOUT_S, ScriptSpec
from jobfleet.model.status import RunStatus
from jobfleet.model.target import Target
from jobfleet.store import contents, events, jobs
from jobfleet.store.database import Transaction
from jobfleet.store.inventory import Account


async def accept_script(
    tx: Transaction, ctx: Context, caller: Caller, new: NewScriptJob, account: Account, targets: Sequence[Target]
) -> StartedJob:
    """Store a job of one script step with its targets; it starts with the next nudge or sweep if `new.start`.

    Args:
        new: With the content that runs, whatever it was chosen by.

    Raises:
        IllegalRollingExpressionError, TooManyBatchesError, IllegalRequestError: It cannot roll as asked.
    """
    now = ctx.clock()
    script = await _store_script(tx, ctx, new, account, now)
    job_id, step_id = await jobs.next_ids(tx, now)
    job = _job(job_id, caller, new, now)
    step = _step(step_id, job, script, len(targets), new.rolling)
    seal = ctx.sealer.mac(*definition_parts(step, [target.host_id for target in targets]))
    await jobs.insert(tx, job, new.callback_url, now if new.start else None)
    await jobs.insert_step(tx, step, seal, targets)
    await events.insert(
        tx, [Event(job_id=job.id, at=now, kind="job accepted", actor=caller.username, to_status=job.status)]
    )
    return StartedJob(job.id, job.name, step.id)


async def _store_script(tx: Transaction, ctx: Context, new: NewScriptJob, account: Account, now: int) -> ScriptSpec:
    content = new.content or b""
    content_hash = hashlib.sha256(content).hexdigest()
    await contents.insert(tx, content_hash, ctx.sealer.seal(content, "content"), now)
    return ScriptSpec(
        language=new.language,
        content_hash=content_hash,
        content_bytes=len(content),
        params=ctx.sealer.seal_text(new.params, "params") if new.sensitive else new.params,
        sensitive=new.sensitive,
        account=account.account,
        account_id=account.id,
        account_alias=account.alias,
        timeout_s=new.timeout_s or DEFAULT_TIMEOUT_S,
        interpreter=new.interpreter,
    )


def _job(job_id: int, caller: Caller, new: NewScriptJob, now: int) -> Job:
    return Job(
        id=job_id,
        scope=new.scope,
        name=new.name,
        type=JobType.SCRIPT,
        plan_id=NO_PLAN,
        launch_mode=new.launch_mode,
        operator=caller.username,
        app_code=caller.app_code,
        status=RunStatus.RUNNING if new.start else RunStatus.PENDING,
        current_step_id=0,
        created_at=now,
        started_at=now if new.start else None,
        ended_at=None,
        total_ms=None,
    )


def _step(step_id: int, job: Job, script: ScriptSpec, target_count: int, rolling: Rolling | None) -> Step:
    return Step(
        id=step_id,
        job_id=job.id,
        ordinal=0,
        plan_step_id=NO_PLAN,
        name=job.name,
        type=StepType.SCRIPT,
        operator=job.operator,
        status=RunStatus.PENDING,
        attempt=0,
        batch=0,
        target_count=target_count,
        ignore_error=False,
        definition=script,
        rolling=rolling,
        batch_count=0 if rolling is None else len(planned_sizes(rolling, target_count)),
        created_at=job.created_at,
        started_at=None,
        ended_at=None,
        total_ms=None,
    )


def planned_sizes(rolling: Rolling, target_count: int) -> list[int]:
    """Return the sizes of the batches that a step is to roll in.

    Raises:
        IllegalRollingExpressionError, TooManyBatchesError: See `batch_sizes`.
        IllegalRequestError: There are more batches than may run side by side.
    """
    sizes = batch_sizes(rolling.expression, target_count)
    if rolling.parallel and len(sizes) > MAX_PARALLEL_BATCHES:
        raise IllegalRequestError(f"more than {MAX_PARALLEL_BATCHES} parallel batches")
    return sizes


def request_hash(new: NewScriptJob) -> bytes:
    """Return what makes a request the same as another one under an idempotency key."""
    return hashlib.sha256(msgspec.msgpack.encode(new)).digest()
