"""One host: where it belongs, and what ran there with the result of this very host."""

from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.callers import language
from jobfleet.api.native.jobs import Id, ScopeText
from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.api.native.views import HostAnswer, show_host
from jobfleet.model.caller import Action
from jobfleet.model.host_run import HostRun
from jobfleet.model.labels import run_label, task_label
from jobfleet.model.scope import parse_scope
from jobfleet.operations import hosts


class OneHostPage(Wanted, frozen=True):
    """Name a host of a scope."""

    scope: ScopeText
    host_id: Id


class ListHostRuns(Wanted, frozen=True):
    """Page through what ran on a host; `before` is that of the page before, `open` asks for what is not over."""

    scope: ScopeText
    host_id: Id
    before: Id | None = None
    open: bool = False
    length: Annotated[int, Meta(ge=1, le=200)] = 20


class PlaceView(msgspec.Struct, frozen=True):
    """Name a node of the topology."""

    type: str
    id: int
    name: str


class GroupView(msgspec.Struct, frozen=True):
    """Name a dynamic group."""

    id: str
    name: str


class HostPage(msgspec.Struct, frozen=True):
    """Show a host, each of its ways down the topology from the top, and the dynamic groups that it is in."""

    host: HostAnswer
    places: list[list[PlaceView]]
    groups: list[GroupView]


class HostRunView(msgspec.Struct, frozen=True):
    """Show a step on this host: its job, and how its latest attempt went here; times are epoch milliseconds.

    Each `container` (its name; empty for the host itself) is a row of its own, told apart by its `ordinal` in the step.
    `task_id` names the task where the host has several in the step. Without `status_code` it has not begun here.
    """

    job_id: int
    job_name: str
    job_status: str
    job_status_code: int
    job_label: str
    operator: str
    created_at: int
    step_id: int
    step_name: str
    step_type: str
    attempt: int
    ordinal: int
    container: str
    task_id: int | None
    status: str | None
    status_code: int | None
    label: str
    exit_code: int | None
    tag: str
    started_at: int | None
    total_ms: int | None


class HostRunList(msgspec.Struct, frozen=True):
    """Show what ran on a host, latest job first; `before` asks for the next page, null after the last one."""

    runs: list[HostRunView]
    before: int | None


async def show(call: Call, wanted: OneHostPage) -> HostPage:
    """Show a host."""
    found = await hosts.get_host(call.platform, call.caller, parse_scope(wanted.scope), wanted.host_id)
    places = [[PlaceView(one.type, one.id, one.name) for one in way] for way in found.places]
    return HostPage(show_host(found.view), places, [GroupView(one.id, one.name) for one in found.groups])


async def list_runs(call: Call, wanted: ListHostRuns) -> HostRunList:
    """Show what ran on a host."""
    scope, words = parse_scope(wanted.scope), language(call.request)
    named = call.platform, call.caller, scope, wanted.host_id
    found, before = await hosts.list_runs(*named, before=wanted.before, length=wanted.length, is_open=wanted.open)
    return HostRunList([_show(run, words) for run in found], before)


def _show(run: HostRun, words: str) -> HostRunView:
    return HostRunView(
        job_id=run.job_id,
        job_name=run.job_name,
        job_status=run.job_status.name.lower(),
        job_status_code=int(run.job_status),
        job_label=run_label(run.job_status, words),
        operator=run.operator,
        created_at=run.created_at,
        step_id=run.step_id,
        step_name=run.step_name,
        step_type=run.step_type.name.lower(),
        attempt=run.attempt,
        ordinal=run.ordinal,
        container=run.container,
        task_id=run.task_id if run.container or run.by_source else None,
        status=None if run.status is None else run.status.name.lower(),
        status_code=None if run.status is None else int(run.status),
        label="" if run.status is None else task_label(run.status, words),
        exit_code=run.exit_code,
        tag=run.tag,
        started_at=run.started_at,
        total_ms=run.total_ms,
    )


_ONE = "/api/v1/hosts/{host_id}"
ROUTES = (
    Route("GET", _ONE, Action.ACCESS_BUSINESS, show, OneHostPage, HostPage, "Show a host"),
    Route("GET", f"{_ONE}/runs", Action.VIEW_HISTORY, list_runs, ListHostRuns, HostRunList, "What ran on a host"),
)
