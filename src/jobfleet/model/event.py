"""What is remembered of every change of status."""

from enum import StrEnum

import msgspec


class EventKind(StrEnum):
    """Say what happened to what; the words are kept with the events."""

    JOB_ACCEPTED = "job accepted"
    JOB_MOVED = "job moved"
    JOB_ENDED = "job ended"
    STEP_MOVED = "step moved"
    TASK_CHOSEN = "task chosen"
    TASK_STARTED = "task started"
    TASK_MOVED = "task moved"
    LATE_RESULT = "late result"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Remember one change; tasks of a step that changed alike at once share an event.

    `actor` is a user, or "engine", or "agent".
    """

    job_id: int
    at: int
    kind: EventKind
    actor: str
    step_id: int | None = None
    task_ids: tuple[int, ...] | None = None
    from_status: int | None = None
    to_status: int | None = None
    detail: str = ""
