"""Admit jobs while fewer run than may."""

import msgspec

from jobfleet.model.caller import Caller
from jobfleet.model.errors import JobfleetError, UnavailableError
from jobfleet.model.job_errors import AppQuotaError, ScopeQuotaError, SystemQuotaError
from jobfleet.model.quota import app_limit, scope_limit
from jobfleet.model.scope import Scope, scope_text
from jobfleet.operations.platform import Platform
from jobfleet.store import quotas
from jobfleet.store.database import Transaction


class _Counted(msgspec.Struct, frozen=True):
    """Say which running jobs a quota counts, how many there may be, and what refuses one more."""

    key: str
    limit: int | None
    refusal: type[JobfleetError]
    scope: Scope | None = None
    app_code: str | None = None


class Standing(msgspec.Struct, frozen=True):
    """Say how much of a quota is taken: `kind` is system, scope or app; more than `limit` are not counted."""

    kind: str
    running: int
    limit: int


async def standings(tx: Transaction, caller: Caller, scope: Scope) -> list[Standing]:
    """Return the quotas that a start by a caller counts towards; nothing is held, so it may change at once."""
    counted = [one for one in await _counted(tx, caller, scope) if one.limit is not None]
    return [Standing(one.key.split()[0], await _running(tx, one, one.limit or 0), one.limit or 0) for one in counted]


async def check_quota(tx: Transaction, _platform: Platform, caller: Caller, scope: Scope) -> None:
    """Do nothing when one more job may run; until the transaction ends nobody else takes its place.

    Every operation that starts a job calls this once, before it stores anything of the job; one that is only created
    calls it when it is started.

    Raises:
        SystemQuotaError, ScopeQuotaError, AppQuotaError: In this order; as many run as may.

    Source: docs/reference/quotas.md.
    """
    for quota in await _counted(tx, caller, scope):
        if quota.limit is not None:
            await _admit(tx, quota, quota.limit)


async def _counted(tx: Transaction, caller: Caller, scope: Scope) -> tuple[_Counted, ...]:
    given = await quotas.find(tx)
    return (
        _Counted("system", given.system, SystemQuotaError),
        _Counted(f"scope {scope_text(scope)}", scope_limit(given, scope), ScopeQuotaError, scope=scope),
        _Counted(f"app {caller.app_code}", app_limit(given, caller.app_code), AppQuotaError, app_code=caller.app_code),
    )


async def _admit(tx: Transaction, quota: _Counted, limit: int) -> None:
    """Admit one more job.

    Near the limit starts go one by one, each counting what those before it have stored. Far from it they go side by
    side: no more of them are under way than the database has connections, so that together they cannot reach it.
    """
    crowd = await quotas.max_connections(tx)
    is_far = await _running(tx, quota, limit) + 3 * crowd <= limit
    await quotas.hold(tx, quota.key, shared=is_far)
    running = await _running(tx, quota, limit)
    if running >= limit:
        raise quota.refusal(limit)
    if is_far and running + crowd > limit:  # hundreds were started between two statements
        raise UnavailableError(detail="a quota was nearly used up meanwhile")


async def _running(tx: Transaction, quota: _Counted, limit: int) -> int:
    return await quotas.count_running(tx, quota.scope, quota.app_code, limit)
