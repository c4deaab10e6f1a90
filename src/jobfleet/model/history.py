"""Looking back: which jobs of a scope are asked for, and what a row of the history shows."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from jobfleet.model.errors import InvalidParameterError, MissingOrIllegalParameterError
from jobfleet.model.job import Job, JobType, LaunchMode
from jobfleet.model.job_id import DAY_MS
from jobfleet.model.status import FINISHED

MAX_WINDOW_MS = 30 * DAY_MS
"""How much time one look back of the contract's API covers at most."""

MAX_LIST_MS = 92 * DAY_MS
"""The same of lists of runs, which reach as far back as their sums do."""

HOUR_MS = 3_600_000
MOST_SPANS = 120
"""Most spans of time of one histogram: over more hours than that, a span is several of them."""


class JobFilter(msgspec.Struct, frozen=True):
    """Narrow a history to jobs that were created from `created_from` to `created_to` (epoch ms, both included).

    None and "" mean no filter. `job_id` overrides all others, the window too. `name` is contained in the job's,
    whatever its case; `ip` is the address of any target, as it was when the job was accepted. Of `statuses` one is
    enough.
    """

    created_from: int
    created_to: int
    job_id: int | None = None
    schedule_id: int | None = None
    operator: str = ""
    name: str = ""
    launch_mode: int | None = None
    type: int | None = None
    status: int | None = None
    ip: str = ""
    statuses: tuple[int, ...] = ()
    plan_id: int | None = None
    app_code: str = ""

    @property
    def is_of_open(self) -> bool:
        """Tell whether it asks for jobs only that are not over: they are few, however old they are."""
        return bool(self.statuses) and FINISHED.isdisjoint(self.statuses)

    @property
    def is_counted(self) -> bool:
        """Tell whether it asks for nothing but what days that are over are counted by."""
        nothing_else = self.job_id is None and self.schedule_id is None and self.status is None
        no_text = not self.name and not self.ip
        return nothing_else and no_text and not self.statuses and self.plan_id is None


class JobPage(msgspec.Struct, frozen=True):
    """Hold a page of a history, newest first; `total` counts everything that matches.

    `templates` maps the plans of the page's jobs to the templates that they were made from.
    """

    total: int
    jobs: tuple[Job, ...]
    templates: Mapping[int, int] = {}


def check_filter(wanted: JobFilter, most_ms: int = MAX_WINDOW_MS) -> None:
    """Do nothing when a filter can be answered; what asks for jobs only that are not over may reach back to any time.

    Raises:
        MissingOrIllegalParameterError: The window begins or ends before 1970, or has no length.
        InvalidParameterError: It is longer than `most_ms`, or the type or the launch mode is none.

    Source: docs/reference/api.md, «get_job_instance_list».
    """
    for name, moment in (("created_from", wanted.created_from), ("created_to", wanted.created_to)):
        if moment < 1:
            raise MissingOrIllegalParameterError(name)
    if wanted.created_to <= wanted.created_from:
        raise MissingOrIllegalParameterError("created_from|created_to")
    if not wanted.is_of_open and wanted.created_to - wanted.created_from > most_ms:
        raise InvalidParameterError
    if wanted.type not in {None, *JobType} or wanted.launch_mode not in {None, *LaunchMode}:
        raise InvalidParameterError


def span_for(window_ms: int) -> int:
    """Return the fewest whole hours, in ms, of which less than MOST_SPANS fill a window."""
    return HOUR_MS * (window_ms // (HOUR_MS * MOST_SPANS) + 1)


class Stretch(msgspec.Struct, frozen=True):
    """Mark a part of a window of time, both ends included (epoch ms); `day` is set of a whole day that is counted."""

    first: int
    last: int
    day: int | None = None


def stretches(created_from: int, created_to: int, counted: Collection[int]) -> list[Stretch]:
    """Return a window as its counted days and what lies between them, newest first, without gap or overlap.

    Args:
        counted: Days since the epoch; those that the window does not hold whole are not taken for counted.
    """
    found: list[Stretch] = []
    until = created_to
    for day in sorted(counted, reverse=True):
        first, last = day * DAY_MS, (day + 1) * DAY_MS - 1
        if first < created_from or last > until:
            continue
        if last < until:
            found.append(Stretch(last + 1, until))
        found.append(Stretch(first, last, day))
        until = first - 1
    return [*found, Stretch(created_from, until)] if until >= created_from else found


def skipped(counts: Sequence[int], start: int) -> tuple[int, int]:
    """Return in which of several parts, by how many each has, the one of number `start` is, and how many go before it.

    Both count from 0; past all of them it is (number of parts, 0).
    """
    for index, count in enumerate(counts):
        if start < count:
            return index, start
        start -= count
    return len(counts), 0
