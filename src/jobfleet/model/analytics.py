"""What ran, counted: by day, by how it ended, by who and what; each number says on what it is based."""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from jobfleet.model.job_id import DAY_MS
from jobfleet.model.status import FINISHED, RunStatus


class RunCount(msgspec.Struct, frozen=True):
    """Count jobs of a day (since the epoch) by what never changes of them."""

    day: int
    operator: str
    type: int
    launch_mode: int
    jobs: int


class StatusCount(msgspec.Struct, frozen=True):
    """Count jobs of a day that have a status."""

    day: int
    status: int
    jobs: int


class HostNames(msgspec.Struct, frozen=True):
    """Name a host; empty for one that is not known any more."""

    business_id: int = 0
    cloud_id: int = 0
    ip: str = ""
    name: str = ""


class FailingHost(msgspec.Struct, frozen=True):
    """Tell in how many runs a host failed, and the newest of these."""

    host_id: int
    host: HostNames
    runs: int
    last_job_id: int


class SlowRun(msgspec.Struct, frozen=True):
    """Show a run that took long."""

    job_id: int
    scope: str
    name: str
    operator: str
    status: int
    created_at: int
    total_ms: int


class SlowPlan(msgspec.Struct, frozen=True):
    """Show a plan whose runs take long."""

    plan_id: int
    template_id: int
    scope: str
    name: str
    runs: int
    median_ms: int


class DayCount(msgspec.Struct, frozen=True):
    """Count the jobs that were accepted within a day of UTC, which begins at `at` (epoch ms), by how they are."""

    at: int
    jobs: int
    succeeded: int
    failed: int
    running: int
    other: int


class Share(msgspec.Struct, frozen=True):
    """Count the jobs that have something in common."""

    key: str
    jobs: int


_FAILED = frozenset({RunStatus.FAILED, RunStatus.ABNORMAL})


def by_day(first: int, last: int, runs: Iterable[RunCount], statuses: Iterable[StatusCount]) -> list[DayCount]:
    """Return what is counted of every day from `first` to `last`, also of those without any job.

    Who did not end any other way succeeded: of these only the others are counted.
    """
    jobs, failed, running, other = (dict.fromkeys(range(first, last + 1), 0) for _ in range(4))
    for run in runs:
        jobs[run.day] += run.jobs
    for one in statuses:
        status = RunStatus(one.status)
        kind = failed if status in _FAILED else other if status in FINISHED else running
        kind[one.day] += one.jobs
    return [
        DayCount(
            day * DAY_MS,
            jobs[day],
            max(0, jobs[day] - failed[day] - running[day] - other[day]),
            failed[day],
            running[day],
            other[day],
        )
        for day in jobs
    ]


def shares(runs: Sequence[RunCount], key: Callable[[RunCount], str], most: int) -> list[Share]:
    """Return how many jobs have which key, the most first; those beyond `most` keys are added up as ""."""
    counted: dict[str, int] = {}
    for run in runs:
        counted[key(run)] = counted.get(key(run), 0) + run.jobs
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    rest = sum(jobs for _, jobs in ordered[most:])
    return [*(Share(name, jobs) for name, jobs in ordered[:most]), *([Share("", rest)] if rest else [])]
