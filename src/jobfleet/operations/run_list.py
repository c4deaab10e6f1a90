"""The list of runs, of a scope or of all: each with the step that matters, its hosts, and what may be done to it."""

from collections.abc import Mapping, Sequence

import msgspec

from jobfleet.engine.batches import key_of
from jobfleet.model.caller import Action, Caller
from jobfleet.model.eta import Eta
from jobfleet.model.history import MAX_LIST_MS, JobFilter, check_filter, span_for
from jobfleet.model.host_counts import HostCounts, host_counts
from jobfleet.model.job import Job, LaunchMode, Step
from jobfleet.model.run_actions import RunAction, run_actions
from jobfleet.model.run_view import run_version
from jobfleet.model.scope import Scope
from jobfleet.model.status import RunStatus
from jobfleet.model.target import Address
from jobfleet.model.verdict import Counts, total
from jobfleet.operations.access import demand_platform, enter_scope
from jobfleet.operations.platform import Platform
from jobfleet.operations.query import check_start
from jobfleet.operations.run_state import counts_of, state_of
from jobfleet.operations.run_view import rights_of
from jobfleet.store import history, inventory, jobs, run_rows
from jobfleet.store.batches import StepKey
from jobfleet.store.database import Transaction
from jobfleet.store.history import HourCount
from jobfleet.store.run_rows import OwnResult, Starter

_AT_WORK = (RunStatus.RUNNING, RunStatus.STOPPING, RunStatus.WAITING, RunStatus.BETWEEN_BATCHES)
_BROKEN = (RunStatus.FAILED, RunStatus.ABNORMAL, RunStatus.REJECTED, RunStatus.STOPPED)


class RunRow(msgspec.Struct, frozen=True):
    """Hold a run as a list shows it: `step` is the one that matters, number `place` of `step_count`.

    `version` is that of `run_version`. `own` is how the host that is asked for fared, `starter` the schedule that
    started it; None without one. `eta` is how much longer it takes, where that was asked for and is at work.
    """

    job: Job
    step: Step
    place: int
    step_count: int
    hosts: HostCounts
    actions: Sequence[RunAction]
    version: str
    own: OwnResult | None
    starter: Starter | None
    eta: Eta | None = None


class RunPage(msgspec.Struct, frozen=True):
    """Hold a page of runs, newest first; `total` counts everything that matches."""

    total: int
    rows: Sequence[RunRow]


class Histogram(msgspec.Struct, frozen=True):
    """Hold how many runs began when; spans without any are left out."""

    span_ms: int
    spans: Sequence[HourCount]


async def list_runs(
    platform: Platform,
    caller: Caller,
    scope: Scope | None,
    wanted: JobFilter,
    *,
    start: int,
    length: int,
    eta: bool = False,
) -> RunPage:
    """Return a page of a scope's runs, newest first; with `eta` those at work with how much longer they take.

    Without a scope it is a page of all runs, for administrators of the platform.

    Raises:
        MissingOrIllegalParameterError, InvalidParameterError: See `check_filter`; 92 days at most.
        ScopeNotFoundError, ForbiddenError: In this order.
        IllegalParameterReasonError: The page begins deeper than the platform is set to.

    Source: docs/reference/native-api.md, «Lists of runs».
    """
    check_filter(wanted, MAX_LIST_MS)
    async with platform.engine.db.begin() as tx:
        await _enter(tx, platform, caller, scope)
        await check_start(tx, start)
        page = await history.list_jobs(tx, scope, wanted, start=start, length=length)
        ids = [job.id for job in page.jobs]
        own = await run_rows.own_results(tx, wanted.ip, ids) if wanted.ip and ids else {}
        fired = [job.id for job in page.jobs if job.launch_mode is LaunchMode.SCHEDULE]
        starters = await run_rows.starters(tx, fired) if fired else {}
        steps = await jobs.list_steps_of(tx, ids)
        counted = await platform.settled.count(tx, [key_of(that_matters(steps[id_])) for id_ in ids])
        rows = [_row(caller, job, steps[job.id], counted, own.get(job.id), starters.get(job.id)) for job in page.jobs]
        if eta:
            rows = [
                msgspec.structs.replace(row, eta=await _eta(tx, platform, row.job, steps[row.job.id])) for row in rows
            ]
    return RunPage(page.total, rows)


async def _enter(tx: Transaction, platform: Platform, caller: Caller, scope: Scope | None) -> None:
    if scope is None:
        demand_platform(caller, Action.MANAGE_PLATFORM)
    else:
        await enter_scope(tx, platform, caller, scope)


async def _eta(tx: Transaction, platform: Platform, job: Job, steps: Sequence[Step]) -> Eta | None:
    if job.status not in _AT_WORK:
        return None
    counted = await counts_of(tx, steps, platform.settled)
    return (await state_of(tx, job, steps, counted, platform.engine.clock())).eta


def _row(
    caller: Caller,
    job: Job,
    steps: Sequence[Step],
    counts: Mapping[StepKey, Mapping[int, Counts]],
    own: OwnResult | None,
    starter: Starter | None,
) -> RunRow:
    step = that_matters(steps)
    counted = counts[key_of(step)]
    actions = run_actions(job, steps, {step.id: counted}, rights_of(caller, job, steps))
    return RunRow(
        job=job,
        step=step,
        place=steps.index(step) + 1,
        step_count=len(steps),
        hosts=host_counts(step.target_count, total(counted)),
        actions=[one for one in actions if one.allowed],
        version=run_version(job, steps),
        own=own,
        starter=starter,
    )


def that_matters(steps: Sequence[Step]) -> Step:
    """Return the step that somebody wants to see first: one at work, else the first that failed, else the last."""
    for statuses in (_AT_WORK, _BROKEN):
        found = next((step for step in steps if step.status in statuses), None)
        if found is not None:
            return found
    begun = [step for step in steps if step.status is not RunStatus.PENDING]
    return begun[-1] if begun else steps[0]


async def show_histogram(
    platform: Platform, caller: Caller, scope: Scope | None, wanted: JobFilter, span_ms: int | None = None
) -> Histogram:
    """Return how many runs that match began in each span of `span_ms`: without one an hour, several of a long window.

    Raises:
        MissingOrIllegalParameterError, InvalidParameterError: See `check_filter`; 92 days at most.
        ScopeNotFoundError, ForbiddenError: In this order.
    """
    check_filter(wanted, MAX_LIST_MS)
    span = span_ms or span_for(wanted.created_to - wanted.created_from)
    async with platform.engine.db.begin() as tx:
        await _enter(tx, platform, caller, scope)
        return Histogram(span, await history.count_by_hour(tx, scope, wanted, span))


async def ip_of_host(platform: Platform, caller: Caller, scope: Scope, host: int | Address) -> str:
    """Return the address by which past runs know a host: it need not be there any more when it is an address.

    Raises:
        ScopeNotFoundError, ForbiddenError: In this order.

    Returns:
        "" for an id that is no host's of the scope.
    """
    if isinstance(host, Address):
        return host.ip
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        found = (await inventory.hosts_by_id(tx, [host], platform.engine.clock())).get(host)
    if found is None or found.business_id not in info.member_ids:
        return ""
    return found.ip or found.ipv6 or ""
