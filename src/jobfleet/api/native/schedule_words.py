"""What requests about schedules give, and how schedules and their fires are shown."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import Id, ScopeText
from jobfleet.api.native.plans import Hosts, Value
from jobfleet.api.native.route import Wanted
from jobfleet.api.native.template_words import SeenAt
from jobfleet.api.native.templates import Length, Start
from jobfleet.model.job import Job
from jobfleet.model.reason_words import reason_words
from jobfleet.model.schedule import MAX_EXPRESSION_CHARACTERS, MAX_NAME_CHARACTERS, Fire, Overlap, Schedule
from jobfleet.model.scope import scope_text
from jobfleet.model.template import GivenValue
from jobfleet.operations import schedule_query
from jobfleet.operations.schedule_query import ScheduleCourse
from jobfleet.store.schedules import ScheduleOrder

LAST_MOMENT = 253_402_300_799_999
"""The end of the year 9999."""

Moment = Annotated[int, Meta(ge=1, le=LAST_MOMENT, description="Epoch milliseconds")]
Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARACTERS)]
Expression = Annotated[str, Meta(max_length=MAX_EXPRESSION_CHARACTERS)]
MOST_TIMES = 50


class CreateSchedule(Wanted, frozen=True):
    """Ask for a schedule of a plan, named by `plan_id` or, where it is the only one of its name, by `plan`.

    One of `expression` and `execute_at` is needed. `values` and `hosts` are by the names of the plan's variables.
    """

    scope: ScopeText
    name: Name
    plan_id: Id | None = None
    plan: str = ""
    expression: Expression = ""
    execute_at: Moment | None = None
    time_zone: str = ""
    end_at: Moment | None = None
    overlap: Overlap = Overlap.ALLOW
    values: dict[str, Value] = msgspec.field(default_factory=dict)
    hosts: dict[str, Hosts] = msgspec.field(default_factory=dict)


class ApplySchedule(CreateSchedule, frozen=True):
    """Declare a schedule: created, or changed where it differs, and enabled or paused."""

    enabled: bool = True


class UpdateSchedule(Wanted, frozen=True):
    """Change a schedule: what is left out stays; `values` and `hosts` together replace all values."""

    schedule_id: Id
    name: Name | None = None
    plan_id: Id | None = None
    expression: Expression | None = None
    execute_at: Moment | None = None
    time_zone: str | None = None
    end_at: Annotated[int, Meta(ge=0, le=LAST_MOMENT, description="Epoch milliseconds; 0 takes it away")] | None = None
    overlap: Overlap | None = None
    values: dict[str, Value] | None = None
    hosts: dict[str, Hosts] | None = None
    seen_at: SeenAt | None = None


class OneSchedule(Wanted, frozen=True):
    """Name a schedule."""

    schedule_id: Id


class ListSchedules(Wanted, frozen=True):
    """Page through the schedules of a scope that have `name` in their name, or of one plan.

    With `failing` they are those whose last moments failed, with `fires_before` those that fire before that moment.
    `order` says what comes first: `changed` last, `next` to fire, most `failures` in a row. With `hosts` the first 20
    say on how many hosts they would start their plans now.
    """

    scope: ScopeText
    name: str = ""
    enabled: bool | None = None
    plan_id: Id | None = None
    failing: bool = False
    fires_before: Moment | None = None
    hosts: bool = False
    order: ScheduleOrder = ScheduleOrder.CHANGED
    start: Start = 0
    length: Length = 20


class NextTimes(Wanted, frozen=True):
    """Ask when a schedule would fire: by an expression, or once; `time_zone` "" is the scope's."""

    scope: ScopeText
    expression: Expression = ""
    execute_at: Moment | None = None
    time_zone: str = ""
    end_at: Moment | None = None
    count: Annotated[int, Meta(ge=1, le=MOST_TIMES)] = 5


class TimesAnswer(msgspec.Struct, frozen=True):
    """Show the next moments (epoch milliseconds) in the zone that they are read in; fewer when there are no more."""

    time_zone: str
    times: list[int]


class ListFires(Wanted, frozen=True):
    """Page through the fires of a schedule, latest moment first."""

    schedule_id: Id
    start: Start = 0
    length: Length = 20


class ScheduleView(msgspec.Struct, frozen=True):
    """Show a schedule; times are epoch milliseconds. It fires as `modifier`."""

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
    failure_code: int
    creator: str
    created_at: int
    modifier: str
    modified_at: int


class ValueView(msgspec.Struct, frozen=True):
    """Show a value that a schedule gives to a variable of its plan; those of passwords are masked."""

    name: str
    value: str | None
    hosts: dict[str, Any] | None


class ScheduleAnswer(msgspec.Struct, frozen=True):
    """Show a schedule and the values that it gives; `plan` is the plan's name, "" when it is gone."""

    schedule: ScheduleView
    plan: str
    template_id: int | None
    values: list[ValueView]


class ScheduleApplied(msgspec.Struct, frozen=True):
    """Show what became of a declared schedule: added, changed or unchanged."""

    effect: str
    schedule: ScheduleView


class FireView(msgspec.Struct, frozen=True):
    """Show what became of a moment; `code` and `message` say why no job was started.

    `message` is in the caller's language. `job_status` is a word, with its number in `job_status_code` (0: none); ""
    when no job was started or it is gone.
    """

    scheduled_at: int
    state: str
    manual: bool
    operator: str
    job_id: int | None
    code: int
    message: str
    at: int
    job_status: str
    job_status_code: int
    total_ms: int | None


class ScheduleLine(ScheduleView, frozen=True):
    """Show a schedule in a list: the name of its `plan`, and what became of its latest moments, latest first.

    `hosts` is on how many hosts it would start its plan now, null where nobody asked or it cannot be said.
    """

    plan: str
    fires: list[FireView]
    hosts: int | None


class ScheduleList(msgspec.Struct, frozen=True):
    """Show one page of schedules; `total` counts them all."""

    total: int
    schedules: list[ScheduleLine]


class FireList(msgspec.Struct, frozen=True):
    """Show one page of fires; `total` counts those that are remembered."""

    total: int
    fires: list[FireView]


def answer_of(view: schedule_query.ScheduleView) -> ScheduleAnswer:
    """Return a schedule as it is shown by itself."""
    name, template_id = ("", None) if view.plan is None else (view.plan.name, view.plan.template_id)
    return ScheduleAnswer(view_of(view.schedule), name, template_id, [_value(one) for one in view.values])


def _value(one: GivenValue) -> ValueView:
    return ValueView(one.name, one.value, None if one.hosts is None else msgspec.to_builtins(one.hosts))


def view_of(schedule: Schedule) -> ScheduleView:
    """Return a schedule as it is shown."""
    timing = schedule.timing
    return ScheduleView(
        id=schedule.id,
        scope=scope_text(schedule.scope),
        name=schedule.name,
        plan_id=schedule.plan_id,
        expression=timing.expression,
        execute_at=timing.execute_at,
        time_zone=timing.time_zone,
        end_at=timing.end_at,
        overlap=schedule.overlap.value,
        enabled=schedule.enabled,
        next_fire_at=schedule.next_fire_at,
        failures=schedule.failures,
        failure_code=schedule.failure_code,
        creator=schedule.creator,
        created_at=schedule.created_at,
        modifier=schedule.modifier,
        modified_at=schedule.modified_at,
    )


def line_of(one: ScheduleCourse, started: Mapping[int, Job], hosts: int | None, words: str) -> ScheduleLine:
    """Return a schedule as it is shown in a list; `started` are the jobs of its fires by id, `words` is zh or en."""
    shown = msgspec.structs.asdict(view_of(one.schedule))
    fires = [fire_of(fire, started, words) for fire in one.fires]
    return ScheduleLine(**shown, plan=one.plan, fires=fires, hosts=hosts)


def fire_of(one: Fire, started: Mapping[int, Job], words: str) -> FireView:
    """Return a fire as it is shown; `started` are jobs by id, `words` is zh or en."""
    job = started.get(one.job_id or 0)
    return FireView(
        scheduled_at=one.scheduled_at,
        state=one.state.value,
        manual=one.manual,
        operator=one.operator,
        job_id=one.job_id,
        code=one.code,
        message=reason_words(one.message, words, one.code),
        at=one.at,
        job_status="" if job is None else job.status.name.lower(),
        job_status_code=0 if job is None else int(job.status),
        total_ms=None if job is None else job.total_ms,
    )
