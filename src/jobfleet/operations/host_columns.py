"""Show the hosts of a step as columns, as they are at one moment."""

import msgspec

from jobfleet.engine.batches import key_of
from jobfleet.model.caller import Caller
from jobfleet.model.cursor import Cursor
from jobfleet.model.host_columns import HostAddresses, HostColumns
from jobfleet.model.job import Step
from jobfleet.model.run_view import SILENT_MS
from jobfleet.model.scope import Scope
from jobfleet.model.status import RunStatus
from jobfleet.operations.platform import Platform
from jobfleet.operations.query import visible_step
from jobfleet.operations.run_state import AT_WORK
from jobfleet.store import host_columns as store
from jobfleet.store import host_places, live, silence
from jobfleet.store.database import Transaction
from jobfleet.store.host_places import HostPlaces
from jobfleet.store.silence import SilentHosts


class HostsOfStep(msgspec.Struct, frozen=True):
    """Show the hosts of an attempt of a step; `cursor` is the moment, after which the event stream tells the rest."""

    cursor: Cursor
    attempt: int
    columns: HostColumns
    addresses: HostAddresses


async def hosts_of_step(
    platform: Platform,
    caller: Caller,
    scope: Scope,
    step: tuple[int, int],
    *,
    attempt: int | None = None,
    batch: int | None = None,
) -> HostsOfStep:
    """Return the hosts of a step, named by (job id, step id): of its latest attempt, or of the one that is given.

    Hosts that an attempt did not run again are among its hosts, as they came out of an earlier one.

    Raises:
        ScopeNotFoundError, ForbiddenError, StepNotFoundError, UnsupportedOperationError: See `visible_step`.

    Source: docs/reference/event-stream.md, «Hosts as columns».
    """
    async with platform.engine.db.begin() as tx:
        cursor = await live.begin_look(tx)
        _, found, _ = await visible_step(tx, platform, caller, scope, *step)
        addresses = await store.list_addresses(tx, *step)
        if found.status is RunStatus.PENDING:
            return HostsOfStep(cursor, 0, await _before(tx, found), addresses)
        wanted = found.attempt if attempt is None else attempt
        rows = await store.list_of_attempt(tx, *step, wanted, batch=batch)
    return HostsOfStep(cursor, wanted, rows.columns, _chosen(addresses, rows.ordinals))


class SilentAgents(msgspec.Struct, frozen=True):
    """Name hosts whose agents a step awaits and that were not heard of for `after_ms`; `now` is when it was looked."""

    now: int
    after_ms: int
    hosts: SilentHosts


async def silent_of_step(platform: Platform, caller: Caller, scope: Scope, job_id: int, step_id: int) -> SilentAgents:
    """Return the hosts of a step's latest attempt whose agents are awaited and silent, the most silent first.

    Raises:
        ScopeNotFoundError, ForbiddenError, StepNotFoundError, UnsupportedOperationError: See `visible_step`.

    Source: docs/reference/event-stream.md, «Silent agents».
    """
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        _, found, _ = await visible_step(tx, platform, caller, scope, job_id, step_id)
        hosts = SilentHosts([], [], [])
        if found.status in AT_WORK:
            hosts = await silence.list_silent(tx, key_of(found), now - SILENT_MS)
    return SilentAgents(now, SILENT_MS, hosts)


async def places_of_step(
    platform: Platform, caller: Caller, scope: Scope, step: tuple[int, int], level: str
) -> HostPlaces:
    """Return where the hosts of a step, named by (job id, step id), stand in the topology of now, at one level of it.

    Raises:
        ScopeNotFoundError, ForbiddenError, StepNotFoundError, UnsupportedOperationError: See `visible_step`.

    Source: docs/reference/event-stream.md, «Hosts as columns».
    """
    async with platform.engine.db.begin() as tx:
        _, _, info = await visible_step(tx, platform, caller, scope, *step)
        return await host_places.list_places_at(tx, info, level, step)


async def _before(tx: Transaction, step: Step) -> HostColumns:
    """Return the hosts of a step that has not begun."""
    initial = await store.list_initial(tx, step.job_id, step.id)
    none = [0] * len(initial)
    return HostColumns(
        task_id=none,
        log_task_id=none,
        status=initial,
        exit_code=[None] * len(initial),
        started_at=none,
        duration_ms=[-1] * len(initial),
        batch=none,
        attempt=none,
        tag=none,
        tags=[""],
    )


def _chosen(found: HostAddresses, ordinals: list[int]) -> HostAddresses:
    """Return the addresses of targets by their ordinals; where all are meant in order, nothing is copied."""
    if ordinals == list(range(len(found.host_id))):
        return found
    return HostAddresses(
        host_id=[found.host_id[at] for at in ordinals],
        cloud_id=[found.cloud_id[at] for at in ordinals],
        ip=[found.ip[at] for at in ordinals],
        ipv6=[found.ipv6[at] for at in ordinals],
        container=[found.container[at] for at in ordinals] if found.container else [],
    )
