"""From what was asked for as a target to the hosts of a step, in the order of the request."""

from collections.abc import Iterable

from jobfleet.model.job_errors import (
    ForeignHostsError,
    GroupNotFoundError,
    NoTargetError,
    TooManyTargetsError,
    UnknownHostsError,
)
from jobfleet.model.scope import KnownScope
from jobfleet.model.status import TaskStatus
from jobfleet.model.target import MAX_SCRIPT_TARGETS, Address, Host, Target, TargetSpec, TopologyNode
from jobfleet.store import inventory, whitelist
from jobfleet.store.database import Transaction

MOST_NAMED = 20
"""Most hosts that an error names."""

NO_BUSINESS = 0
"""Business of hosts that nobody knows; no business has this id."""

MOST_SELECTORS = 2_000
"""Most groups and nodes of one request; each is looked up, and one request must not do so for minutes."""


async def resolve(
    tx: Transaction,
    spec: TargetSpec,
    scope: KnownScope,
    step_name: str,
    *,
    action: str,
    now: int,
    tolerant: bool = False,
) -> list[Target]:
    """Return a step's targets: the static list first, then groups, then nodes; first appearance wins.

    Args:
        action: What the hosts are for, as the white list names it: script or file.
        tolerant: Keep foreign hosts and unknown host ids as targets that never run, as schedules do: one host that
            left the business must not keep the others from their work. Unknown addresses are refused all the same.

    Raises:
        UnknownHostsError, GroupNotFoundError: A host or group does not exist; hosts are named.
        ForeignHostsError: Hosts belong to other businesses and are not white-listed.
        NoTargetError, TooManyTargetsError: Nothing is left, or more than MAX_SCRIPT_TARGETS or MOST_SELECTORS.

    Source: docs/explanation/targets.md.
    """
    groups, nodes = dict.fromkeys(spec.dynamic_groups), dict.fromkeys(spec.topology_nodes)
    if len(groups) + len(nodes) > MOST_SELECTORS:
        raise TooManyTargetsError(MOST_SELECTORS)
    found = await _static(tx, spec, now, tolerant=tolerant)
    for group_id in groups:
        found += await _group(tx, group_id, scope, now)
    found += await _nodes(tx, nodes, scope, now)
    hosts = list({host.id: host for host in found}.values())
    foreign = await foreign_hosts(tx, hosts, scope, action)
    if foreign and not tolerant:
        raise ForeignHostsError(scope.name, len(foreign), shortened(map(_name_of, foreign)))
    if not hosts:
        raise NoTargetError(step_name)
    if len(hosts) > MAX_SCRIPT_TARGETS:
        raise TooManyTargetsError(MAX_SCRIPT_TARGETS)
    invalid = {host.id for host in foreign}
    return [as_target(ordinal, host, valid=host.id not in invalid) for ordinal, host in enumerate(hosts)]


async def _static(tx: Transaction, spec: TargetSpec, now: int, *, tolerant: bool) -> list[Host]:
    by_id = await inventory.hosts_by_id(tx, spec.host_ids, now) if spec.host_ids else {}
    if tolerant:
        by_id = {host_id: _nobody(host_id) for host_id in spec.host_ids} | by_id
    by_address = await inventory.hosts_by_address(tx, spec.addresses, now) if spec.addresses else {}
    unknown = [str(wanted) for wanted in spec.host_ids if wanted not in by_id]
    _refuse_unknown([*unknown, *(_named(wanted) for wanted in spec.addresses if wanted not in by_address)])
    return [*(by_id[wanted] for wanted in spec.host_ids), *(by_address[wanted] for wanted in spec.addresses)]


async def _group(tx: Transaction, group_id: str, scope: KnownScope, now: int) -> list[Host]:
    # «business:group» is an old way to write a group's id.
    plain = group_id.rsplit(":", 1)[-1]
    group = await inventory.find_group(tx, plain, scope.member_ids)
    if group is None:
        raise GroupNotFoundError(plain)
    return await inventory.list_group_hosts(tx, group, now)


async def _nodes(tx: Transaction, nodes: Iterable[TopologyNode], scope: KnownScope, now: int) -> list[Host]:
    wanted: list[int] = []
    for node in nodes:
        if node.type == "biz":
            wanted += await inventory.list_business_host_ids(tx, node.id) if node.id in scope.member_ids else []
        else:
            wanted += await inventory.list_node_host_ids(tx, node, scope.member_ids)
    by_id = await inventory.hosts_by_id(tx, set(wanted), now) if wanted else {}
    return [by_id[host_id] for host_id in wanted if host_id in by_id]


async def foreign_hosts(tx: Transaction, hosts: list[Host], scope: KnownScope, action: str) -> list[Host]:
    """Return the hosts that the scope may not use: others' that are not white-listed, and those nobody knows."""
    foreign = [host for host in hosts if host.business_id not in scope.member_ids]
    if not foreign:
        return []
    allowed = await whitelist.list_allowed(tx, [host.id for host in foreign], action, scope)
    return [host for host in foreign if host.id not in allowed]


def _refuse_unknown(missing: Iterable[str]) -> None:
    names = list(dict.fromkeys(missing))
    if names:
        raise UnknownHostsError(len(names), shortened(names))


def shortened(names: Iterable[str]) -> str:
    """Return names for an error, the first MOST_NAMED of them."""
    listed = list(names)
    return ",".join(listed[:MOST_NAMED]) + (",…" if len(listed) > MOST_NAMED else "")


def _named(address: Address) -> str:
    return f"{address.cloud_id}:{address.ip}"


def _name_of(host: Host) -> str:
    return _named(Address(host.cloud_id, host.ip or host.ipv6 or str(host.id)))


def _nobody(host_id: int) -> Host:
    """Return what stands for a host that is not known any more: it belongs to no business."""
    return Host(host_id, NO_BUSINESS, 0, "", None, None, None, "", "", alive=False, tags={})


def _initial(host: Host, *, valid: bool) -> TaskStatus:
    if not valid:
        return TaskStatus.INVALID_TARGET
    return TaskStatus.AGENT_NOT_INSTALLED if host.agent_id is None else TaskStatus.WAITING


def as_target(ordinal: int, host: Host, *, valid: bool) -> Target:
    """Return a host as a target; one that is not valid never runs."""
    return Target(
        ordinal=ordinal,
        host_id=host.id,
        cloud_id=host.cloud_id,
        cloud_name=host.cloud_name,
        ip=host.ip,
        ipv6=host.ipv6,
        agent_id=host.agent_id,
        os=host.os,
        alive=host.alive,
        initial=_initial(host, valid=valid),
    )
