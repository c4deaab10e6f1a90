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
from jobfleet.model.history import MAX_WINDOW_MS, JobFilter
from jobfleet.model.host_counts import HostCounts
from jobfleet.model.job import JobType, LaunchMode
from jobfleet.model.labels import run_label, task_label
from jobfleet.model.scope import parse_scope
from jobfleet.model.status import RunStatus
from jobfleet.model.target_text import parse_hosts
from jobfleet.operations import run_list
from jobfleet.operations.run_list import RunRow
from jobfleet.store.run_rows import OwnResult

_FIELDS = {"created_from": "since", "created_to": "until", "created_from|created_to": "since|until"}
"""How we call what operations name otherwise in refusals."""

Word = Annotated[str, Meta(max_length=512, pattern=r"^[^\x00]*$")]


class RunWords(Wanted, frozen=True, kw_only=True):
    """Choose runs of a scope that were created in a window (epoch ms): 30 days at most, and these without it.

    `status` is one or several words, parted by commas; `by` who started it, `me` for the caller; `host` an
    address or id of a target.
    """

    scope: ScopeText
    since: Moment | None = None
    until: Moment | None = None
    status: Annotated[str, Meta(max_length=256, pattern=r"^[a-z_,]*$")] = ""
    by: Word = ""
    name: Word = ""
    via: Literal["", "page", "api", "schedule"] = ""
    type: Literal["", "plan", "script", "file"] = ""
    host: Word = ""
    plan_id: Id | None = None
    schedule_id: Id | None = None


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


class RunLine(msgspec.Struct, frozen=True):
    """Show a run. `step_*` is the step that matters: at work, else the first that failed, else the last.

    `hosts` are those of its latest attempt. `actions` are those that are allowed now, `version` goes with them;
    `own` is how the host that was asked for fared. `eta` is as on the run's page, where it was asked for.
    """

    id: int
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
    chosen = await _filter(call, wanted, now)
    if chosen is None:
        return RunList(0, [], now)
    scope, page = parse_scope(wanted.scope), {"start": wanted.start, "length": wanted.length}
    with in_words(_FIELDS):
        found = await run_list.list_runs(call.platform, call.caller, scope, chosen, **page, eta=wanted.eta)
    return RunList(found.total, [_line(row, call.caller.language) for row in found.rows], now)


async def show_histogram(call: Call, wanted: RunWords) -> HistogramView:
    """Show when runs began."""
    now = call.platform.engine.clock()
    chosen = await _filter(call, wanted, now)
    if chosen is None:
        return HistogramView(wanted.since or 0, wanted.until or now, run_list.HOUR_MS, [])
    with in_words(_FIELDS):
        found = await run_list.show_histogram(call.platform, call.caller, parse_scope(wanted.scope), chosen)
    spans = [Span(one.at, one.jobs, one.failed) for one in found.spans]
    return HistogramView(chosen.created_from, chosen.created_to, found.span_ms, spans)


async def _filter(call: Call, wanted: RunWords, now: int) -> JobFilter | None:
    """Return what is asked for; None when the host that is named is none of the scope."""
    until = wanted.until or now
    ip = await _ip(call, wanted)
    if wanted.host and not ip:
        return None
    return JobFilter(
        created_from=wanted.since or max(1, until - MAX_WINDOW_MS),
        created_to=until,
        schedule_id=wanted.schedule_id,
        operator=call.caller.username if wanted.by == "me" else wanted.by,
        name=wanted.name,
        launch_mode=LaunchMode[wanted.via.upper()] if wanted.via else None,
        type=JobType[wanted.type.upper()] if wanted.type else None,
        ip=ip,
        statuses=_statuses(wanted.status),
        plan_id=wanted.plan_id,
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


def _line(row: RunRow, words: str) -> RunLine:
    job, step, starter = row.job, row.step, row.starter
    return RunLine(
        id=job.id,
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
ROUTES = (
    Route("GET", "/api/v1/runs", _LOOK, list_runs, ListRuns, RunList, "List runs with what may be done to them"),
    Route("GET", "/api/v1/runs/hours", _LOOK, show_histogram, RunWords, HistogramView, "Show when runs began"),
)
