"""Lists of runs, with what pages show of each."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import Id, Moment, ScopeText
from jobfleet.api.native.route import Call, FieldError, Route, Wanted
from jobfleet.api.native.runs import ActionView, show_action
from jobfleet.api.words import in_words
from jobfleet.model.caller import Action
from jobfleet.model.eta import Eta
from jobfleet.model.history import HOUR_MS, MAX_WINDOW_MS, JobFilter
from jobfleet.model.host_counts import HostCounts
from jobfleet.model.job import JobType, LaunchMode
from jobfleet.model.labels import run_label, task_label
from jobfleet.model.scope import parse_scope, scope_text
from jobfleet.model.status import RunStatus
from jobfleet.model.target_text import parse_hosts
from jobfleet.operations import run_list
from jobfleet.operations.run_list import Histogram, RunPage, RunRow
from jobfleet.store.run_rows import OwnResult

_FIELDS = {"created_from": "since", "created_to": "until", "created_from|created_to": "since|until"}
"""How we call what operations name otherwise in refusals."""

Word = Annotated[str, Meta(max_length=512, pattern=r"^[^\x00]*$")]


class AnyRunWords(Wanted, frozen=True, kw_only=True):
    """Choose runs that were created in a window (epoch ms): 92 days at most, the last 30 without one.

    Without `since`, lists of open statuses alone find older runs, too. `status` is one or several words, parted by
    commas; `by` who started it, `me` for the caller; `app` the code of the application that did.
    """

    since: Moment | None = None
    until: Moment | None = None
    status: Annotated[str, Meta(max_length=256, pattern=r"^[a-z_,]*$")] = ""
    by: Word = ""
    name: Word = ""
    via: Literal["", "page", "api", "schedule"] = ""
    type: Literal["", "plan", "script", "file"] = ""
    app: Word = ""
    plan_id: Id | None = None
    schedule_id: Id | None = None


class RunWords(AnyRunWords, frozen=True, kw_only=True):
    """Choose runs of a scope; `host` is an address or id of a target."""

    scope: ScopeText
    host: Word = ""


class ListAllRuns(AnyRunWords, frozen=True, kw_only=True):
    """Page through the runs of all scopes, newest first."""

    start: Annotated[int, Meta(ge=0, le=2**31)] = 0
    length: Annotated[int, Meta(ge=1, le=100)] = 20


class ListRuns(RunWords, frozen=True, kw_only=True):
    """Page through runs, newest first; with `eta` those at work say how much longer they take."""

    eta: bool = False
    start: Annotated[int, Meta(ge=0, le=2**31)] = 0
    length: Annotated[int, Meta(ge=1, le=100)] = 20


class OwnView(msgspec.Struct, frozen=True):
    """Show how the host that was asked for fared: `status` is a number of hosts, null before it began."""

    step_id: int
    host_id: int
    status: int | None
    label: str
    exit_code: int | None
    total_ms: int | None


class CountRuns(RunWords, frozen=True, kw_only=True):
    """Count runs by spans of `span_ms`: a quarter, a half or a whole hour; without it as the window asks for."""

    span_ms: Literal[900_000, 1_800_000, 3_600_000] | None = None


class RunLine(msgspec.Struct, frozen=True):
    """Show a run. `step_*` is the step that matters: at work, else the first that failed, else the last.

    `hosts` are those of its latest attempt. `actions` are those that are allowed now, `version` goes with them;
    `own` is how the host that was asked for fared. `eta` is as on the run's page, where it was asked for.
    """

    id: int
    scope: str
    name: str
    type: str
    status: int
    label: str
    finished: bool
    operator: str
    via: str
    schedule_id: int | None
    schedule_name: str
    plan_id: int | None
    step_id: int
    step_name: str
    step_status: int
    step_place: int
    step_count: int
    batch: int
    batch_count: int
    hosts: HostCounts
    actions: list[ActionView]
    version: str
    own: OwnView | None
    eta: Eta | None
    created_at: int
    started_at: int | None
    ended_at: int | None
    total_ms: int | None


class RunList(msgspec.Struct, frozen=True):
    """Show one page of runs; `total` counts them all, `now` is when it was taken (epoch milliseconds)."""

    total: int
    runs: list[RunLine]
    now: int


class Span(msgspec.Struct, frozen=True):
    """Count the runs that began from `at` (epoch ms) on, and those of them that failed."""

    at: int
    runs: int
    failed: int


class HistogramView(msgspec.Struct, frozen=True):
    """Show when runs began, oldest first, in spans of `span_ms`; those without any are left out."""

    since: int
    until: int
    span_ms: int
    spans: list[Span]


async def list_runs(call: Call, wanted: ListRuns) -> RunList:
    """Show a page of runs."""
    now = call.platform.engine.clock()
    ip = await _ip(call, wanted)
    if wanted.host and not ip:  # it is none of the scope
        return RunList(0, [], now)
    chosen = _any_age(_filter(call, wanted, now, ip), wanted)
    scope, page = parse_scope(wanted.scope), {"start": wanted.start, "length": wanted.length}
    with in_words(_FIELDS):
        found = await run_list.list_runs(call.platform, call.caller, scope, chosen, **page, eta=wanted.eta)
    return _list(found, call.caller.language, now)


async def list_all_runs(call: Call, wanted: ListAllRuns) -> RunList:
    """Show a page of the runs of all scopes."""
    now = call.platform.engine.clock()
    chosen = _any_age(_filter(call, wanted, now), wanted)
    start, length = wanted.start, wanted.length
    with in_words(_FIELDS):
        found = await run_list.list_runs(call.platform, call.caller, None, chosen, start=start, length=length)
    return _list(found, call.caller.language, now)


async def show_all_hours(call: Call, wanted: AnyRunWords) -> HistogramView:
    """Show when the runs of all scopes began."""
    chosen = _filter(call, wanted, call.platform.engine.clock())
    with in_words(_FIELDS):
        found = await run_list.show_histogram(call.platform, call.caller, None, chosen)
    return _hours(found, chosen)


async def show_histogram(call: Call, wanted: CountRuns) -> HistogramView:
    """Show when runs began."""
    now = call.platform.engine.clock()
    ip = await _ip(call, wanted)
    if wanted.host and not ip:
        return HistogramView(wanted.since or 0, wanted.until or now, wanted.span_ms or HOUR_MS, [])
    chosen = _filter(call, wanted, now, ip)
    with in_words(_FIELDS):
        scope = parse_scope(wanted.scope)
        found = await run_list.show_histogram(call.platform, call.caller, scope, chosen, wanted.span_ms)
    return _hours(found, chosen)


def _hours(found: Histogram, chosen: JobFilter) -> HistogramView:
    spans = [Span(one.at, one.jobs, one.failed) for one in found.spans]
    return HistogramView(chosen.created_from, chosen.created_to, found.span_ms, spans)


def _any_age(chosen: JobFilter, wanted: AnyRunWords) -> JobFilter:
    """Return a filter without a beginning where none is asked for and its runs are not over."""
    if wanted.since or not chosen.is_of_open:
        return chosen
    return msgspec.structs.replace(chosen, created_from=1)


def _filter(call: Call, wanted: AnyRunWords, now: int, ip: str = "") -> JobFilter:
    until, statuses = wanted.until or now, _statuses(wanted.status)
    only_successes = statuses == (RunStatus.SUCCEEDED,)  # alone they are counted without walking through them
    return JobFilter(
        created_from=wanted.since or max(1, until - MAX_WINDOW_MS),
        created_to=until,
        schedule_id=wanted.schedule_id,
        operator=call.caller.username if wanted.by == "me" else wanted.by,
        name=wanted.name,
        launch_mode=LaunchMode[wanted.via.upper()] if wanted.via else None,
        type=JobType[wanted.type.upper()] if wanted.type else None,
        ip=ip,
        status=RunStatus.SUCCEEDED if only_successes else None,
        statuses=() if only_successes else statuses,
        plan_id=wanted.plan_id,
        app_code=wanted.app,
    )


async def _ip(call: Call, wanted: RunWords) -> str:
    if not wanted.host:
        return ""
    try:
        ids, addresses = parse_hosts([wanted.host])
    except ValueError as error:
        raise FieldError("host", str(error)) from error
    host = ids[0] if ids else addresses[0]
    return await run_list.ip_of_host(call.platform, call.caller, parse_scope(wanted.scope), host)


def _statuses(words: str) -> tuple[int, ...]:
    named = [word for word in words.split(",") if word]
    try:
        return tuple(dict.fromkeys(int(RunStatus[word.upper()]) for word in named))
    except KeyError as error:
        raise FieldError("status", f"{error.args[0].lower()} is no status") from error


def _list(found: RunPage, words: str, now: int) -> RunList:
    return RunList(found.total, [_line(row, words) for row in found.rows], now)


def _line(row: RunRow, words: str) -> RunLine:
    job, step, starter = row.job, row.step, row.starter
    return RunLine(
        id=job.id,
        scope=scope_text(job.scope),
        name=job.name,
        type=job.type.name.lower(),
        status=int(job.status),
        label=run_label(job.status, words),
        finished=job.finished,
        operator=job.operator,
        via=job.launch_mode.name.lower(),
        schedule_id=None if starter is None else starter.schedule_id,
        schedule_name="" if starter is None else starter.name,
        plan_id=job.plan_id if job.plan_id > 0 else None,
        step_id=step.id,
        step_name=step.name,
        step_status=int(step.status),
        step_place=row.place,
        step_count=row.step_count,
        batch=step.batch,
        batch_count=step.batch_count,
        hosts=row.hosts,
        actions=[show_action(one, words) for one in row.actions],
        version=row.version,
        own=None if row.own is None else _own(row.own, words),
        eta=row.eta,
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
        total_ms=job.total_ms,
    )


def _own(own: OwnResult, words: str) -> OwnView:
    label = "" if own.status is None else task_label(own.status, words)
    status = None if own.status is None else int(own.status)
    return OwnView(own.step_id, own.host_id, status, label, own.exit_code, own.total_ms)


_LOOK = Action.ACCESS_BUSINESS
_ALL = Action.MANAGE_PLATFORM
_ALL_HOURS = "Show when runs of all scopes began"
ROUTES = (
    Route("GET", "/api/v1/runs", _LOOK, list_runs, ListRuns, RunList, "List runs with what may be done to them"),
    Route("GET", "/api/v1/runs/hours", _LOOK, show_histogram, CountRuns, HistogramView, "Show when runs began"),
    Route("GET", "/api/v1/platform/runs", _ALL, list_all_runs, ListAllRuns, RunList, "List the runs of all scopes"),
    Route("GET", "/api/v1/platform/runs/hours", _ALL, show_all_hours, AnyRunWords, HistogramView, _ALL_HOURS),
)
