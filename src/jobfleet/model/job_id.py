"""Job ids carry the day on which the job was accepted, so that time and id order the same way.

Source: docs/adr/0002-job-ids-carry-their-day.md.
"""

DAY_MS = 86_400_000
FIRST_DAY = 18_262
"""2020-01-01, counted in days since the epoch; the first day that an id can carry."""

JOBS_A_DAY = 10_000_000
DAYS_A_SPAN = 7
"""Days in one partition of run data."""


def job_id(serial: int, now: int) -> int:
    """Return the id of the job with this serial number (0 to 9,999,999), accepted at `now` (epoch ms)."""
    return (now // DAY_MS - FIRST_DAY) * JOBS_A_DAY + serial


def bounds(first: int, last: int) -> tuple[int, int]:
    """Return the lowest and the highest id that jobs accepted from `first` to `last` (epoch ms) can have."""
    return job_id(0, first), job_id(JOBS_A_DAY - 1, last)


def accepted_day_ms(job: int) -> int:
    """Return the start of the day (epoch ms) that a job's id carries."""
    return (job // JOBS_A_DAY + FIRST_DAY) * DAY_MS


def span_of(now: int) -> int:
    """Return the number of the span of days that `now` (epoch ms) falls in."""
    return (now // DAY_MS - FIRST_DAY) // DAYS_A_SPAN


def span_of_job(job: int) -> int:
    """Return the number of the span of days that a job's id falls in."""
    return job // (DAYS_A_SPAN * JOBS_A_DAY)


def span_bounds(span: int) -> tuple[int, int]:
    """Return the first job id of a span and the first one after it."""
    width = DAYS_A_SPAN * JOBS_A_DAY
    return span * width, (span + 1) * width


def span_end_ms(span: int) -> int:
    """Return the moment (epoch ms) at which a span is over."""
    return ((span + 1) * DAYS_A_SPAN + FIRST_DAY) * DAY_MS
