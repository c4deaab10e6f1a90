"""When wrong passwords make sign-ins wait, and for how long."""

import msgspec

USER = "user"
ADDRESS = "address"

FREE_FAILURES = {USER: 5, ADDRESS: 50}
"""Wrong passwords for one user, or from one address, before sign-ins have to wait."""

FIRST_WAIT_MS = 30_000
LONGEST_WAIT_MS = 15 * 60_000
"""The first wait, and the longest: each further wrong password doubles it."""

FORGET_MS = 3_600_000
"""After this long without a wrong password the former ones are forgotten."""


class Subject(msgspec.Struct, frozen=True):
    """Name what failures are counted for: a user, whether there is one of this name or not, or a source address."""

    kind: str
    name: str


class Failures(msgspec.Struct, frozen=True):
    """Count failures in a row; times are epoch milliseconds."""

    count: int
    last_at: int
    locked_until: int


NONE = Failures(0, 0, 0)


def failed(kind: str, before: Failures, now: int) -> Failures:
    """Return the failures after one more.

    Source: docs/reference/sign-in.md, «Wrong passwords».
    """
    count = 1 if now - before.last_at > FORGET_MS else before.count + 1
    over = count - FREE_FAILURES[kind]
    wait_ms = 0 if over < 0 else min(LONGEST_WAIT_MS, FIRST_WAIT_MS << min(over, 10))
    return Failures(count, now, now + wait_ms if wait_ms else before.locked_until)


def wait_of(failures: Failures, now: int) -> int:
    """Return for how many milliseconds sign-ins still wait, 0 for not at all."""
    return max(0, failures.locked_until - now)
