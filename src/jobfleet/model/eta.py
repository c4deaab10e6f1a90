"""How much longer a step takes, where there is something to say it by."""

from collections.abc import Sequence
from statistics import median

import msgspec

EARLY = 0.05
"""Below this part done, what runs is no basis yet: earlier runs are."""

RATE_MS = 60_000
"""The stretch of time whose rate counts."""

ENOUGH_RUNS = 5
"""So many earlier runs say what is unusually long."""

UNUSUAL = 0.95


class Pace(msgspec.Struct, frozen=True):
    """Say how a running step goes.

    `elapsed_ms` is how long it has run, `done` of `total` hosts have ended, `lately` of them within the last
    RATE_MS. `delay_ms` is until when at least nothing can end because batches wait for the clock. `usual_ms` is how
    long earlier runs of the same step on about as many hosts took.
    """

    elapsed_ms: int
    total: int
    done: int
    lately: int
    delay_ms: int = 0
    usual_ms: Sequence[int] = ()


class Eta(msgspec.Struct, frozen=True):
    """Say how much longer something takes, in milliseconds; None where there is no basis to say it.

    `basis` is `history`, `rate` or "". `usual_ms` is how long it usually takes in all; `longer_than_usual` that it
    has taken longer already than nearly all runs before.
    """

    remaining_ms: int | None
    basis: str
    usual_ms: int | None
    longer_than_usual: bool


def eta(pace: Pace) -> Eta:
    """Return how much longer a running step takes.

    Until a twentieth is done, it takes what earlier runs took; from then on, what is left at the rate of the last
    minute, and at least until the last batch has started.

    Source: docs/reference/native-api.md, «The page of a run».
    """
    usual = int(median(pace.usual_ms)) if pace.usual_ms else None
    is_late = _is_unusual(pace)
    left = max(0, pace.total - pace.done)
    if left == 0:
        return Eta(0, "rate", usual, is_late)
    if pace.done < pace.total * EARLY or pace.lately <= 0:
        if usual is None or usual <= pace.elapsed_ms:
            return Eta(None, "", usual, is_late)
        return Eta(max(usual - pace.elapsed_ms, pace.delay_ms), "history", usual, is_late)
    span = max(1, min(RATE_MS, pace.elapsed_ms))
    return Eta(left * span // pace.lately + max(0, pace.delay_ms), "rate", usual, is_late)


def _is_unusual(pace: Pace) -> bool:
    if len(pace.usual_ms) < ENOUGH_RUNS:
        return False
    ordered = sorted(pace.usual_ms)
    return pace.elapsed_ms > ordered[min(len(ordered) - 1, int(len(ordered) * UNUSUAL))]


def rate_per_s(pace: Pace) -> float:
    """Return how many hosts a second ended within the last minute."""
    span = max(1, min(RATE_MS, pace.elapsed_ms))
    return round(max(0, pace.lately) * 1000 / span, 1)
