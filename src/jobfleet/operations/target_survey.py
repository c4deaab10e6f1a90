"""What the texts in a box of targets come to: hosts, and what is wrong with which of them, with what would mend it."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from jobfleet.engine.resolve import foreign_hosts
from jobfleet.model.caller import Caller
from jobfleet.model.scope import KnownScope, Scope
from jobfleet.model.target import Host
from jobfleet.model.target_query import OFFLINE, Addresses
from jobfleet.operations.access import enter_scope
from jobfleet.operations.find_targets import Found, chosen_hosts, find_each
from jobfleet.operations.platform import Platform
from jobfleet.store import target_search
from jobfleet.store.database import Transaction

MOST_LISTED = 100
"""Most that a list of findings shows; its total is of all."""


class Fix(msgspec.Struct, frozen=True):
    """Say which texts to take out of the box, and which to put in, so that a finding is gone."""

    remove: tuple[str, ...] = ()
    add: tuple[str, ...] = ()


class TextFinding(msgspec.Struct, frozen=True):
    """Say what is wrong with a text."""

    text: str
    reason: str
    detail: str
    fix: Fix


class HostFinding(msgspec.Struct, frozen=True):
    """Say what is wrong with a host, and which texts name it."""

    host: Host
    texts: tuple[str, ...]
    fix: Fix


class ForeignFinding(msgspec.Struct, frozen=True):
    """Say which texts name a host that the scope may not use; nothing else is told of it."""

    texts: tuple[str, ...]
    fix: Fix


class Survey(msgspec.Struct, frozen=True):
    """Hold what texts come to.

    `hosts` are those of a run, in order, without the foreign ones, for which it would be refused. The findings are
    all of them; who shows them bounds them.
    """

    found: Sequence[Found]
    hosts: Sequence[Host]
    unresolved: Sequence[TextFinding]
    duplicates: Sequence[HostFinding]
    foreign: Sequence[ForeignFinding]
    offline: Sequence[HostFinding]


async def survey(platform: Platform, caller: Caller, scope: Scope, texts: Sequence[str], action: str) -> Survey:
    """Return what the texts of a box come to.

    Args:
        action: What the hosts are for, as the white list names it: script or file.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
        TooManyTargetsError: See `find_each`.

    Source: docs/reference/target-expressions.md.
    """
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        found = await find_each(tx, platform, caller, info, texts)
        named = chosen_hosts(found)
        strange = {host.id for host in await foreign_hosts(tx, named, info, action)}
        elsewhere = await _elsewhere(tx, found, info, platform.engine.clock())
    by_host = _texts_of(found)
    hosts = [host for host in named if host.id not in strange]
    return Survey(
        found,
        hosts,
        tuple(_unresolved(found, elsewhere)),
        tuple(_duplicates(hosts, by_host)),
        tuple(_foreign(host, by_host[host.id], found) for host in named if host.id in strange),
        tuple(HostFinding(host, by_host[host.id], Fix(add=(f"!{OFFLINE}",))) for host in hosts if not host.alive),
    )


def _texts_of(found: Sequence[Found]) -> Mapping[int, tuple[str, ...]]:
    texts: dict[int, list[str]] = {}
    for one in found:
        for host in () if one.left_out else one.hosts:
            texts.setdefault(host.id, []).append(one.text)
    return {host_id: tuple(dict.fromkeys(named)) for host_id, named in texts.items()}


async def _elsewhere(
    tx: Transaction, found: Sequence[Found], info: KnownScope, now: int
) -> Mapping[str, Sequence[Host]]:
    """Return the scope's hosts that have the address of a text in another cloud area, by the address."""
    lost = {
        address.ip
        for one in found
        if one.missing and one.named is not None and isinstance(one.named.meaning, Addresses)
        for address in one.named.meaning.addresses
    }
    if not lost:
        return {}
    known: dict[str, list[Host]] = {}
    for host in await target_search.own_hosts_at(tx, lost, info.member_ids, now):
        known.setdefault(host.ip if host.ip in lost else host.ipv6 or "", []).append(host)
    return known


def _unresolved(found: Sequence[Found], elsewhere: Mapping[str, Sequence[Host]]) -> Iterator[TextFinding]:
    for one in found:
        if one.reason:
            add = tuple(_address(host) for ip in _addresses(one) for host in elsewhere.get(ip, ()))
            yield TextFinding(one.text, one.reason, one.detail or ", ".join(one.missing), Fix((one.text,), add))


def _addresses(one: Found) -> Sequence[str]:
    if one.named is None or not isinstance(one.named.meaning, Addresses):
        return ()
    return [address.ip for address in one.named.meaning.addresses]


def _duplicates(hosts: Sequence[Host], by_host: Mapping[int, tuple[str, ...]]) -> Iterator[HostFinding]:
    """Yield the hosts that several texts name; a text that names nothing else may go."""
    named: dict[str, int] = {}
    for texts in by_host.values():
        for text in texts:
            named[text] = named.get(text, 0) + 1
    for host in hosts:
        texts = by_host[host.id]
        if len(texts) > 1:
            single = [text for text in texts if named[text] == 1]
            yield HostFinding(host, texts, Fix(tuple(single if len(single) < len(texts) else single[1:])))


def _foreign(host: Host, texts: tuple[str, ...], found: Sequence[Found]) -> ForeignFinding:
    """Return what is told of a foreign host: a text that names nothing else goes; of runs and groups it is left out."""
    alone = {one.text for one in found if len(one.hosts) == 1 and not one.containers}
    remove = tuple(text for text in texts if text in alone)
    return ForeignFinding(texts, Fix(remove, () if len(remove) == len(texts) else (f"!host:{host.id}",)))


def _address(host: Host) -> str:
    ip = host.ip or host.ipv6 or ""
    written = f"[{ip}]" if ":" in ip else ip
    return f"{host.cloud_id}:{written}"
