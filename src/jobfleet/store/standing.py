"""Queries over what no event tells of: how the schedules and the agents of a scope stand, in a few numbers."""

from collections.abc import Collection

import msgspec

from jobfleet.model.scope import Scope
from jobfleet.store.database import Transaction, raw
from jobfleet.store.inventory import ALIVE_MS

LATEST_FIRES = 3
"""A manual fire, or one that waited for its turn, may be written after the moment that followed."""


class SchedulesStanding(msgspec.Struct, frozen=True):
    """Hold numbers of which one changes when a schedule of a scope, or one of its latest fires, does."""

    total: int
    modified: int
    next_fires: int
    failures: int
    fires: int


class InboxStanding(msgspec.Struct, frozen=True):
    """Count the starts of a scope that wait for a second person; `which` changes with which they are."""

    pending: int
    which: int


class AgentsStanding(msgspec.Struct, frozen=True):
    """Count the hosts of a scope and its agents that are heard of; `enrolled_at` is when the latest one came."""

    total: int
    online: int
    enrolled: int
    enrolled_at: int


async def of_schedules(tx: Transaction, scope: Scope) -> SchedulesStanding:
    """Return how the schedules of a scope stand."""
    row = await (await raw(tx)).fetchrow(
        """
        SELECT count(*), sum(s.modified_at), sum(s.next_fire_at), sum(s.failures), sum(f.code)
        FROM schedule s LEFT JOIN LATERAL (
            SELECT sum(id + at) AS code FROM (
                SELECT id, at FROM schedule_fire WHERE schedule_id = s.id
                ORDER BY scheduled_at DESC, id DESC LIMIT $3) latest) f ON true
        WHERE s.scope_type = $1 AND s.scope_id = $2
        """,
        scope.type.value,
        scope.id,
        LATEST_FIRES,
    )
    return SchedulesStanding(*(int(number or 0) for number in row))


async def of_inbox(tx: Transaction, scope: Scope) -> InboxStanding:
    """Return how the starts of a scope stand that wait for a second person."""
    row = await (await raw(tx)).fetchrow(
        "SELECT count(*), sum(id) FROM start_request WHERE scope_type = $1 AND scope_id = $2 AND state = 'pending'",
        scope.type.value,
        scope.id,
    )
    return InboxStanding(*(int(number or 0) for number in row))


async def of_agents(tx: Transaction, business_ids: Collection[int], now: int) -> AgentsStanding:
    """Return how the agents of businesses stand at `now` (epoch ms)."""
    row = await (await raw(tx)).fetchrow(
        """
        SELECT count(*), count(*) FILTER (WHERE a.seen_at > $2 AND a.revoked_at IS NULL), count(a.host_id),
               max(a.enrolled_at)
        FROM host h LEFT JOIN agent a ON a.host_id = h.id WHERE h.business_id = ANY($1)
        """,
        list(business_ids),
        now - ALIVE_MS,
    )
    return AgentsStanding(*(int(number or 0) for number in row))
