"""From what was asked for as containers to the targets of a step."""

from collections.abc import Iterable, Sequence
from typing import TypedDict

import msgspec

from jobfleet.engine.resolve import as_target, resolve, shortened
from jobfleet.model.container import ContainerFilter, ContainerSpec, KnownContainer, matches
from jobfleet.model.errors import UnsupportedScopeError
from jobfleet.model.job_errors import NoTargetError, TooManyTargetsError, UnknownHostsError
from jobfleet.model.scope import KnownScope, ScopeType
from jobfleet.model.target import MAX_SCRIPT_TARGETS, Host, ObjectSpec, Target
from jobfleet.store import containers, inventory
from jobfleet.store.database import Transaction


class _Terms(TypedDict):
    action: str
    now: int
    tolerant: bool


async def resolve_objects(
    tx: Transaction,
    spec: ObjectSpec,
    scope: KnownScope,
    step_name: str,
    *,
    action: str,
    now: int,
    tolerant: bool = False,
) -> list[Target]:
    """Return a step's targets: hosts as `resolve` returns them, then containers, each once.

    A host and a container on it are two targets. What is asked of hosts is as in `resolve`.

    Raises:
        UnknownHostsError: A container with an asked id does not run on a host of the business.
        UnsupportedScopeError: Containers are asked for in a business set.
        NoTargetError, TooManyTargetsError: Nothing is left, or more than MAX_SCRIPT_TARGETS.

    Source: docs/reference/containers.md, «Choosing containers».
    """
    terms: _Terms = {"action": action, "now": now, "tolerant": tolerant}
    if spec.containers.is_empty:
        return await resolve(tx, spec.hosts, scope, step_name, **terms)
    if scope.scope.type is ScopeType.BUSINESS_SET:
        raise UnsupportedScopeError
    targets = [] if spec.hosts.is_empty else await resolve(tx, spec.hosts, scope, step_name, **terms)
    found = await _found(tx, spec.containers, scope, now)
    if not targets and not found:
        raise NoTargetError(step_name)
    if len(targets) + len(found) > MAX_SCRIPT_TARGETS:
        raise TooManyTargetsError(MAX_SCRIPT_TARGETS)
    return targets + [_target(ordinal, one, host) for ordinal, (one, host) in enumerate(found, len(targets))]


async def _found(
    tx: Transaction, wanted: ContainerSpec, scope: KnownScope, now: int
) -> list[tuple[KnownContainer, Host]]:
    named = await _named(tx, wanted.ids, scope)
    known = await containers.list_of_businesses(tx, scope.member_ids) if wanted.filters else []
    hosts = await inventory.hosts_by_id(tx, {one.host_id for one in [*named, *known]}, now)
    chosen = [*named, *(one for each in wanted.filters for one in _chosen(known, each, hosts))]
    each_once = {one.container.id: one for one in chosen}
    return [(one, hosts[one.host_id]) for one in each_once.values()]


async def _named(tx: Transaction, ids: Sequence[int], scope: KnownScope) -> list[KnownContainer]:
    by_id = await containers.by_id(tx, ids, scope.member_ids) if ids else {}
    missing = list(dict.fromkeys(str(wanted) for wanted in ids if wanted not in by_id))
    if missing:
        raise UnknownHostsError(len(missing), shortened(missing))
    return [by_id[wanted] for wanted in ids]


def _chosen(known: Iterable[KnownContainer], wanted: ContainerFilter, hosts: dict[int, Host]) -> list[KnownContainer]:
    """Return what a filter chooses; of a filter for one, the first whose host is alive."""
    found = [one for one in known if matches(one, wanted)]
    return sorted(found, key=lambda one: not hosts[one.host_id].alive)[:1] if wanted.any_one else found


def _target(ordinal: int, known: KnownContainer, host: Host) -> Target:
    return msgspec.structs.replace(as_target(ordinal, host, valid=True), container=known.container)
