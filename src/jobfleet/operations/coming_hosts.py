"""On how many hosts a schedule would start its plan now."""

from collections.abc import Iterator, Mapping, Sequence

from jobfleet.engine.resolve import resolve
from jobfleet.model.caller import Caller
from jobfleet.model.definition import ApprovalSpec
from jobfleet.model.errors import JobfleetError
from jobfleet.model.job_errors import NoTargetError
from jobfleet.model.plan_values import host_lists, merge, with_hosts
from jobfleet.model.schedule import Schedule
from jobfleet.model.scope import KnownScope, Scope
from jobfleet.model.status import TaskStatus
from jobfleet.model.target import TargetSpec, united
from jobfleet.model.template import Plan
from jobfleet.operations.access import enter_scope
from jobfleet.operations.platform import Platform
from jobfleet.operations.schedule_values import open_values
from jobfleet.store import plans
from jobfleet.store.database import Transaction

COUNTED = 20
"""The hosts of so many schedules are counted at once."""


async def coming_hosts(
    platform: Platform, caller: Caller, scope: Scope, found: Sequence[Schedule]
) -> Mapping[int, int | None]:
    """Return on how many hosts the first COUNTED of some schedules would run at this moment, by their ids.

    It is None where that cannot be said: the plan, a host or a group is gone, or the record was changed.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        return {one.id: await _count(tx, platform, info, one) for one in found[:COUNTED]}


async def _count(tx: Transaction, platform: Platform, info: KnownScope, schedule: Schedule) -> int | None:
    plan = await plans.find(tx, schedule.scope, schedule.plan_id)
    if plan is None:
        return None
    try:
        meant = united(_targets(platform, schedule, plan))
        # Schedules pass over hosts that are lost, and so does their count.
        found = await resolve(tx, meant, info, "", action="script", now=platform.engine.clock(), tolerant=True)
    except NoTargetError:
        return 0
    except JobfleetError:
        return None
    return sum(target.initial is not TaskStatus.INVALID_TARGET for target in found)


def _targets(platform: Platform, schedule: Schedule, plan: Plan) -> Iterator[TargetSpec]:
    lists = host_lists(merge(plan.variables, open_values(platform.engine.sealer, schedule)))
    for one in plan.steps:
        if one.enabled and not isinstance(one.step.action, ApprovalSpec):
            yield with_hosts(one.step.action.target, lists)
