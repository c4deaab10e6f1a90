"""A run as its page shows it: how it stands, how far it is, and how much longer it takes."""

import hashlib
from collections.abc import Sequence

import msgspec

from jobfleet.model.eta import Eta
from jobfleet.model.host_counts import HostCounts
from jobfleet.model.job import Job, Step
from jobfleet.model.job_errors import MovedStep
from jobfleet.model.order import HELLO_INTERVAL_S

SILENT_MS = HELLO_INTERVAL_S * 1000 + 10_000
"""An agent says hello every HELLO_INTERVAL_S seconds, and a server that has much to do hears it a little later."""


class RunBatch(msgspec.Struct, frozen=True):
    """Show a batch of a step's latest attempt; `next_at` is when the clock starts it. Times are epoch milliseconds."""

    number: int
    status: int
    size: int
    counts: HostCounts
    next_at: int | None
    started_at: int | None
    ended_at: int | None
    total_ms: int | None


class Silence(msgspec.Struct, frozen=True):
    """Say that agents are not heard of: `hosts` of the `awaited` ones for longer than `after_ms`.

    `since` (epoch ms) is when the one that is silent for longest was heard of; null when that was never.
    """

    hosts: int
    awaited: int
    after_ms: int
    since: int | None


class RunDecision(msgspec.Struct, frozen=True):
    """Show what was decided, by whom and when (epoch ms); `reason` is "" when none was given."""

    confirmed: bool
    by: str
    at: int | None
    reason: str


class RunApproval(msgspec.Struct, frozen=True):
    """Show what an approval step asks, and who may decide: whoever started the job when nobody is named.

    `decision` is None as long as nobody has decided.
    """

    message: str
    users: tuple[str, ...]
    roles: tuple[str, ...]
    decision: RunDecision | None


class RunStep(msgspec.Struct, frozen=True):
    """Show a step and the hosts of its latest attempt; `attempt` counts from 0, `batch` from 1 (0: it does not roll).

    `status` is the number of the BlueKing API, `progress` from 0 to 1. `rolling_mode` is 1 to pause on a failure, 2 to
    go on, 3 to ask each time, 0 for a step that does not roll; `parallel` batches start by the clock. `silent` is null
    while all agents that are awaited are heard of.
    """

    id: int
    ordinal: int
    name: str
    type: str
    status: int
    attempt: int
    operator: str
    counts: HostCounts
    progress: float
    rate_per_s: float
    eta: Eta | None
    silent: Silence | None
    batch: int
    batch_count: int
    rolling_mode: int
    parallel: bool
    batches: list[RunBatch]
    approval: RunApproval | None
    started_at: int | None
    ended_at: int | None
    total_ms: int | None


class Stopping(msgspec.Struct, frozen=True):
    """Say who asked for termination, when (epoch ms), and how many of the hosts that had to be told have ended."""

    by: str
    at: int
    asked: int
    acknowledged: int


class RunState(msgspec.Struct, frozen=True):
    """Show how a run stands at `now` (epoch ms), the same to everybody who looks.

    `version` changes when what may be done to the run does. `counts`, `progress` and `rate_per_s` are those of the
    step that the run is at; `eta` is of the whole run, null where a step to come gives no basis.
    """

    id: int
    status: int
    finished: bool
    current_step_id: int
    started_at: int | None
    ended_at: int | None
    total_ms: int | None
    counts: HostCounts
    progress: float
    rate_per_s: float
    eta: Eta | None
    stopping: Stopping | None
    steps: list[RunStep]
    version: str
    now: int


def run_version(job: Job, steps: Sequence[Step | MovedStep]) -> str:
    """Return a text that changes when what may be done to a run does: with statuses, attempts and batches.

    Args:
        steps: All of the job's, in order.
    """
    parts = [f"{job.id}.{int(job.status)}"]
    parts += [f"{step.id}.{int(step.status)}.{step.attempt}.{step.batch}" for step in steps]
    return hashlib.blake2b("|".join(parts).encode(), digest_size=8).hexdigest()


def whole_eta(current: Eta | None, usual_of_rest: Sequence[int | None]) -> Eta | None:
    """Return how much longer a run takes, from the step that runs and what those to come usually take (ms).

    There is no basis when there is none for one of them.
    """
    if current is None or current.remaining_ms is None or any(usual is None for usual in usual_of_rest):
        return None if current is None else msgspec.structs.replace(current, remaining_ms=None, basis="")
    rest = sum(usual or 0 for usual in usual_of_rest)
    return msgspec.structs.replace(current, remaining_ms=current.remaining_ms + rest)
