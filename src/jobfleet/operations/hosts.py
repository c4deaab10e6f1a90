"""Show hosts with what is known of their agents."""

from jobfleet.model.agent import HostView
from jobfleet.model.caller import Caller
from jobfleet.model.scope import Scope
from jobfleet.operations import access
from jobfleet.operations.platform import Platform
from jobfleet.store import agents


async def list_hosts(platform: Platform, caller: Caller, scope: Scope) -> list[HostView]:
    """Return the hosts of a scope with their agents, by id.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        info = await access.enter_scope(tx, platform, caller, scope)
        return await agents.list_hosts(tx, info, platform.engine.clock())
