"""Show a run as its page does: how it stands, where it comes from, and what may be done to it."""

from collections.abc import Sequence

import msgspec

from jobfleet.model.access_token import TokenKind
from jobfleet.model.caller import Action, Caller, allows
from jobfleet.model.cursor import Cursor
from jobfleet.model.definition import ApprovalSpec
from jobfleet.model.job import Job, Step
from jobfleet.model.run_actions import Rights, RunAction, run_actions
from jobfleet.model.run_view import RunState
from jobfleet.model.scope import Scope
from jobfleet.operations.operate import is_confirmer
from jobfleet.operations.platform import Platform
from jobfleet.operations.query import visible_job
from jobfleet.operations.run_state import counts_of, state_of
from jobfleet.store import jobs, live
from jobfleet.store.live import Provenance


class Run(msgspec.Struct, frozen=True):
    """Show a run; what the event stream tells after `cursor` is what changes of it."""

    cursor: Cursor
    job: Job
    state: RunState
    provenance: Provenance
    actions: list[RunAction]


async def show_run(platform: Platform, caller: Caller, scope: Scope, job_id: int) -> Run:
    """Return a run, with what the caller may do to it.

    Raises:
        MissingOrIllegalParameterError, ScopeNotFoundError, ForbiddenError, JobNotFoundError: See `visible_job`.

    Source: docs/reference/native-api.md, «The page of a run».
    """
    async with platform.engine.db.begin() as tx:
        cursor = await live.begin_look(tx)
        job, _ = await visible_job(tx, platform, caller, scope, job_id)
        steps = await jobs.list_steps(tx, job_id)
        counts = await counts_of(tx, steps, platform.settled)
        state = await state_of(tx, job, steps, counts, platform.engine.clock())
        provenance = await live.find_provenance(tx, job.id, job.plan_id)
    return Run(cursor, job, state, provenance, run_actions(job, steps, counts, rights_of(caller, job, steps)))


def rights_of(caller: Caller, job: Job, steps: Sequence[Step]) -> Rights:
    """Return what a caller may do to a job."""
    is_own = job.operator == caller.username and caller.token != TokenKind.PERSONAL
    may_operate = is_own or allows(caller, Action.OPERATE_JOB, job.scope.type, job.scope.id)
    decides_at = {
        step.id
        for step in steps
        if isinstance(step.definition, ApprovalSpec) and is_confirmer(step.definition, caller, job)
    }
    return Rights(may_operate, frozenset(decides_at))
