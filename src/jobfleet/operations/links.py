"""Where things are that old links name by their number alone."""

from jobfleet.model.caller import Action, Caller, allows
from jobfleet.model.resource_errors import PlanNotFoundError
from jobfleet.model.scope import Scope
from jobfleet.operations.platform import Platform
from jobfleet.store import plans


async def find_plan(platform: Platform, caller: Caller, plan_id: int) -> tuple[Scope, int]:
    """Return the scope of a plan, and its template.

    Raises:
        PlanNotFoundError: There is no such plan, or the caller may not see it; both look alike.
    """
    async with platform.engine.db.begin() as tx:
        found = await plans.find_place(tx, plan_id)
    if found is None or not allows(caller, Action.VIEW_JOB_PLAN, found[0].type, found[0].id):
        raise PlanNotFoundError
    return found
