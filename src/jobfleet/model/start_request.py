"""Starts that wait for a second person: why they wait, and who may decide."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from jobfleet.model.blast import Reason
from jobfleet.model.job import JobType, LaunchMode
from jobfleet.model.scope import Scope
from jobfleet.model.start_errors import OwnStartRequestError, StartRequestOverError

LIFE_MS = 24 * 3_600_000
"""How long somebody has for deciding."""

KEPT_MS = 30 * 86_400_000
"""How long one can look back at what was decided; the audit trail keeps it longer."""

MAX_PENDING = 20
"""Most starts of one person in a scope that wait at once."""

MAX_BODY_BYTES = 4 << 20
"""A larger request is not kept."""

MAX_TEXT_CHARACTERS = 1_000


class RequestState(StrEnum):
    """Say what became of a request."""

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class StartRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Hold a start that somebody asks another one to approve; times are epoch milliseconds.

    `kind` is script, sql, files, plan, template, schedule or run; `job_type` is that of the job that it would become.
    `reasons` say why it needs a second person, `reason` is what the asker says,
    `answer` what whoever decided says. `digest` is that of what it would have done when it was asked for; see
    operations.start_requests.digest_of. `job_id` is the job that it became.
    """

    id: int
    scope: Scope
    kind: str
    name: str
    host_count: int
    reasons: tuple[Reason, ...]
    reason: str
    digest: str
    launch_mode: LaunchMode
    job_type: JobType
    asked_by: str
    asked_at: int
    expires_at: int
    state: RequestState
    decided_by: str = ""
    decided_at: int | None = None
    answer: str = ""
    job_id: int | None = None


class Obstacles(msgspec.Struct, frozen=True):
    """Say why a start needs a second person, and whether one may let it pass; without reasons it needs none."""

    reasons: tuple[Reason, ...] = ()
    liftable: bool = False


def obstacles_of(rules: Sequence[str], hosts: int, limit: int | None, *, barred: bool) -> Obstacles:
    """Return why a start needs a second person.

    Args:
        rules: What the rules that block it are about, each once.
        limit: More hosts than that need a second person; None for any number that does not.
        barred: A rule blocks it that nobody lifts.
    """
    reasons = [Reason("rule", rule) for rule in rules]
    if limit is not None and hosts > limit:
        reasons.append(Reason("hosts", str(hosts)))
    return Obstacles(tuple(reasons), bool(reasons) and not barred)


def state_at(request: StartRequest, now: int) -> RequestState:
    """Return what has become of a request by a moment (epoch ms)."""
    is_late = request.state is RequestState.PENDING and request.expires_at <= now
    return RequestState.EXPIRED if is_late else request.state


def check_open(request: StartRequest, now: int) -> None:
    """Do nothing while a request waits.

    Raises:
        StartRequestOverError: It was decided, withdrawn, or nobody decided in time.
    """
    state = state_at(request, now)
    if state is not RequestState.PENDING:
        raise StartRequestOverError(state.value)


def check_second(request: StartRequest, username: str) -> None:
    """Do nothing when somebody is not the one who asks.

    Raises:
        OwnStartRequestError: Nobody approves what they ask for themselves.
    """
    if request.asked_by == username:
        raise OwnStartRequestError
