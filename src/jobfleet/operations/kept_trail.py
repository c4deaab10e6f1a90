"""What the audit trail keeps of templates, plans and scripts: who did what to which of them."""

from jobfleet.model.caller import Action, Caller
from jobfleet.model.kept_change import kept_change
from jobfleet.model.permission import Resource, ResourceKind
from jobfleet.model.scope import Scope
from jobfleet.model.template import Plan, Template
from jobfleet.operations.platform import Platform
from jobfleet.store import audit
from jobfleet.store.database import Transaction


async def note(
    tx: Transaction,
    platform: Platform,
    caller: Caller,
    action: Action,
    on: Template | Plan,
    does: str,
    *,
    old: Template | Plan | None = None,
) -> None:
    """Remember what was done to a template or a plan, and of an edit what became another; all are in clear.

    The plan that a template was tried out with counts as the template.

    Args:
        does: A verb, such as `edit`.
        old: What it was before an edit.
    """
    named = _named(on)
    subject = f"{does} {'plan' if named.kind is ResourceKind.PLAN else 'template'} {on.name}"
    change = None if old is None else kept_change(old, on)
    now = platform.engine.clock()
    await audit.insert(tx, caller, action, subject, now, on.scope, resource=named, change=change)


def _named(on: Template | Plan) -> Resource:
    if isinstance(on, Template):
        return Resource(ResourceKind.TEMPLATE, str(on.id), on.name)
    if on.debug:
        return Resource(ResourceKind.TEMPLATE, str(on.template_id), on.name)
    return Resource(ResourceKind.PLAN, str(on.id), on.name)


def script_resource(scope: Scope | None, script_id: str, name: str) -> Resource:
    """Return how a script is named that is kept in a scope, None for a public one."""
    return Resource(ResourceKind.PUBLIC_SCRIPT if scope is None else ResourceKind.SCRIPT, script_id, name)
