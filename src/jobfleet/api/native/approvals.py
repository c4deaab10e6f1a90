"""Jobs that wait for a person."""

import msgspec

from jobfleet.api.callers import language
from jobfleet.api.native.jobs import ScopeText
from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.model.caller import Action
from jobfleet.model.messages import message_of
from jobfleet.model.scope import parse_scope
from jobfleet.operations import approvals
from jobfleet.operations.approvals import WaitingApproval


class ListApprovals(Wanted, frozen=True):
    """Ask which jobs of a scope wait for a person."""

    scope: ScopeText


class ApprovalView(msgspec.Struct, frozen=True):
    """Show an approval step at which a job waits since `waits_since` (epoch milliseconds).

    `users` and `roles` may decide, whoever started the job when there are none. `allowed` tells whether the caller
    may, `reason` why not. `place` counts the job's steps from 1. `own`: the caller started the job.
    `version` is the job's: what is decided on goes with the decision.
    """

    job_id: int
    job_name: str
    plan_id: int
    operator: str
    launch_mode: str
    created_at: int
    step_id: int
    step_name: str
    place: int
    message: str
    users: list[str]
    roles: list[str]
    waits_since: int | None
    own: bool
    allowed: bool
    reason: str
    version: str


class ApprovalList(msgspec.Struct, frozen=True):
    """Show what waits, the longest waiting first; `is_cut` when more waits than is shown."""

    approvals: list[ApprovalView]
    is_cut: bool


async def list_approvals(call: Call, wanted: ListApprovals) -> ApprovalList:
    """Show which jobs wait for a person."""
    found = await approvals.list_waiting(call.platform, call.caller, parse_scope(wanted.scope))
    words = language(call.request)
    shown = [_view(one, call.caller.username, words) for one in found]
    return ApprovalList(shown, len(shown) >= approvals.MAX_WAITING)


def _view(one: WaitingApproval, username: str, words: str) -> ApprovalView:
    job, step, asked = one.job, one.step, one.asked
    return ApprovalView(
        job_id=job.id,
        job_name=job.name,
        plan_id=job.plan_id,
        operator=job.operator,
        launch_mode=job.launch_mode.name.lower(),
        created_at=job.created_at,
        step_id=step.id,
        step_name=step.name,
        place=step.ordinal + 1,
        message=asked.message,
        users=list(asked.users),
        roles=list(asked.roles),
        waits_since=step.started_at,
        own=job.operator == username,
        allowed=one.refusal is None,
        reason="" if one.refusal is None else message_of(one.refusal, words),
        version=one.version,
    )


ROUTES = (
    Route(
        "GET",
        "/api/v1/approvals",
        Action.ACCESS_BUSINESS,
        list_approvals,
        ListApprovals,
        ApprovalList,
        "List the jobs that wait for a person",
    ),
)
