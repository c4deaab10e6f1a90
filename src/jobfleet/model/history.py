"""Looking back: which jobs of a scope are asked for, and what a row of the history shows."""

from collections.abc import Mapping

import msgspec

from jobfleet.model.errors import InvalidParameterError, MissingOrIllegalParameterError
from jobfleet.model.job import Job, JobType, LaunchMode
from jobfleet.model.job_id import DAY_MS

MAX_WINDOW_MS = 30 * DAY_MS
"""How much time one look back covers at most."""


class JobFilter(msgspec.Struct, frozen=True):
    """Narrow a history to jobs that were created from `created_from` to `created_to` (epoch ms, both included).

    None and "" mean no filter. `job_id` overrides all others, the window too. `name` is contained in the job's,
    whatever its case; `ip` is the address of any target, as it was when the job was accepted.
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


class JobPage(msgspec.Struct, frozen=True):
    """Hold a page of a history, newest first; `total` counts everything that matches.

    `templates` maps the plans of the page's jobs to the templates that they were made from.
    """

    total: int
    jobs: tuple[Job, ...]
    templates: Mapping[int, int] = {}


def check_filter(wanted: JobFilter) -> None:
    """Do nothing when a filter can be answered.

    Raises:
        MissingOrIllegalParameterError: The window begins or ends before 1970, or has no length.
        InvalidParameterError: It is longer than MAX_WINDOW_MS, or the type or the launch mode is none.

    Source: docs/reference/api.md, «get_job_instance_list».
    """
    for name, moment in (("create_time_start", wanted.created_from), ("create_time_end", wanted.created_to)):
        if moment < 1:
            raise MissingOrIllegalParameterError(name)
    if wanted.created_to <= wanted.created_from:
        raise MissingOrIllegalParameterError("create_time_start|create_time_end")
    if wanted.created_to - wanted.created_from > MAX_WINDOW_MS:
        raise InvalidParameterError
    if wanted.type not in {None, *JobType} or wanted.launch_mode not in {None, *LaunchMode}:
        raise InvalidParameterError
