"""Choose accounts for those who do not."""

from jobfleet.model.account import AccountType
from jobfleet.model.caller import Caller
from jobfleet.model.errors import AccountNotFoundError
from jobfleet.model.scope import Scope
from jobfleet.operations import access
from jobfleet.operations.platform import Platform
from jobfleet.store import accounts


async def default_account(platform: Platform, caller: Caller, scope: Scope) -> int:
    """Return the id of the Linux account of a scope that is meant when none is named: `root`, else the oldest.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
        AccountNotFoundError: The scope has no Linux account.
    """
    async with platform.engine.db.begin() as tx:
        await access.enter_scope(tx, platform, caller, scope)
        found = await accounts.find_default(tx, scope, AccountType.LINUX)
    if found is None:
        raise AccountNotFoundError("root")
    return found
