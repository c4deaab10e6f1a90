"""What was asked for as a target, and what it was resolved to."""

from collections.abc import Iterable

import msgspec

from jobfleet.model.container import Container, ContainerSpec
from jobfleet.model.status import TaskStatus

MAX_SCRIPT_TARGETS = 50_000
"""Most targets of one script step."""

DEFAULT_CLOUD_NAME = "Default Area"


class Address(msgspec.Struct, frozen=True):
    """Name a host by its cloud area and IP (v4 or v6) address."""

    cloud_id: int
    ip: str


class TopologyNode(msgspec.Struct, frozen=True):
    """Name a node of the topology tree: type such as set or module, and id."""

    type: str
    id: int


class TargetSpec(msgspec.Struct, frozen=True):
    """Say which hosts are meant: those of all lists, in this order.

    `variable` names a host-list variable of a plan instead; starting the plan puts its hosts here.
    """

    host_ids: tuple[int, ...] = ()
    addresses: tuple[Address, ...] = ()
    dynamic_groups: tuple[str, ...] = ()
    topology_nodes: tuple[TopologyNode, ...] = ()
    variable: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether no list names anything."""
        return not (self.host_ids or self.addresses or self.dynamic_groups or self.topology_nodes or self.variable)


class ObjectSpec(msgspec.Struct, frozen=True):
    """Say which execution objects are meant: hosts, and containers of hosts."""

    hosts: TargetSpec
    containers: ContainerSpec = ContainerSpec()

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing names anything."""
        return self.hosts.is_empty and self.containers.is_empty


def united(specs: Iterable[TargetSpec]) -> TargetSpec:
    """Return what several targets name together."""
    parts = list(specs)
    return TargetSpec(
        tuple(host_id for part in parts for host_id in part.host_ids),
        tuple(address for part in parts for address in part.addresses),
        tuple(group for part in parts for group in part.dynamic_groups),
        tuple(node for part in parts for node in part.topology_nodes),
    )


class Host(msgspec.Struct, frozen=True):
    """Describe a host as the inventory knows it.

    `agent_id` is None for a host without an IPv4 address that no agent was enrolled on; `alive` tells whether
    its agent was heard of lately.
    """

    id: int
    business_id: int
    cloud_id: int
    cloud_name: str
    ip: str | None
    ipv6: str | None
    agent_id: str | None
    name: str
    os: str
    alive: bool
    tags: dict[str, str]


class Target(msgspec.Struct, frozen=True):
    """Describe one resolved host of a step, or a `container` on it, frozen when the job was accepted.

    `ordinal` counts from 0 in the order of the request; `initial` is the status a task of it starts with.
    """

    ordinal: int
    host_id: int
    cloud_id: int
    cloud_name: str
    ip: str | None
    ipv6: str | None
    agent_id: str | None
    os: str
    alive: bool
    initial: TaskStatus
    container: Container | None = None
