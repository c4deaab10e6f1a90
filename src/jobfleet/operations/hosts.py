"""Show hosts with what is known of their agents."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from jobfleet.model.agent import AgentState, HostView
from jobfleet.model.caller import Action, Caller
from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.host_query import parse_host_query
from jobfleet.model.host_run import HostRun
from jobfleet.model.job_errors import UnknownHostsError
from jobfleet.model.scope import KnownScope, Scope
from jobfleet.model.target import Address
from jobfleet.model.target_query import Term, expression_text
from jobfleet.operations import access
from jobfleet.operations.platform import Platform
from jobfleet.store import agents, host_list, host_places, host_runs, host_terms, inventory
from jobfleet.store.database import Transaction
from jobfleet.store.host_places import GroupName, Place


class HostFilter(msgspec.Struct, frozen=True):
    """Narrow a list of hosts: what people typed, the state of the agent, and since when it is enrolled (epoch ms)."""

    text: str = ""
    state: AgentState | None = None
    enrolled_since: int | None = None
    start: int = 0
    length: int | None = None


class HostPage(msgspec.Struct, frozen=True):
    """Hold a page of hosts; `counts` are those of all states, whichever of them is shown.

    `offline_since` is when the agent was heard last that went offline last (epoch ms); None when none is. `target` is
    the text that names all that are wanted as the targets of a job, "" where no text can say it. `places` and `groups`
    are those of each host, in the order of the hosts; there are none where all hosts were asked for at once.
    """

    total: int
    counts: Mapping[AgentState, int]
    hosts: tuple[HostView, ...]
    offline_since: int | None = None
    target: str = ""
    places: tuple[tuple[Place, ...], ...] = ()
    groups: tuple[tuple[GroupName, ...], ...] = ()


class KnownHost(msgspec.Struct, frozen=True):
    """Hold a host with its places in the topology, each from the top, and the dynamic groups that it is in."""

    view: HostView
    places: tuple[tuple[Place, ...], ...]
    groups: tuple[GroupName, ...]


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


async def find_hosts(platform: Platform, caller: Caller, scope: Scope, wanted: HostFilter) -> HostPage:
    """Return a page of the hosts of a scope that are wanted, by id.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
        IllegalParameterReasonError: The text asks for too much (names `q`).

    Source: docs/reference/hosts.md.
    """
    try:
        asked = parse_host_query(wanted.text)
    except ValueError as error:
        raise IllegalParameterReasonError("q", str(error)) from error
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        info = await access.enter_scope(tx, platform, caller, scope)
        conditions = await host_terms.conditions_of(tx, info, asked, now)
        if wanted.enrolled_since is not None:
            conditions.append(host_list.enrolled_since(wanted.enrolled_since))
        counts = await host_list.count_states(tx, conditions, now)
        is_away = counts[AgentState.OFFLINE] > 0
        since = await host_list.find_latest_offline(tx, conditions, now) if is_away else None
        if wanted.state is not None:
            conditions.append(host_list.is_in(wanted.state, now))
        found = await host_list.list_page(tx, conditions, now, start=wanted.start, length=wanted.length)
        shown = [] if wanted.length is None else [view.host for view in found]
        places = await host_places.list_nearest(tx, info, [host.id for host in shown])
        groups = await host_places.list_groups_of(tx, shown)
    total = sum(counts.values()) if wanted.state is None else counts[wanted.state]
    return HostPage(total, counts, tuple(found), since, _target(asked, wanted), tuple(places), tuple(groups))


def _target(asked: Sequence[Term], wanted: HostFilter) -> str:
    """Return the text that names the wanted hosts as targets; when agents enrolled no text can say."""
    if wanted.enrolled_since is not None:
        return ""
    return expression_text([*asked, *([Term("agent", (wanted.state.value,))] if wanted.state is not None else [])])


async def get_host(platform: Platform, caller: Caller, scope: Scope, host_id: int) -> KnownHost:
    """Return a host of a scope, where it stands in the topology, and the dynamic groups that it is in.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
        UnknownHostsError: The scope has no such host.
    """
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        info = await access.enter_scope(tx, platform, caller, scope)
        view = await _host_in(tx, info, host_id, now)
        places = await host_places.list_places(tx, info, host_id)
        groups = await host_places.list_groups(tx, view.host)
    return KnownHost(view, tuple(places), tuple(groups))


async def list_runs(
    platform: Platform, caller: Caller, scope: Scope, host_id: int, *, before: int | None, length: int, is_open: bool
) -> tuple[list[HostRun], int | None]:
    """Return what ran on a host in jobs of a scope, latest job first, and where the next page begins.

    Args:
        before: Only steps of jobs with smaller ids; None for the latest.
        is_open: Only what is not over yet.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller may not see history of the scope.
        UnknownHostsError: The scope has no such host.

    Source: docs/reference/hosts.md, «What ran on a host».
    """
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        info = await access.enter_scope(tx, platform, caller, scope)
        access.demand(caller, Action.VIEW_HISTORY, info)
        host = (await _host_in(tx, info, host_id, now)).host
        if is_open:
            return await host_runs.list_open(tx, scope, host_id, length), None
        return await host_runs.list_page(tx, scope, host, before, length)


async def _host_in(tx: Transaction, info: KnownScope, host_id: int, now: int) -> HostView:
    found = await agents.list_chosen(tx, info, [host_id], now)
    if not found:
        raise UnknownHostsError(1, str(host_id))
    return found[0]
