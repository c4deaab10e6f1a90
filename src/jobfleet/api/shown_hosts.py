"""The hosts that a step or a variable names, as version 3 shows them."""

from collections.abc import Iterable

import msgspec

from jobfleet.api.fields import Int64
from jobfleet.model.target import Host, TargetSpec
from jobfleet.operations.named_hosts import named_by


class ShownHost(msgspec.Struct, frozen=True):
    """Name a host that is known."""

    bk_host_id: Int64
    bk_cloud_id: Int64
    ip: str | None


class ShownGroup(msgspec.Struct, frozen=True):
    """Name a dynamic group."""

    id: str


class ShownNode(msgspec.Struct, frozen=True):
    """Name a node of the topology tree."""

    id: Int64
    node_type: str


class ShownServer(msgspec.Struct, frozen=True):
    """Show which hosts are meant; of those in `ip_list` hosts that are not known any more are left out."""

    variable: str | None
    ip_list: list[ShownHost]
    host_id_list: list[Int64]
    dynamic_group_list: list[ShownGroup]
    topo_node_list: list[ShownNode]


def show_server(known: Iterable[Host], spec: TargetSpec) -> ShownServer:
    """Return which hosts are meant, by name those of them that are known."""
    return ShownServer(
        variable=spec.variable or None,
        ip_list=[ShownHost(host.id, host.cloud_id, host.ip) for host in named_by(spec, known)],
        host_id_list=list(spec.host_ids),
        dynamic_group_list=[ShownGroup(group) for group in spec.dynamic_groups],
        topo_node_list=[ShownNode(node.id, node.type) for node in spec.topology_nodes],
    )
