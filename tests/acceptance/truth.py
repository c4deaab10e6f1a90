"""What every surface must say of one job, said once."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from tests.acceptance.surfaces import Json

ZONE = ZoneInfo("Asia/Shanghai")
FINISHED = {3, 4, 5, 6, 8, 9, 11, 13, 14}
ABNORMAL = {1, 2, 18, 310}

Group = tuple[int, str | None, int]


class Row(msgspec.Struct, frozen=True):
    """Say how one host must be shown; `log` None leaves its log to the test."""

    host: int
    status: int
    tag: str = ""
    exit_code: int | None = None
    error_code: int = 0
    log: str | None = ""


class Truth(msgspec.Struct, frozen=True):
    """Say how a job must be shown: statuses, rows in target order, groups, and the numbers of S0.

    `numbers` are total, running, success, fail and abnormal. `hosts` are the targets where there are no rows yet.
    """

    job: int
    step: int
    rows: tuple[Row, ...]
    groups: tuple[Group, ...]
    numbers: tuple[int, int, int, int, int]
    attempt: int = 0
    hosts: tuple[int, ...] = ()
    operator: str = "admin"

    @property
    def targets(self) -> tuple[int, ...]:
        """Return the hosts in target order."""
        return self.hosts or tuple(row.host for row in self.rows)


def clock(texts: Json) -> tuple[object, ...]:
    """Return start, end and duration as version 2 shows them."""
    return texts["start_time"], texts["end_time"], texts["total_time"]


def clock_of(numbers: Json) -> tuple[object, ...]:
    """Return what version 2 must show for the start, end and duration of version 3."""
    return text(numbers["start_time"]), text(numbers["end_time"]), seconds(numbers["total_time"])


def text(at: int | None, form: str = "%Y-%m-%d %H:%M:%S +0800") -> str | None:
    """Return a time in epoch milliseconds as version 2 writes it."""
    return None if at is None else datetime.fromtimestamp(at // 1000, ZONE).strftime(form)


def seconds(duration_ms: int | None) -> float | None:
    """Return a duration in milliseconds as version 2 tells it."""
    return None if duration_ms is None else duration_ms / 1000
