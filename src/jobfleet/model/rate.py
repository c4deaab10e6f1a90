"""How many requests somebody may make: a bucket that fills by itself, and each request takes one."""

import msgspec


class Rate(msgspec.Struct, frozen=True):
    """Allow `per_s` requests a second in the long run, and `burst` at once; 0 a second allows any number."""

    per_s: int = 0
    burst: int = 1


class Bucket(msgspec.Struct, frozen=True):
    """Hold what is left, as it was at a time (epoch milliseconds)."""

    left: float
    at: int


def take(rate: Rate, before: Bucket | None, now: int) -> tuple[Bucket, int]:
    """Return the bucket after a request, and for how many milliseconds to wait: 0 when the request may pass.

    A request that may not pass takes nothing.

    Source: docs/reference/sign-in.md, «Rate limits».
    """
    old = before or Bucket(rate.burst, now)
    left = min(float(rate.burst), old.left + max(0, now - old.at) * rate.per_s / 1000)
    if left >= 1:
        return Bucket(left - 1, now), 0
    return Bucket(left, now), max(1, round((1 - left) * 1000 / rate.per_s))
