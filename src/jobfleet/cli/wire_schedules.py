"""What commands read of the native API's answers about schedules and notification hooks."""

import msgspec


class Schedule(msgspec.Struct, frozen=True):
    """A schedule; times are epoch milliseconds."""

    id: int
    scope: str
    name: str
    plan_id: int
    expression: str
    execute_at: int | None
    time_zone: str
    end_at: int | None
    overlap: str
    enabled: bool
    next_fire_at: int | None
    failures: int
    modifier: str


class Value(msgspec.Struct, frozen=True):
    """A value that a schedule gives to a variable."""

    name: str
    value: str | None
    hosts: dict[str, object] | None


class ScheduleAnswer(msgspec.Struct, frozen=True):
    """A schedule with its values and the name of its plan."""

    schedule: Schedule
    plan: str
    values: list[Value]


class ScheduleApplied(msgspec.Struct, frozen=True):
    """What became of a declared schedule."""

    effect: str
    schedule: Schedule


class ScheduleList(msgspec.Struct, frozen=True):
    """A page of schedules."""

    total: int
    schedules: list[Schedule]


class Fire(msgspec.Struct, frozen=True):
    """What became of a moment of a schedule."""

    scheduled_at: int
    state: str
    manual: bool
    operator: str
    job_id: int | None
    code: int
    message: str
    at: int


class FireList(msgspec.Struct, frozen=True):
    """A page of fires."""

    total: int
    fires: list[Fire]


class Hook(msgspec.Struct, frozen=True):
    """A notification hook."""

    name: str
    url: str
    occasions: list[str]
    modifier: str
    modified_at: int


class HookList(msgspec.Struct, frozen=True):
    """The notification hooks of a scope."""

    hooks: list[Hook]
