"""Steer jobs and steps that exist."""

from collections.abc import Sequence

from jobfleet.engine import steer
from jobfleet.engine.service import nudge
from jobfleet.model.access_token import TokenKind
from jobfleet.model.caller import Action, Caller
from jobfleet.model.chosen_hosts import FIELD
from jobfleet.model.definition import ApprovalSpec, may_confirm
from jobfleet.model.errors import IllegalParameterReasonError, InvalidParameterError
from jobfleet.model.job import Job, JobOperation, Step, StepOperation
from jobfleet.model.job_errors import MovedRun, MovedStep, NotConfirmerError, StaleRunError, StepNotFoundError
from jobfleet.model.run_actions import DECISIONS, NOTHING_SAID, Said
from jobfleet.model.run_view import run_version
from jobfleet.model.scope import KnownScope, Scope
from jobfleet.model.status import RunStatus
from jobfleet.operations.access import demand, enter_scope
from jobfleet.operations.platform import Platform
from jobfleet.operations.quotas import check_quota
from jobfleet.store import audit, jobs
from jobfleet.store.database import Transaction


async def operate_job(
    platform: Platform, caller: Caller, scope: Scope, job_id: int, operation: int, said: Said = NOTHING_SAID
) -> None:
    """Terminate a job (1) or start one that was created stopped (2).

    Raises:
        InvalidParameterError: The operation or the id is not one.
        JobNotFoundError: No such job in the scope.
        ForbiddenError: The caller is neither the job's operator nor allowed to operate jobs of the scope; a personal
            token has to be allowed.
        StaleRunError: The run has moved on from the version that is named.
        UnsupportedOperationError, AlreadyStartedError: The job's status does not allow it.
        SystemQuotaError, ScopeQuotaError, AppQuotaError: It cannot start while as many jobs run as may.

    Source: docs/reference/status-codes.md, «Operations».
    """
    if job_id < 1 or operation not in set(JobOperation):
        raise InvalidParameterError
    async with platform.engine.db.begin() as tx:
        job = await _hold(tx, platform, caller, scope, job_id)
        if said.version:
            _check_version(said, job, await jobs.list_steps(tx, job_id))
        if operation == JobOperation.START and job.status is RunStatus.PENDING:
            await check_quota(tx, platform, caller, scope)
        act = steer.terminate if operation == JobOperation.TERMINATE else steer.start
        await act(tx, platform.engine, job, caller.username)
        await _note(tx, platform, caller, job, f"{JobOperation(operation).name.lower()} job {job_id}")
    await nudge(platform.engine.bus, job_id)


async def operate_step(
    platform: Platform,
    caller: Caller,
    scope: Scope,
    job_id: int,
    step_id: int,
    operation: int,
    said: Said = NOTHING_SAID,
) -> None:
    """Retry (2, 8), ignore (3), go on after (11, 13), force-skip (12), confirm (6), reject (9) or ask again (10).

    Raises:
        InvalidParameterError: The operation or an id is not one.
        JobNotFoundError, StepNotFoundError: No such job in the scope, or no such step in the job.
        ForbiddenError: The caller is neither the job's operator nor allowed to operate jobs of the scope; a personal
            token has to be allowed.
        StaleRunError: The run has moved on from the version that is named.
        NotConfirmerError: The caller may not confirm the step.
        UnsupportedOperationError: The step's status does not allow it.
        IllegalParameterReasonError: Hosts are chosen for what is no retry of failed ones, or one cannot run again.

    Source: docs/reference/status-codes.md, «Operations».
    """
    if min(job_id, step_id) < 1 or operation not in set(StepOperation):
        raise InvalidParameterError
    if said.task_ids and operation != StepOperation.RETRY_FAILED:
        raise IllegalParameterReasonError(FIELD, "goes with a retry of failed hosts only")
    async with platform.engine.db.begin() as tx:
        job = await _hold(tx, platform, caller, scope, job_id)
        steps = await jobs.list_steps(tx, job_id, lock=True)
        step = next((step for step in steps if step.id == step_id), None)
        if step is None:
            raise StepNotFoundError(step_id)
        _check_version(said, job, steps)
        if isinstance(step.definition, ApprovalSpec) and operation in DECISIONS:
            _demand_confirmer(step.definition, caller, job)
        await steer.operate_step(tx, platform.engine, job, step, StepOperation(operation), caller.username, said)
        what = _told(StepOperation(operation), step, said)
        await _note(tx, platform, caller, job, f"{what}: {said.reason}" if said.reason else what)
    await nudge(platform.engine.bus, job_id)


def _told(operation: StepOperation, step: Step, said: Said) -> str:
    """Return what the trail says of an operation."""
    what = f"{operation.name.lower()} step {step.id} of job {step.job_id}"
    return f"{what}, chosen hosts: {len(said.task_ids)}" if said.task_ids else what


def _check_version(said: Said, job: Job, steps: Sequence[Step]) -> None:
    if said.version and said.version != (now := run_version(job, steps)):
        moved = tuple(MovedStep(step.id, int(step.status), step.attempt, step.batch) for step in steps)
        raise StaleRunError(MovedRun(now, int(job.status), job.current_step_id, moved))


async def _note(tx: Transaction, platform: Platform, caller: Caller, job: Job, what: str) -> None:
    await audit.insert(tx, caller, Action.OPERATE_JOB, what, platform.engine.clock(), job.scope)


def _demand_confirmer(approval: ApprovalSpec, caller: Caller, job: Job) -> None:
    if not is_confirmer(approval, caller, job):
        raise NotConfirmerError


def is_confirmer(approval: ApprovalSpec, caller: Caller, job: Job) -> bool:
    """Tell whether a caller is one of those who decide at an approval step of a job."""
    here = job.scope.type, job.scope.id
    own = [grant.role for grant in caller.grants if (grant.scope_type, grant.scope_id) == here]
    return may_confirm(approval, caller.username, job.operator, own)


async def _hold(tx: Transaction, platform: Platform, caller: Caller, scope: Scope, job_id: int) -> Job:
    info = await enter_scope(tx, platform, caller, scope)
    job = await jobs.get_in_scope(tx, job_id, scope, lock=True)
    demand_operator(caller, job, info)
    return job


def demand_operator(caller: Caller, job: Job, info: KnownScope) -> None:
    """Do nothing when a caller may steer a job: who started it may, and who may operate jobs of the scope.

    Raises:
        ForbiddenError: The caller may not.
    """
    # A personal token is for no more than its role, whoever holds it.
    if job.operator != caller.username or caller.token == TokenKind.PERSONAL:
        demand(caller, Action.OPERATE_JOB, info)
