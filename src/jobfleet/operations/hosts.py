"""Show hosts with what is known of their agents."""

from collections.abc import Collection

from jobfleet.model.agent import HostView
from jobfleet.model.caller import Caller
from jobfleet.model.scope import Scope
from jobfleet.model.target import Address
from jobfleet.operations import access
from jobfleet.operations.platform import Platform
from jobfleet.store import agents, inventory


async def list_hosts(platform: Platform, caller: Caller, scope: Scope) -> list[HostView]:
    """Return the hosts of a scope with their agents, by id.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        info = await access.enter_scope(tx, platform, caller, scope)
        return await agents.list_hosts(tx, info, platform.engine.clock())


async def list_chosen(platform: Platform, caller: Caller, scope: Scope, host_ids: Collection[int]) -> list[HostView]:
    """Return those hosts of a scope that are among the ids, with their agents, by id; others are left out.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        info = await access.enter_scope(tx, platform, caller, scope)
        return await agents.list_chosen(tx, info, host_ids, platform.engine.clock())


async def alive_at(
    platform: Platform, caller: Caller, scope: Scope, addresses: Collection[Address]
) -> dict[Address, bool]:
    """Tell of addresses whether the agent of the host there is connected; False where the scope has no such host.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        info = await access.enter_scope(tx, platform, caller, scope)
        found = await inventory.hosts_by_address(tx, addresses, platform.engine.clock())
    known = {address: host.alive for address, host in found.items() if host.business_id in info.member_ids}
    return {address: known.get(address, False) for address in addresses}
