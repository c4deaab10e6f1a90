"""The tree of a scope's topology and its dynamic groups, for choosing targets."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from jobfleet.model.caller import Caller
from jobfleet.model.scope import Scope
from jobfleet.operations.access import enter_scope
from jobfleet.operations.platform import Platform
from jobfleet.store import target_search
from jobfleet.store.target_search import GroupRow, NodeRow

MOST_NODES = 10_000
"""Most nodes of one answer."""

Key = tuple[str, int]


class TreeNode(msgspec.Struct, frozen=True):
    """Describe a node; `host_count` is of all hosts at and below it, each once. A business has no parent."""

    type: str
    id: int
    name: str
    parent_type: str
    parent_id: int
    host_count: int


class Topology(msgspec.Struct, frozen=True):
    """Hold the nodes of a scope, businesses first, and its dynamic groups; `cut` says that there are more nodes."""

    nodes: Sequence[TreeNode]
    groups: Sequence[GroupRow]
    cut: bool


async def show_topology(platform: Platform, caller: Caller, scope: Scope) -> Topology:
    """Return the topology of a scope.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        rows = await target_search.list_nodes(tx, info.member_ids, MOST_NODES + 1)
        groups = await target_search.list_groups(tx, info.member_ids)
        sizes = await target_search.count_hosts(tx, info.member_ids)
        names = await target_search.business_names(tx, info.member_ids)
    tops = [TreeNode("biz", id_, names[id_], "", 0, sizes.get(id_, 0)) for id_ in sorted(names)]
    return Topology([*tops, *_nodes(rows[:MOST_NODES])], groups, len(rows) > MOST_NODES)


def _nodes(rows: Sequence[NodeRow]) -> Iterable[TreeNode]:
    counts = _counts(rows)
    for row in rows:
        above = (row.parent_type or "biz", row.parent_id or row.business_id)
        yield TreeNode(row.type, row.id, row.name, *above, counts[(row.type, row.id)])


def _counts(rows: Sequence[NodeRow]) -> Mapping[Key, int]:
    """Return how many hosts are at and below each node."""
    parents = {(row.type, row.id): (row.parent_type or "", row.parent_id or 0) for row in rows}
    below: dict[Key, set[int]] = {key: set() for key in parents}
    for row in rows:
        at: Key | None = (row.type, row.id)
        passed: set[Key] = set()
        while at in below and at not in passed:
            passed.add(at)
            below[at].update(row.host_ids)
            at = parents[at]
    return {key: len(found) for key, found in below.items()}
