"""Write a new job down: everything that it will need, in one transaction."""

import hashlib
from collections.abc import Collection, Sequence

import msgspec

from jobfleet.engine.advance import advance_new
from jobfleet.engine.context import Context
from jobfleet.engine.definition import definition_parts, sealed_containers
from jobfleet.engine.sealing import content_purpose
from jobfleet.engine.variables import store_variables
from jobfleet.model.caller import Caller
from jobfleet.model.definition import Definition, FileSpec
from jobfleet.model.errors import IllegalRequestError
from jobfleet.model.event import Event, EventKind
from jobfleet.model.job import NO_PLAN, Job, JobType, LaunchMode, NewScriptJob, StartedJob, Step, StepType
from jobfleet.model.rolling import MAX_PARALLEL_BATCHES, Rolling, batch_sizes
from jobfleet.model.scope import Scope
from jobfleet.model.script import DEFAULT_TIMEOUT_S, ScriptSpec
from jobfleet.model.status import RunStatus
from jobfleet.model.target import Target
from jobfleet.model.variable import JobVariable, check_variables
from jobfleet.store import contents, files, jobs
from jobfleet.store.database import Transaction
from jobfleet.store.inventory import Account

NUDGE_LOST_MS = 2_000
"""When a sweep looks at a job that was accepted, should the nudge be lost."""


class JobHead(msgspec.Struct, frozen=True):
    """Say what a job is called, whose it is and who starts it."""

    scope: Scope
    name: str
    type: JobType
    launch_mode: LaunchMode
    start: bool
    callback_url: str = ""
    plan_id: int = NO_PLAN


class NewStep(msgspec.Struct, frozen=True):
    """Say what a step of a new job does, and on which hosts; an approval has no targets.

    `sources` are the hosts that files come from, with ordinals from -1 down; `hashes` the contents held already.
    """

    name: str
    type: StepType
    definition: Definition
    targets: Sequence[Target] = ()
    rolling: Rolling | None = None
    ignore_error: bool = False
    plan_step_id: int = NO_PLAN
    sources: Sequence[Target] = ()
    hashes: Collection[str] = ()


async def accept_job(
    tx: Transaction,
    ctx: Context,
    caller: Caller,
    head: JobHead,
    steps: Sequence[NewStep],
    variables: Sequence[JobVariable] = (),
) -> StartedJob:
    """Store a job with its steps and variables, in order, and start it if `head.start`.

    Its first orders go out with the nudge after the commit, or with the sweep that finds it when that is lost.

    Returns:
        The job and its first step.

    Raises:
        IllegalRollingExpressionError, TooManyBatchesError, IllegalRequestError: A step cannot roll as asked.
        IllegalParameterReasonError: A variable is none; see `check_variables`.
    """
    check_variables(variables)
    now = ctx.clock()
    job = _job(await jobs.next_job_id(tx, now), caller, head, now)
    await jobs.insert(tx, job, now + NUDGE_LOST_MS if head.start else None)
    await store_variables(tx, ctx, job.id, variables)
    ids = await jobs.next_step_ids(tx, len(steps))
    variable_count = len(variables) if variables or len(steps) > 1 else None
    stored = [
        msgspec.structs.replace(_step(step_id, ordinal, job, new), variable_count=variable_count)
        for ordinal, (step_id, new) in enumerate(zip(ids, steps, strict=True))
    ]
    for step, new in zip(stored, steps, strict=True):
        hosts = [*reversed(new.sources), *new.targets]
        seal = ctx.sealer.mac(*definition_parts(step, [target.host_id for target in hosts], sealed_containers(hosts)))
        await jobs.insert_step(tx, step, seal, hosts)
        await files.allow(tx, job.id, step.id, new.hashes)
    accepted = Event(
        job_id=job.id,
        at=now,
        kind=EventKind.JOB_ACCEPTED,
        actor=caller.username,
        to_status=job.status,
        detail=f"approved by {caller.approval.by}" if caller.approval else "",
    )
    await advance_new(tx, ctx, job, stored, accepted)
    return StartedJob(job.id, job.name, ids[0])


async def accept_script(tx: Transaction, ctx: Context, caller: Caller, new: NewScriptJob, step: NewStep) -> StartedJob:
    """Store a job of one script step, which is `script_step`; see `accept_job`."""
    head = JobHead(new.scope, new.name, JobType.SCRIPT, new.launch_mode, new.start, new.callback_url)
    return await accept_job(tx, ctx, caller, head, [step])


async def script_step(
    tx: Transaction, ctx: Context, new: NewScriptJob, account: Account, targets: Sequence[Target]
) -> NewStep:
    """Return the step that runs a script on targets, and store its content.

    Args:
        new: With the content that runs, whatever it was chosen by.
    """
    script = await store_script(tx, ctx, new, account)
    return NewStep(new.name, StepType.SCRIPT, script, targets, new.rolling)


async def store_script(tx: Transaction, ctx: Context, new: NewScriptJob, account: Account) -> ScriptSpec:
    """Store a script's content, sealed; return what a step needs to run it as an account."""
    content = new.content or b""
    content_hash = hashlib.sha256(content).hexdigest()
    await contents.insert(tx, content_hash, ctx.sealer.seal(content, content_purpose(content_hash)), ctx.clock())
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
        script_id=new.script_id,
        script_version_id=new.script_version_id,
        public=new.public_script,
    )


def _job(job_id: int, caller: Caller, head: JobHead, now: int) -> Job:
    return Job(
        id=job_id,
        scope=head.scope,
        name=head.name,
        type=head.type,
        plan_id=head.plan_id,
        launch_mode=head.launch_mode,
        operator=caller.username,
        app_code=caller.app_code,
        status=RunStatus.RUNNING if head.start else RunStatus.PENDING,
        current_step_id=0 if head.plan_id == NO_PLAN else -1,
        created_at=now,
        started_at=now if head.start else None,
        ended_at=None,
        total_ms=None,
        callback_url=head.callback_url,
    )


def _step(step_id: int, ordinal: int, job: Job, new: NewStep) -> Step:
    return Step(
        id=step_id,
        job_id=job.id,
        ordinal=ordinal,
        plan_step_id=new.plan_step_id,
        name=new.name,
        type=new.type,
        operator=job.operator,
        status=RunStatus.PENDING,
        attempt=0,
        batch=0,
        target_count=len(new.targets),
        ignore_error=new.ignore_error,
        definition=new.definition,
        rolling=new.rolling,
        batch_count=_batch_count(new),
        created_at=job.created_at,
        started_at=None,
        ended_at=None,
        total_ms=None,
    )


def _batch_count(new: NewStep) -> int:
    if new.rolling is None:
        return 0
    if isinstance(new.definition, FileSpec) and new.rolling.by_source:
        return max(source.batch for source in new.definition.sources)
    return len(planned_sizes(new.rolling, len(new.targets)))


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
