"""Execution objects: how version 4 and the CI plugin name the host that something ran on."""

import msgspec

from jobfleet.api.fields import Int32, Int64
from jobfleet.model.job import Step
from jobfleet.model.target import Target

HOST = 1
"""The type of an execution object that is a host."""


class ObjectHost(msgspec.Struct, frozen=True):
    """Name a host."""

    bk_host_id: Int64
    bk_cloud_id: Int64
    ip: str | None
    ipv6: str | None


class ExecuteObject(msgspec.Struct, frozen=True):
    """Name what something ran on: a host, and its id as text."""

    type: Int32
    resource_id: str
    host: ObjectHost


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


def host_object(target: Target) -> ExecuteObject:
    """Return a host as an execution object."""
    host = ObjectHost(target.host_id, target.cloud_id, target.ip, target.ipv6)
    return ExecuteObject(HOST, str(target.host_id), host)


def head_of(step: Step) -> tuple[int, str, int, int, int, int, int | None, int | None, int | None]:
    """Return the values of a StepHead in its order, for the Structs that add to it."""
    times = step.created_at, step.started_at, step.ended_at, step.total_ms
    return step.id, step.name, step.status, step.type, step.attempt, *times
