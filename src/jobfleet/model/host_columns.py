"""The hosts of a step as columns: ten thousand of them cost a handful of lists."""

import socket
from collections.abc import Sequence

import msgspec


class HostColumns(msgspec.Struct, frozen=True):
    """Show hosts of one attempt of a step, in target order: the n-th element of every column is about the n-th.

    `task_id` is 0 before the step has begun. `log_task_id` names the task whose output belongs to the host: its own,
    or the one of the attempt in which it really ran, which `attempt` names (0 is the first). `status` is the number
    of the BlueKing API; `tag` points into `tags`, 0 is no tag. `started_at` is epoch milliseconds, 0 while it is not
    known; `duration_ms` is -1 until the host has ended, `exit_code` null without one. `container` is there when
    containers are meant.

    Source: docs/reference/event-stream.md, «Hosts as columns».
    """

    task_id: list[int]
    log_task_id: list[int]
    status: list[int]
    exit_code: list[int | None]
    started_at: list[int]
    duration_ms: list[int]
    batch: list[int]
    attempt: list[int]
    tag: list[int]
    tags: list[str]


class HostAddresses(msgspec.Struct, frozen=True):
    """Show who the hosts are that the columns are about, in the same order; `container` is empty without any."""

    host_id: list[int]
    cloud_id: list[int]
    ip: list[str | None]
    ipv6: list[str | None]
    container: list[str]


def differences(numbers: Sequence[int]) -> list[int]:
    """Return each number less the one before it; the first as it is. Neighbours are alike, and so pack well."""
    return [after - before for before, after in zip([0, *numbers], numbers, strict=False)]


def address_number(ip: str | None) -> int:
    """Return an IPv4 address as a number; 0 without one."""
    try:
        return int.from_bytes(socket.inet_pton(socket.AF_INET, ip or ""), "big")
    except OSError:
        return 0
