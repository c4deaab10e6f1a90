"""Show where a caller may work."""

from jobfleet.model.caller import Action, Caller, allows
from jobfleet.model.scope import KnownScope
from jobfleet.operations.platform import Platform
from jobfleet.store import scopes


async def list_scopes(platform: Platform, caller: Caller) -> list[KnownScope]:
    """Return the businesses, then the business sets, that a caller may access, by id; their members are left out."""
    async with platform.engine.db.begin() as tx:
        found = await scopes.list_all(tx)
    return [info for info in found if allows(caller, Action.ACCESS_BUSINESS, info.scope.type, info.scope.id)]
