"""What simulated scripts do: how long they take, how they end, what they print. Pure functions of a seed."""

import hashlib
from functools import lru_cache

import msgspec

_LINE_BYTES = 64
_PRINTED_LINES = 16_384
_SCALE = 2**32


class Latency(msgspec.Struct, frozen=True):
    """Bounds of a script's running time in milliseconds; equal bounds make it fixed."""

    low_ms: float
    high_ms: float


class Profile(msgspec.Struct, frozen=True):
    """How a fleet behaves; rates are shares of 0 to 1.

    `output_bytes` is how much a script prints; 0 makes it print one line that names its host.
    The same seed gives every task and host the same fate again.
    """

    latency: Latency = Latency(0, 0)
    failure_rate: float = 0.0
    unreachable_rate: float = 0.0
    output_bytes: int = 0
    seed: int = 0


class Fate(msgspec.Struct, frozen=True):
    """How one task goes."""

    latency_ms: float
    exit_code: int


def parse_latency(text: str) -> Latency:
    """Read `20` or `5..50` as milliseconds.

    Raises:
        ValueError: It is neither, negative, or its bounds are the wrong way round.
    """
    low, dots, high = text.partition("..")
    try:
        latency = Latency(float(low), float(high if dots else low))
    except ValueError as error:
        raise ValueError(f"a latency is milliseconds such as 20, or a span such as 5..50, not {text!r}") from error
    if not 0 <= latency.low_ms <= latency.high_ms < float("inf"):
        raise ValueError(f"a latency is a span from low to high, not below 0, not {text!r}")
    return latency


def fate(profile: Profile, host_id: int, task_id: int) -> Fate:
    """Return how a task goes on a host."""
    digest = hashlib.blake2b(f"{profile.seed}:{host_id}:{task_id}".encode(), digest_size=8).digest()
    span = profile.latency.high_ms - profile.latency.low_ms
    latency_ms = profile.latency.low_ms + span * _share(digest[:4])
    return Fate(latency_ms, 1 if _share(digest[4:]) < profile.failure_rate else 0)


def is_unreachable(profile: Profile, host_id: int) -> bool:
    """Say whether a host's agent never connects."""
    digest = hashlib.blake2b(f"{profile.seed}:{host_id}:offline".encode(), digest_size=4).digest()
    return _share(digest) < profile.unreachable_rate


def output_size(profile: Profile, ip: str) -> int:
    """Return how many bytes a script prints on a host."""
    return profile.output_bytes or len(_greeting(ip))


def output(profile: Profile, ip: str, start: int, end: int) -> bytes:
    """Return bytes `start` to `end` of what a script prints on a host.

    Long output is a log of numbered lines that a compressor can halve; hosts print different parts of it.
    """
    if not profile.output_bytes:
        return _greeting(ip)[start:end]
    log = _log()
    shift = int.from_bytes(hashlib.blake2b(ip.encode(), digest_size=4).digest(), "big") % _PRINTED_LINES
    begin = (start + shift * _LINE_BYTES) % len(log)
    return (log[begin:] + log * ((end - start) // len(log) + 1))[: end - start]


def _greeting(ip: str) -> bytes:
    return f"hello from {ip}\n".encode()


@lru_cache(maxsize=1)
def _log() -> bytes:
    return b"".join(_line(number) for number in range(_PRINTED_LINES))


def _line(number: int) -> bytes:
    digest = hashlib.blake2b(number.to_bytes(4, "big"), digest_size=16).hexdigest()
    return f"line {number:08d} checked {digest} ok".ljust(_LINE_BYTES - 1, ".").encode() + b"\n"


def _share(four_bytes: bytes) -> float:
    return int.from_bytes(four_bytes, "big") / _SCALE
