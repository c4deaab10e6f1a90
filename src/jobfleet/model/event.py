"""What is remembered of every change of status."""

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Remember one change; tasks of a step that changed alike at once share an event.

    `kind` is job, step or task followed by what happened; `actor` is a user, or "engine", or "agent".
    """

    job_id: int
    at: int
    kind: str
    actor: str
    step_id: int | None = None
    task_ids: tuple[int, ...] | None = None
    from_status: int | None = None
    to_status: int | None = None
    detail: str = ""
