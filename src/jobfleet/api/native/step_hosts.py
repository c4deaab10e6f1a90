"""The hosts of a step, as columns."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import Id
from jobfleet.api.native.route import Call, Ready, Route, Wanted
from jobfleet.api.native.small import compressed
from jobfleet.model.caller import Action
from jobfleet.model.host_columns import address_number, differences
from jobfleet.operations import watch
from jobfleet.operations.host_columns import HostsOfStep, hosts_of_step, places_of_step, silent_of_step

Number = Annotated[int, Meta(ge=0, le=2**31 - 1)]


class WantHosts(Wanted, frozen=True):
    """Ask for the hosts of a step: of its latest attempt, or of the given one, counted from 0; of all its batches.

    `packed` makes numbers that grow differences, and addresses numbers.
    """

    job_id: Id
    step_id: Id
    attempt: Number | None = None
    batch: Number | None = None
    packed: bool = False


class HostColumnsView(msgspec.Struct, frozen=True):
    """Show hosts in target order: the n-th element of every column is about the n-th host.

    `task_id` is 0 before the step has begun. `log_task_id` names the task whose output is the host's, `attempt` the
    attempt (from 0) in which it really ran. `started_at` is 0, `duration_ms` -1 and `exit_code` null while not known.
    `tag` points into `tags`; 0 is no tag. `ipv6` and `container` are empty when no host has one. Packed, `task_id`,
    `host_id`, `started_at` and `ip4`, the IPv4 addresses as numbers, show each value less the one before,
    `log_task_id` less the `task_id`, and `ip` is empty.
    """

    task_id: list[int]
    log_task_id: list[int]
    host_id: list[int]
    cloud_id: list[int]
    ip: list[str | None]
    ip4: list[int]
    ipv6: list[str | None]
    container: list[str]
    status: list[int]
    exit_code: list[int | None]
    started_at: list[int]
    duration_ms: list[int]
    batch: list[int]
    attempt: list[int]
    tag: list[int]
    tags: list[str]


class StepHosts(msgspec.Struct, frozen=True):
    """Show the hosts of an attempt of a step; what the event stream tells after `version` is what changes of it."""

    version: str
    attempt: int
    total: int
    packed: bool
    columns: HostColumnsView


async def show_hosts(call: Call, wanted: WantHosts) -> Ready:
    """Show the hosts."""
    scope = await watch.scope_of_job(call.platform, call.caller, wanted.job_id)
    found = await hosts_of_step(
        call.platform,
        call.caller,
        scope,
        (wanted.job_id, wanted.step_id),
        attempt=wanted.attempt,
        batch=wanted.batch,
    )
    return await compressed(call, _shown(found, packed=wanted.packed))


class WantSilent(Wanted, frozen=True):
    """Ask for the hosts of a step whose agents are awaited and not heard of."""

    job_id: Id
    step_id: Id


class SilentAnswer(msgspec.Struct, frozen=True):
    """Name hosts whose agents were not heard of for `after_ms` before `now` (epoch ms), the most silent first.

    The lists are of equal length. `task_id` names each host among the hosts of the step; `seen_at` is null for an agent
    that was never heard of.
    """

    now: int
    after_ms: int
    task_id: list[int]
    host_id: list[int]
    seen_at: list[int | None]


async def show_silent(call: Call, wanted: WantSilent) -> SilentAnswer:
    """Show the silent agents."""
    scope = await watch.scope_of_job(call.platform, call.caller, wanted.job_id)
    found = await silent_of_step(call.platform, call.caller, scope, wanted.job_id, wanted.step_id)
    return SilentAnswer(found.now, found.after_ms, found.hosts.task_id, found.hosts.host_id, found.hosts.seen_at)


class WantPlaces(Wanted, frozen=True):
    """Ask where the hosts of a step stand in the topology: by their sets, or by their modules."""

    job_id: Id
    step_id: Id
    level: Literal["set", "module"]


class NodeOfHosts(msgspec.Struct, frozen=True):
    """Name a node of the topology."""

    id: int
    name: str


class PlacesAnswer(msgspec.Struct, frozen=True):
    """Say where hosts stand in the topology of now: `node` points into `nodes`; hosts in no such node are left out.

    `host_id` and `node` are of equal length. A host that stands in several nodes is told in the first by name.
    """

    nodes: list[NodeOfHosts]
    host_id: list[int]
    node: list[int]


async def show_places(call: Call, wanted: WantPlaces) -> PlacesAnswer:
    """Show where the hosts stand."""
    scope = await watch.scope_of_job(call.platform, call.caller, wanted.job_id)
    step = wanted.job_id, wanted.step_id
    found = await places_of_step(call.platform, call.caller, scope, step, wanted.level)
    return PlacesAnswer([NodeOfHosts(one.id, one.name) for one in found.nodes], found.host_id, found.node)


def _shown(found: HostsOfStep, *, packed: bool) -> StepHosts:
    columns, who = found.columns, found.addresses
    grows = differences if packed else list
    view = HostColumnsView(
        task_id=grows(columns.task_id),
        log_task_id=_beside(columns.log_task_id, columns.task_id) if packed else columns.log_task_id,
        host_id=grows(who.host_id),
        cloud_id=who.cloud_id,
        ip=[] if packed else who.ip,
        ip4=differences([address_number(ip) for ip in who.ip]) if packed else [],
        ipv6=who.ipv6 if any(who.ipv6) else [],
        container=who.container,
        status=columns.status,
        exit_code=columns.exit_code,
        started_at=grows(columns.started_at),
        duration_ms=columns.duration_ms,
        batch=columns.batch,
        attempt=columns.attempt,
        tag=columns.tag,
        tags=columns.tags,
    )
    return StepHosts(found.cursor.text, found.attempt, len(columns.task_id), packed, view)


def _beside(numbers: list[int], others: list[int]) -> list[int]:
    return [number - other for number, other in zip(numbers, others, strict=True)]


ROUTES = (
    Route(
        "GET",
        "/api/v1/jobs/{job_id}/steps/{step_id}/hosts",
        Action.VIEW_HISTORY,
        show_hosts,
        WantHosts,
        StepHosts,
        "Show the hosts of a step as columns",
    ),
    Route(
        "GET",
        "/api/v1/jobs/{job_id}/steps/{step_id}/silent",
        Action.VIEW_HISTORY,
        show_silent,
        WantSilent,
        SilentAnswer,
        "Show the hosts of a step whose agents are not heard of",
    ),
    Route(
        "GET",
        "/api/v1/jobs/{job_id}/steps/{step_id}/places",
        Action.VIEW_HISTORY,
        show_places,
        WantPlaces,
        PlacesAnswer,
        "Show where the hosts of a step stand in the topology",
    ),
)
