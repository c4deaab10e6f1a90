"""Count what goes on in a scope, for those who work there."""

import msgspec

from jobfleet.model.caller import Caller
from jobfleet.model.scope import Scope
from jobfleet.operations.access import enter_scope
from jobfleet.operations.approvals import list_waiting
from jobfleet.operations.platform import Platform
from jobfleet.operations.start_requests import count_decidable
from jobfleet.store import live


class ScopeCounts(msgspec.Struct, frozen=True):
    """Count the jobs of a scope that run and that wait for people, and what the caller may decide: steps and starts."""

    running: int
    waiting: int
    own_approvals: int


async def count_scope(platform: Platform, caller: Caller, scope: Scope) -> ScopeCounts:
    """Return what goes on in a scope now.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        await enter_scope(tx, platform, caller, scope)
        running, waiting = await live.count_unfinished(tx, scope)
        asked = await count_decidable(tx, platform, caller, scope)
    found = await list_waiting(platform, caller, scope) if waiting else []
    return ScopeCounts(running, waiting, asked + sum(one.refusal is None for one in found))
