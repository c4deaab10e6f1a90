"""Who uses plans: what is used is not deleted."""

from jobfleet.model.resource_errors import PlanInUseError, TemplateInUseError
from jobfleet.store import plans
from jobfleet.store.database import Transaction


async def demand_unused_plan(tx: Transaction, plan_id: int) -> None:
    """Do nothing when no schedule starts a plan.

    Raises:
        PlanInUseError: One does.
    """
    if await plans.are_scheduled(tx, [plan_id]):
        raise PlanInUseError


async def demand_unused_template(tx: Transaction, template_id: int) -> None:
    """Do nothing when no schedule starts a plan of a template, nor begins to until the transaction ends.

    Raises:
        TemplateInUseError: One does.
    """
    if await plans.are_scheduled(tx, await plans.hold_ids(tx, template_id)):
        raise TemplateInUseError
