"""Execution objects: how version 4 and the CI plugin name the host or container that something ran on."""

import msgspec
from msgspec import UNSET, UnsetType

from jobfleet.api.fields import Int32, Int64
from jobfleet.model.container import Container
from jobfleet.model.job import Step
from jobfleet.model.target import Target

HOST, CONTAINER = 1, 2
"""The types of execution objects."""


class ObjectHost(msgspec.Struct, frozen=True):
    """Name a host."""

    bk_host_id: Int64
    bk_cloud_id: Int64
    ip: str | None
    ipv6: str | None


class ObjectContainer(msgspec.Struct, frozen=True):
    """Name a container: by our id, by its runtime's, and the host that it runs on."""

    id: Int64
    container_id: str
    container_uid: str
    name: str
    node_host_id: Int64


class ExecuteObject(msgspec.Struct, frozen=True):
    """Name what something ran on: a host or a container, and its id as text; the other of the two is left out."""

    type: Int32
    resource_id: str
    host: ObjectHost | UnsetType = UNSET
    container: ObjectContainer | UnsetType = UNSET


class StepHead(msgspec.Struct, frozen=True):
    """Show one step without its execution objects."""

    step_instance_id: Int64
    name: str
    status: Int32
    type: Int32
    execute_count: Int32
    create_time: Int64
    start_time: Int64 | None
    end_time: Int64 | None
    total_time: Int32 | None


def object_of(target: Target) -> ExecuteObject:
    """Return a host, or a container of one, as an execution object."""
    if target.container is not None:
        return _container(target, target.container)
    host = ObjectHost(target.host_id, target.cloud_id, target.ip, target.ipv6)
    return ExecuteObject(HOST, str(target.host_id), host)


def _container(target: Target, found: Container) -> ExecuteObject:
    shown = ObjectContainer(found.id, found.uid, found.uid, found.name, target.host_id)
    return ExecuteObject(CONTAINER, str(found.id), container=shown)


def head_of(step: Step) -> tuple[int, str, int, int, int, int, int | None, int | None, int | None]:
    """Return the values of a StepHead in its order, for the Structs that add to it."""
    times = step.created_at, step.started_at, step.ended_at, step.total_ms
    return step.id, step.name, step.status, step.type, step.attempt, *times
