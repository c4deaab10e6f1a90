"""Choosing targets: what pasted texts come to, and the topology to choose from."""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import ScopeText
from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.model.caller import Action
from jobfleet.model.scope import parse_scope
from jobfleet.model.target import MAX_SCRIPT_TARGETS, Host
from jobfleet.operations import target_survey, topology
from jobfleet.operations.find_targets import Found
from jobfleet.operations.target_survey import MOST_LISTED, HostFinding, Survey

AgentState = Literal["online", "offline", "none"]


class ResolveTargets(Wanted, frozen=True):
    """Name targets as people do, one text each; `show` is how many of their hosts the answer lists."""

    scope: ScopeText
    texts: Annotated[list[str], Meta(max_length=MAX_SCRIPT_TARGETS)]
    action: Literal["script", "file"] = "script"
    show: Annotated[int, Meta(ge=0, le=1000)] = 0


class TextView(msgspec.Struct, frozen=True):
    """Show what a text comes to: `hosts` counts them, `reason` is "" or why it names none or not all."""

    text: str
    kind: str
    left_out: bool
    hosts: int
    containers: int
    reason: str
    detail: str


class HostLine(msgspec.Struct, frozen=True):
    """Show a host; `agent` is online, offline, or none when no agent was enrolled."""

    id: int
    business_id: int
    cloud_id: int
    ip: str | None
    ipv6: str | None
    name: str
    os: str
    agent: AgentState


class FixView(msgspec.Struct, frozen=True):
    """Say which texts to take out and which to put in."""

    remove: tuple[str, ...]
    add: tuple[str, ...]


class UnresolvedView(msgspec.Struct, frozen=True):
    """Show a text that names nothing, or not all that it says."""

    text: str
    reason: str
    detail: str
    fix: FixView


class OddHost(msgspec.Struct, frozen=True):
    """Show a host that somebody should look at, with the texts that name it."""

    host: HostLine
    texts: tuple[str, ...]
    fix: FixView


class ForeignText(msgspec.Struct, frozen=True):
    """Show the texts that name a host which is not for the scope; whose it is and what it is called is not told."""

    texts: tuple[str, ...]
    fix: FixView


class ForeignTexts(msgspec.Struct, frozen=True):
    """List such hosts by their texts, at most 100; `total` counts all."""

    total: int
    items: list[ForeignText]


class UnresolvedTexts(msgspec.Struct, frozen=True):
    """List texts, at most 100; `total` counts all."""

    total: int
    items: list[UnresolvedView]


class OddHosts(msgspec.Struct, frozen=True):
    """List hosts, at most 100; `total` counts all."""

    total: int
    items: list[OddHost]


class Resolved(msgspec.Struct, frozen=True):
    """Show what texts come to together: `hosts` in all, of which `ready` have an agent that is connected.

    Foreign hosts count among `hosts` alone.
    """

    hosts: int
    ready: int
    texts: list[TextView]
    shown: list[HostLine]
    unresolved: UnresolvedTexts
    duplicates: OddHosts
    foreign: ForeignTexts
    offline: OddHosts


class ScopeOfBox(Wanted, frozen=True):
    """Name the scope."""

    scope: ScopeText


class NodeView(msgspec.Struct, frozen=True):
    """Show a node of the topology: `text` names it as a target, `host_count` is of all hosts at and below it."""

    text: str
    type: str
    id: int
    name: str
    parent: str
    host_count: int


class GroupView(msgspec.Struct, frozen=True):
    """Show a dynamic group: `text` names it as a target, `host_count` is null for a rule."""

    text: str
    id: str
    name: str
    business_id: int
    host_count: int | None


class TopologyView(msgspec.Struct, frozen=True):
    """Show the topology of a scope, businesses first; `cut` says that there are more nodes than shown."""

    nodes: list[NodeView]
    groups: list[GroupView]
    cut: bool


async def resolve_targets(call: Call, wanted: ResolveTargets) -> Resolved:
    """Tell what texts come to."""
    scope = parse_scope(wanted.scope)
    found = await target_survey.survey(call.platform, call.caller, scope, wanted.texts, wanted.action)
    return _resolved(found, wanted.show)


def _resolved(found: Survey, show: int) -> Resolved:
    return Resolved(
        hosts=len(found.hosts) + len(found.foreign),
        ready=sum(host.alive for host in found.hosts),
        texts=[_text(one) for one in found.found],
        shown=[host_line(host) for host in found.hosts[:show]],
        unresolved=UnresolvedTexts(
            len(found.unresolved),
            [
                UnresolvedView(one.text, one.reason, one.detail, FixView(one.fix.remove, one.fix.add))
                for one in found.unresolved[:MOST_LISTED]
            ],
        ),
        duplicates=_odd(found.duplicates),
        foreign=ForeignTexts(
            len(found.foreign),
            [ForeignText(one.texts, FixView(one.fix.remove, one.fix.add)) for one in found.foreign[:MOST_LISTED]],
        ),
        offline=_odd(found.offline),
    )


def _text(one: Found) -> TextView:
    kind = "" if one.named is None else _KINDS[type(one.named.meaning).__name__]
    detail = one.detail or ", ".join(one.missing[:20])
    return TextView(one.text, kind, one.left_out, len(one.hosts), len(one.containers), one.reason, detail)


_KINDS = {
    "HostIds": "host",
    "Addresses": "address",
    "Network": "network",
    "GroupRef": "group",
    "TopologyNode": "node",
    "ContainerRef": "container",
    "RunRef": "run",
    "Expression": "expression",
    "HostNames": "name",
    "Offline": "offline",
}


def _odd(found: Sequence[HostFinding]) -> OddHosts:
    items = [
        OddHost(host_line(one.host), one.texts, FixView(one.fix.remove, one.fix.add)) for one in found[:MOST_LISTED]
    ]
    return OddHosts(len(found), items)


def host_line(host: Host) -> HostLine:
    """Return a host as a line of a list."""
    state: AgentState = "online" if host.alive else "none" if host.agent_id is None else "offline"
    return HostLine(host.id, host.business_id, host.cloud_id, host.ip, host.ipv6, host.name, host.os, state)


async def show_topology(call: Call, wanted: ScopeOfBox) -> TopologyView:
    """Show the topology of a scope."""
    found = await topology.show_topology(call.platform, call.caller, parse_scope(wanted.scope))
    nodes = [
        NodeView(f"node:{one.type}:{one.id}", one.type, one.id, one.name, _parent(one), one.host_count)
        for one in found.nodes
    ]
    groups = [GroupView(f"group:{one.id}", one.id, one.name, one.business_id, one.host_count) for one in found.groups]
    return TopologyView(nodes, groups, found.cut)


def _parent(one: topology.TreeNode) -> str:
    return f"node:{one.parent_type}:{one.parent_id}" if one.parent_type else ""


_LOOK = Action.ACCESS_BUSINESS
ROUTES = (
    Route("POST", "/api/v1/targets/resolve", _LOOK, resolve_targets, ResolveTargets, Resolved, "Tell what targets are"),
    Route("GET", "/api/v1/topology", _LOOK, show_topology, ScopeOfBox, TopologyView, "Show the topology of a scope"),
)
