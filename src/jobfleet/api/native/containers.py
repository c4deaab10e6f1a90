"""The containers of hosts."""

import msgspec

from jobfleet.api.native.jobs import ScopeText
from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.model.caller import Action
from jobfleet.model.container import KnownContainer
from jobfleet.model.scope import parse_scope
from jobfleet.operations import containers


class ListContainers(Wanted, frozen=True):
    """Name the scope."""

    scope: ScopeText


class ContainerAnswer(msgspec.Struct, frozen=True):
    """Show a running container: `uid` is its runtime's id; what its labels do not say of its place is empty."""

    id: int
    uid: str
    runtime: str
    name: str
    host_id: int
    cluster: str
    namespace: str
    pod: str
    workload_kind: str
    workload: str
    labels: dict[str, str]


class ContainerList(msgspec.Struct, frozen=True):
    """Show containers by id."""

    containers: list[ContainerAnswer]


async def list_containers(call: Call, wanted: ListContainers) -> ContainerList:
    """Show the running containers on the hosts of a scope."""
    found = await containers.list_containers(call.platform, call.caller, parse_scope(wanted.scope))
    return ContainerList([_show(one) for one in found])


def _show(known: KnownContainer) -> ContainerAnswer:
    one, place = known.container, known.place
    return ContainerAnswer(
        one.id,
        one.uid,
        one.runtime,
        one.name,
        known.host_id,
        place.cluster,
        place.namespace,
        place.pod,
        place.workload_kind,
        place.workload,
        known.labels,
    )


ROUTES = (
    Route(
        "GET",
        "/api/v1/containers",
        Action.ACCESS_BUSINESS,
        list_containers,
        ListContainers,
        ContainerList,
        "List containers",
    ),
)
