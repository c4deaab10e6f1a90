"""Note what people are to be told, in the transaction in which it happens; the courier delivers it."""

from jobfleet.engine.context import Context
from jobfleet.engine.post import matter_of_job, matter_of_request, matter_of_schedule, post
from jobfleet.model import notice
from jobfleet.model.caller import SCOPE_NEEDS, Action
from jobfleet.model.definition import TRIGGER_ROLE, ApprovalSpec
from jobfleet.model.job import Job, Step
from jobfleet.model.notice import Notice
from jobfleet.model.schedule import Schedule
from jobfleet.model.scope import Scope
from jobfleet.model.start_request import RequestState, StartRequest
from jobfleet.model.status import RunStatus
from jobfleet.store import notifications, people, roles
from jobfleet.store.database import Transaction

MOST_ADMINISTRATORS = 20
"""So many administrators of the platform hear of a start that nobody else may decide on."""


async def tell_job_ended(
    tx: Transaction, ctx: Context, job: Job, status: RunStatus, total_ms: int | None, now: int
) -> None:
    """Tell that a job ended; who started it is the one whom it matters to."""
    told = notice.of_ended_job(job, status, total_ms, now)
    await _tell_hooks(tx, job.scope, told, now)
    await post(tx, ctx, matter_of_job(job), told, now)


async def tell_approval_waits(tx: Transaction, ctx: Context, job: Job, step: Step, now: int) -> None:
    """Tell those who may confirm a step that it waits for them; nothing is told of other kinds of step."""
    if isinstance(step.definition, ApprovalSpec):
        receivers = await _confirmers(tx, job, step.definition)
        told = notice.of_waiting_step(job, step, step.definition, receivers, now)
        await _tell_hooks(tx, job.scope, told, now)
        await post(tx, ctx, matter_of_job(job), told, now)


async def tell_schedule_failed(
    tx: Transaction, ctx: Context, schedule: Schedule, at: int, why: tuple[int, str], now: int
) -> None:
    """Tell that the plan of a schedule could not start at a moment (epoch ms), and why: code and message."""
    told = notice.of_failed_schedule(schedule, at, *why, now)
    await _tell_hooks(tx, schedule.scope, told, now)
    await post(tx, ctx, matter_of_schedule(schedule), told, now)


async def tell_start_request(tx: Transaction, ctx: Context, request: StartRequest, now: int) -> None:
    """Tell those who may decide that a start waits for them, and whoever asked what was decided; else nothing."""
    waits = request.state is RequestState.PENDING
    told = notice.of_start_request(
        request, await deciders(tx, request.scope, request.asked_by) if waits else (request.asked_by,), now
    )
    if told is not None:
        await _tell_hooks(tx, request.scope, told, now)
        await post(tx, ctx, matter_of_request(request), told, now)


async def deciders(tx: Transaction, scope: Scope, asked_by: str) -> tuple[str, ...]:
    """Return who is to decide on a start: administrators of its scope, where there is no other one the platform's."""
    of_scope = await people.list_role_holders(tx, scope, [SCOPE_NEEDS[Action.APPROVE_START].value])
    others = [name for name in of_scope if name != asked_by]
    found = others or await roles.list_administrators(tx, MOST_ADMINISTRATORS)
    return tuple(name for name in dict.fromkeys(found) if name != asked_by)


async def _tell_hooks(tx: Transaction, scope: Scope, told: Notice, now: int) -> None:
    hooks = await notifications.list_hooks_for(tx, scope, told.occasion)
    if hooks:
        await notifications.insert(tx, scope, hooks, told, now)


async def _confirmers(tx: Transaction, job: Job, approval: ApprovalSpec) -> tuple[str, ...]:
    """Return who is to confirm a step: the people named, holders of the roles named, else who started the job."""
    is_starters = TRIGGER_ROLE in approval.roles or not (approval.users or approval.roles)
    holders = await people.list_role_holders(tx, job.scope, approval.roles) if approval.roles else []
    return tuple(dict.fromkeys([*approval.users, *([job.operator] if is_starters else []), *holders]))
