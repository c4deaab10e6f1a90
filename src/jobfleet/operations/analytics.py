"""Count what ran."""

import msgspec

from jobfleet.model.analytics import DayCount, FailingHost, Share, SlowPlan, SlowRun, by_day, shares
from jobfleet.model.caller import Action, Caller
from jobfleet.model.job import JobType, LaunchMode
from jobfleet.model.job_id import DAY_MS, FIRST_DAY
from jobfleet.model.scope import Scope
from jobfleet.operations.access import demand_platform
from jobfleet.operations.platform import Platform
from jobfleet.store import analytics
from jobfleet.store.analytics import Window

MOST_SHARES = 12


class Basis(msgspec.Struct, frozen=True):
    """Say on what the numbers are based that are not exact.

    `newest_runs` were looked at for applications, slow runs and slow plans; `all_runs` says whether that were all of
    them. `failed_runs` were looked at for hosts that fail; `all_hosts` says whether all hosts of these were.
    """

    newest_runs: int
    all_runs: bool
    failed_runs: int
    all_hosts: bool


class Analytics(msgspec.Struct, frozen=True):
    """Count what ran from `since` to `until` (epoch milliseconds); days are those of UTC.

    Days, kinds, launch modes and operators are exact.
    """

    since: int
    until: int
    jobs: int
    days: list[DayCount]
    kinds: list[Share]
    launch_modes: list[Share]
    operators: list[Share]
    apps: list[Share]
    slow_runs: list[SlowRun]
    slow_plans: list[SlowPlan]
    failing_hosts: list[FailingHost]
    basis: Basis


async def show(platform: Platform, caller: Caller, scope: Scope | None, days: int) -> Analytics:
    """Count what ran in a scope, or everywhere, in the last so many days.

    Raises:
        ForbiddenError: The caller's role on the platform does not allow it.

    Source: docs/reference/system.md, «Analytics».
    """
    demand_platform(caller, Action.DASHBOARD)
    last = platform.engine.clock() // DAY_MS
    window = Window(max(FIRST_DAY, last - days + 1), last, scope)
    async with platform.engine.db.begin() as tx:
        over = await analytics.list_counted_days(tx, window)
        fresh = [day for day in range(window.first, window.last + 1) if day not in over]
        runs = [*await analytics.counted_runs(tx, window, over), *await analytics.fresh_runs(tx, window, fresh)]
        counted = by_day(window.first, window.last, runs, await analytics.statuses(tx, window))
        newest, apps, slow_runs, slow_plans = await analytics.newest(tx, window)
        failed, all_hosts, failing = await analytics.failing_hosts(tx, window)
    total = sum(run.jobs for run in runs)
    return Analytics(
        since=window.first * DAY_MS,
        until=(window.last + 1) * DAY_MS,
        jobs=total,
        days=counted,
        kinds=shares(runs, lambda run: JobType(run.type).name.lower(), MOST_SHARES),
        launch_modes=shares(runs, lambda run: LaunchMode(run.launch_mode).name.lower(), MOST_SHARES),
        operators=shares(runs, lambda run: run.operator, MOST_SHARES),
        apps=[Share(code, count) for code, count in apps],
        slow_runs=slow_runs,
        slow_plans=slow_plans,
        failing_hosts=failing,
        basis=Basis(newest, newest < analytics.SAMPLE, failed, all_hosts),
    )
