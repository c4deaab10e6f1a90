"""Where things are that old links name by their number alone."""

import msgspec

from jobfleet.api.native.jobs import Id
from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.model.caller import Action
from jobfleet.model.scope import scope_text
from jobfleet.operations import links


class LinkedPlan(Wanted, frozen=True):
    """Name a plan."""

    plan_id: Id


class PlanPlace(msgspec.Struct, frozen=True):
    """Say where a plan is."""

    scope: str
    template_id: int


async def find_plan(call: Call, wanted: LinkedPlan) -> PlanPlace:
    """Say where a plan is."""
    scope, template_id = await links.find_plan(call.platform, call.caller, wanted.plan_id)
    return PlanPlace(scope_text(scope), template_id)


ROUTES = (
    Route(
        "GET",
        "/api/v1/links/plans/{plan_id}",
        Action.VIEW_JOB_PLAN,
        find_plan,
        LinkedPlan,
        PlanPlace,
        "Say where a plan is",
    ),
)
