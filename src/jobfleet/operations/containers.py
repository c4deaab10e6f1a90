"""Show the containers of hosts."""

from jobfleet.model.caller import Caller
from jobfleet.model.container import KnownContainer
from jobfleet.model.scope import Scope
from jobfleet.operations import access
from jobfleet.operations.platform import Platform
from jobfleet.store import containers


async def list_containers(platform: Platform, caller: Caller, scope: Scope) -> list[KnownContainer]:
    """Return the running containers on the hosts of a scope, by id.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        info = await access.enter_scope(tx, platform, caller, scope)
        return await containers.list_of_businesses(tx, info.member_ids)
