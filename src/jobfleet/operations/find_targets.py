"""From the texts that people name targets with to hosts: each text on its own, and all together."""

import asyncio
from collections.abc import Collection, Mapping, Sequence

import msgspec

from jobfleet.model.caller import Caller
from jobfleet.model.container import ContainerSpec
from jobfleet.model.errors import BadRequestError
from jobfleet.model.job_errors import JobNotFoundError, TooManyTargetsError
from jobfleet.model.scope import KnownScope, Scope
from jobfleet.model.target import MAX_SCRIPT_TARGETS, Address, Host, ObjectSpec, TargetSpec, TopologyNode
from jobfleet.model.target_query import (
    Addresses,
    ContainerRef,
    Expression,
    GroupRef,
    HostIds,
    HostNames,
    Meaning,
    Named,
    Network,
    Offline,
    RunRef,
    is_plain,
    read_text,
    spread,
)
from jobfleet.model.target_text import parse_objects
from jobfleet.operations.access import enter_scope
from jobfleet.operations.platform import Platform
from jobfleet.operations.query import visible_job
from jobfleet.store import containers, host_list, host_terms, inventory, target_search
from jobfleet.store.database import Transaction

MAX_SEARCHES = 200
"""Most texts of one request that are each a search of their own: names with `*`, networks, expressions, runs."""

MAX_NAMED = 2 * MAX_SCRIPT_TARGETS
"""Most hosts that the texts of one request may name with their ranges unfolded, those that are none included."""


class Found(msgspec.Struct, frozen=True):
    """Hold what one text names: hosts, containers by id, and why it names none or not all, "" for no reason.

    `reason` is malformed, unknown_host, unknown_group, unknown_node, unknown_run, unknown_key, unknown_container or
    no_host; `missing` are the names in it that are no host's, and `detail` says more for people.
    """

    text: str
    named: Named | None
    hosts: tuple[Host, ...] = ()
    containers: tuple[int, ...] = ()
    reason: str = ""
    missing: tuple[str, ...] = ()
    detail: str = ""

    @property
    def left_out(self) -> bool:
        """Tell whether the text takes hosts away."""
        return self.named is not None and self.named.left_out


class _Book(msgspec.Struct, frozen=True):
    """Hold what is looked up once for all texts."""

    by_id: Mapping[int, Host]
    by_address: Mapping[Address, Host]
    by_name: Mapping[str, list[int]]


async def objects_of(platform: Platform, caller: Caller, scope: Scope, texts: Sequence[str]) -> ObjectSpec:
    """Return the target that texts name together, ready for a job that is to start.

    Plain texts are left to the start to look up. What others mean is looked up now.

    Raises:
        BadRequestError: A text means nothing, or names no host.
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope.
        TooManyTargetsError: Too many texts are searches of their own.

    Source: docs/reference/target-expressions.md.
    """
    # Beside the loop: tens of thousands of texts take a while to read.
    if await asyncio.to_thread(is_plain, texts):
        return await asyncio.to_thread(parse_objects, texts)
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        return together(await find_each(tx, platform, caller, info, texts))


def together(found: Sequence[Found]) -> ObjectSpec:
    """Return the target that texts name together, without the hosts that are left out.

    Raises:
        BadRequestError: A text names no host.
    """
    for one in found:
        if one.reason and not one.left_out:
            raise BadRequestError("targets", f"«{one.text}» {one.detail or _REASONS[one.reason]}")
    hosts = chosen_hosts(found)
    ids = tuple(dict.fromkeys(id_ for one in found if not one.left_out for id_ in one.containers))
    return ObjectSpec(TargetSpec(host_ids=tuple(host.id for host in hosts)), ContainerSpec(ids))


_REASONS = {
    "unknown_host": "names no host that is known",
    "unknown_group": "is no dynamic group of the scope",
    "unknown_node": "is no node of the scope, or has no host",
    "unknown_run": "is no run of the scope",
    "unknown_container": "is no container of the scope",
    "no_host": "names no host of the scope",
}


def chosen_hosts(found: Sequence[Found]) -> list[Host]:
    """Return the hosts that texts name together, each once, in the order of the texts, without those left out."""
    away = {host.id for one in found if one.left_out for host in one.hosts}
    no_offline = any(one.named is not None and isinstance(one.named.meaning, Offline) for one in found)
    hosts = {host.id: host for one in found if not one.left_out for host in one.hosts}
    return [host for host in hosts.values() if host.id not in away and (host.alive or not no_offline)]


async def find_each(
    tx: Transaction, platform: Platform, caller: Caller, info: KnownScope, texts: Sequence[str]
) -> list[Found]:
    """Return what each text names, in order; nothing is refused but too much.

    Raises:
        TooManyTargetsError: See MAX_SEARCHES and MAX_NAMED.
    """
    read = await asyncio.to_thread(read_each, texts)
    meanings = [one.named.meaning for one in read if one.named is not None]
    searches = [one for one in meanings if not isinstance(one, HostIds | Addresses | Offline) and not _is_name(one)]
    if len(searches) > MAX_SEARCHES:
        raise TooManyTargetsError(MAX_SEARCHES)
    finder = _Finder(tx, platform, caller, info, await _book(tx, meanings, info, platform.engine.clock()))
    return [one if one.named is None else await finder.find(one, one.named.meaning) for one in read]


def read_each(texts: Sequence[str]) -> list[Found]:
    """Return what each text means, nothing looked up yet; what all name is counted before anything is unfolded.

    Raises:
        TooManyTargetsError: See MAX_NAMED.
    """
    if sum(map(spread, texts)) > MAX_NAMED:
        raise TooManyTargetsError(MAX_SCRIPT_TARGETS)
    return [_read(text) for text in texts]


def _read(text: str) -> Found:
    try:
        return Found(text, read_text(text))
    except ValueError as error:
        return Found(text, None, reason="malformed", detail=str(error))


def _is_name(meaning: Meaning) -> bool:
    return isinstance(meaning, HostNames) and not meaning.is_pattern


async def _book(tx: Transaction, meanings: Sequence[Meaning], info: KnownScope, now: int) -> _Book:
    ids = {id_ for one in meanings if isinstance(one, HostIds) for id_ in one.ids}
    addresses = {address for one in meanings if isinstance(one, Addresses) for address in one.addresses}
    names = {name for one in meanings if isinstance(one, HostNames) and not one.is_pattern for name in one.names}
    by_name = await target_search.ids_by_name(tx, names, info.member_ids) if names else {}
    ids |= {id_ for found in by_name.values() for id_ in found}
    return _Book(
        await inventory.hosts_by_id(tx, ids, now) if ids else {},
        await inventory.hosts_by_address(tx, addresses, now) if addresses else {},
        by_name,
    )


class _Finder:
    """Looks up what texts mean, in one scope and one transaction."""

    def __init__(self, tx: Transaction, platform: Platform, caller: Caller, info: KnownScope, book: _Book) -> None:
        self._tx = tx
        self._platform = platform
        self._caller = caller
        self._info = info
        self._book = book
        self._now = platform.engine.clock()

    async def find(self, one: Found, meaning: Meaning) -> Found:
        """Return what a text names."""
        match meaning:
            case HostIds():
                return self._by_ids(one, meaning)
            case Addresses():
                return self._by_addresses(one, meaning)
            case HostNames(is_pattern=False):
                return self._by_names(one, meaning)
            case Offline():
                return one
        return await self._searched(one, meaning)

    async def _searched(
        self, one: Found, meaning: HostNames | Network | GroupRef | TopologyNode | ContainerRef | RunRef | Expression
    ) -> Found:
        match meaning:
            case HostNames() | Network():
                return await self._with(one, await self._ids(meaning))
            case GroupRef():
                return await self._group(one, meaning)
            case TopologyNode():
                return await self._node(one, meaning)
            case ContainerRef():
                return await self._container(one, meaning)
            case RunRef():
                return await self._run(one, meaning)
            case Expression():
                return await self._expression(one, meaning)

    async def _ids(self, wanted: HostNames | Network) -> list[int]:
        if isinstance(wanted, Network):
            return await target_search.ids_in_network(self._tx, wanted, self._members)
        return await target_search.ids_by_pattern(self._tx, wanted.names[0], self._members)

    @property
    def _members(self) -> Collection[int]:
        return self._info.member_ids

    def _by_ids(self, one: Found, wanted: HostIds) -> Found:
        hosts = tuple(self._book.by_id[id_] for id_ in wanted.ids if id_ in self._book.by_id)
        missing = tuple(str(id_) for id_ in wanted.ids if id_ not in self._book.by_id)
        return _with_missing(one, hosts, missing)

    def _by_addresses(self, one: Found, wanted: Addresses) -> Found:
        known = self._book.by_address
        hosts = tuple(known[address] for address in wanted.addresses if address in known)
        if wanted.folded:
            own = tuple(host for host in hosts if host.business_id in self._members)
            return _filled(one, own)
        missing = tuple(f"{address.cloud_id}:{address.ip}" for address in wanted.addresses if address not in known)
        return _with_missing(one, hosts, missing)

    def _by_names(self, one: Found, wanted: HostNames) -> Found:
        by_name = self._book.by_name
        ids = [id_ for name in wanted.names for id_ in by_name.get(name, ())]
        hosts = tuple(self._book.by_id[id_] for id_ in ids if id_ in self._book.by_id)
        if len(wanted.names) > 1:
            return _filled(one, hosts)
        return _with_missing(one, hosts, tuple(name for name in wanted.names if name not in by_name))

    async def _with(self, one: Found, ids: Sequence[int]) -> Found:
        by_id = await inventory.hosts_by_id(self._tx, ids, self._now) if ids else {}
        return _filled(one, tuple(by_id[id_] for id_ in ids if id_ in by_id))

    async def _group(self, one: Found, wanted: GroupRef) -> Found:
        group = await inventory.find_group(self._tx, wanted.id.rsplit(":", 1)[-1], self._members)
        if group is None:
            return msgspec.structs.replace(one, reason="unknown_group")
        return _filled(one, tuple(await inventory.list_group_hosts(self._tx, group, self._now)))

    async def _node(self, one: Found, node: TopologyNode) -> Found:
        if node.type == "biz":
            known = node.id in self._members
            ids = await inventory.list_business_host_ids(self._tx, node.id) if known else []
        else:
            ids = await inventory.list_node_host_ids(self._tx, node, self._members)
        found = await self._with(one, ids)
        return msgspec.structs.replace(found, reason="unknown_node") if not found.hosts else found

    async def _container(self, one: Found, wanted: ContainerRef) -> Found:
        known = await containers.by_id(self._tx, [wanted.id], self._members)
        if wanted.id not in known:
            return msgspec.structs.replace(one, reason="unknown_container")
        return msgspec.structs.replace(one, containers=(wanted.id,))

    async def _run(self, one: Found, wanted: RunRef) -> Found:
        try:
            await visible_job(self._tx, self._platform, self._caller, self._info.scope, wanted.job_id)
        except JobNotFoundError:
            return msgspec.structs.replace(one, reason="unknown_run")
        find = target_search.ids_failed_in_run if wanted.failed else target_search.ids_of_run
        return await self._with(one, await find(self._tx, wanted.job_id))

    async def _expression(self, one: Found, wanted: Expression) -> Found:
        conditions = [host_terms.own_hosts(self._info)]
        for term in wanted.terms:
            condition = await host_terms.condition_of(self._tx, self._info, term, self._now)
            if condition is None:
                return msgspec.structs.replace(one, reason="unknown_key", detail=f"nothing is called {term.key} here")
            conditions.append(condition)
        return await self._with(one, await host_list.list_ids(self._tx, conditions))


def _filled(one: Found, hosts: tuple[Host, ...]) -> Found:
    """Return a text with its hosts; one that may name any number is told when it names none."""
    return msgspec.structs.replace(one, hosts=hosts, reason="" if hosts else "no_host")


def _with_missing(one: Found, hosts: tuple[Host, ...], missing: tuple[str, ...]) -> Found:
    reason = "unknown_host" if missing else ""
    return msgspec.structs.replace(one, hosts=hosts, missing=missing, reason=reason)
