"""Note what people are to be told, in the transaction in which it happens; the courier delivers it."""

from jobfleet.model import notice
from jobfleet.model.definition import TRIGGER_ROLE, ApprovalSpec
from jobfleet.model.job import Job, Step
from jobfleet.model.notice import Occasion
from jobfleet.model.schedule import Schedule
from jobfleet.model.status import RunStatus
from jobfleet.store import notifications, people
from jobfleet.store.database import Transaction


async def tell_job_ended(tx: Transaction, job: Job, status: RunStatus, total_ms: int | None, now: int) -> None:
    """Tell that a job ended; who started it is the one whom it matters to."""
    told = notice.of_ended_job(job, status, total_ms, now)
    hooks = await notifications.list_hooks_for(tx, job.scope, told.occasion)
    if hooks:
        await notifications.insert(tx, job.scope, hooks, told, now)


async def tell_approval_waits(tx: Transaction, job: Job, step: Step, now: int) -> None:
    """Tell those who may confirm a step that it waits for them; nothing is told of other kinds of step."""
    hooks = await notifications.list_hooks_for(tx, job.scope, Occasion.APPROVAL_WAITING)
    if hooks and isinstance(step.definition, ApprovalSpec):
        receivers = await _confirmers(tx, job, step.definition)
        told = notice.of_waiting_step(job, step, step.definition, receivers, now)
        await notifications.insert(tx, job.scope, hooks, told, now)


async def tell_schedule_failed(tx: Transaction, schedule: Schedule, at: int, code: int, message: str, now: int) -> None:
    """Tell that the plan of a schedule could not start at a moment (epoch ms)."""
    hooks = await notifications.list_hooks_for(tx, schedule.scope, Occasion.SCHEDULE_FAILED)
    if hooks:
        told = notice.of_failed_schedule(schedule, at, code, message, now)
        await notifications.insert(tx, schedule.scope, hooks, told, now)


async def _confirmers(tx: Transaction, job: Job, approval: ApprovalSpec) -> tuple[str, ...]:
    """Return who is to confirm a step: the people named, holders of the roles named, else who started the job."""
    is_starters = TRIGGER_ROLE in approval.roles or not (approval.users or approval.roles)
    holders = await people.list_role_holders(tx, job.scope, approval.roles) if approval.roles else []
    return tuple(dict.fromkeys([*approval.users, *([job.operator] if is_starters else []), *holders]))
