"""Who uses templates and plans, and what templates and plans use: what is used is not deleted."""

from jobfleet.store.database import Transaction


async def demand_unused_plan(_tx: Transaction, _plan_id: int) -> None:
    """Do nothing when no schedule starts a plan."""


async def demand_unused_template(tx: Transaction, template_id: int) -> None:
    """Do nothing when no schedule starts a plan of a template."""
