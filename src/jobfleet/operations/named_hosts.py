"""The hosts that lists name, as far as a scope may know them."""

from collections.abc import Collection, Iterable, Mapping

from jobfleet.model.scope import Scope
from jobfleet.model.target import Host, TargetSpec
from jobfleet.model.whitelist import ACTIONS
from jobfleet.operations.platform import Platform
from jobfleet.store import inventory, whitelist
from jobfleet.store.database import Transaction


async def usable_hosts(
    tx: Transaction, platform: Platform, scope: Scope, lists: Collection[TargetSpec]
) -> tuple[Host, ...]:
    """Return the hosts that lists name by id or address, without those that are unknown or not for the scope."""
    ids = {host_id for one in lists for host_id in one.host_ids}
    addresses = {address for one in lists for address in one.addresses}
    now = platform.engine.clock()
    by_id = await inventory.hosts_by_id(tx, ids, now) if ids else {}
    by_address = await inventory.hosts_by_address(tx, addresses, now) if addresses else {}
    found = {host.id: host for host in (*by_id.values(), *by_address.values())}
    usable = await _usable(tx, scope, found)
    return tuple(host for host in found.values() if host.id in usable)


def named_by(spec: TargetSpec, hosts: Iterable[Host]) -> list[Host]:
    """Return those of some hosts that a list names by id or address."""
    ids, places = set(spec.host_ids), {(one.cloud_id, one.ip) for one in spec.addresses}
    return [one for one in hosts if one.id in ids or {(one.cloud_id, one.ip), (one.cloud_id, one.ipv6)} & places]


async def _usable(tx: Transaction, scope: Scope, found: Mapping[int, Host]) -> set[int]:
    """Return which hosts a scope may use: of others anybody may name the ids, and is told nothing of them."""
    info = await inventory.find_scope(tx, scope)
    if info is None:
        return set()
    own = {host.id for host in found.values() if host.business_id in info.member_ids}
    foreign = found.keys() - own
    for action in ACTIONS if foreign else ():
        own |= await whitelist.list_allowed(tx, foreign, action, info)
    return own
