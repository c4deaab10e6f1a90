"""Tell which jobs wait for a person, and whether the caller may decide."""

import msgspec

from jobfleet.model.caller import Caller
from jobfleet.model.definition import ApprovalSpec
from jobfleet.model.errors import ForbiddenError, JobfleetError
from jobfleet.model.job import Job, Step
from jobfleet.model.job_errors import NotConfirmerError
from jobfleet.model.run_view import run_version
from jobfleet.model.scope import KnownScope, Scope
from jobfleet.operations.access import enter_scope
from jobfleet.operations.operate import demand_operator, is_confirmer
from jobfleet.operations.platform import Platform
from jobfleet.store import approvals

MAX_WAITING = 500
"""Most jobs of a scope that are told of at once."""


class WaitingApproval(msgspec.Struct, frozen=True):
    """Show an approval step at which a job waits; `refusal` is why the caller may not decide, None when they may.

    `version` is the job's, of `run_version`.
    """

    job: Job
    step: Step
    asked: ApprovalSpec
    refusal: JobfleetError | None
    version: str


async def list_waiting(platform: Platform, caller: Caller, scope: Scope) -> list[WaitingApproval]:
    """Return the approval steps at which jobs of a scope wait, the longest waiting first; at most MAX_WAITING.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope.

    Source: docs/reference/plans.md, «Approval steps».
    """
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        found = await approvals.list_waiting(tx, scope, MAX_WAITING)
        moved = await approvals.moved_steps(tx, [job.id for job, _ in found])
    return [
        WaitingApproval(job, step, asked, _refusal(asked, caller, job, info), run_version(job, moved[job.id]))
        for job, step in found
        if isinstance(asked := step.definition, ApprovalSpec)
    ]


def _refusal(asked: ApprovalSpec, caller: Caller, job: Job, info: KnownScope) -> JobfleetError | None:
    """Return what deciding would be refused with; the same checks in the same order as when it is done."""
    try:
        demand_operator(caller, job, info)
    except ForbiddenError as error:
        return error
    return None if is_confirmer(asked, caller, job) else NotConfirmerError()
