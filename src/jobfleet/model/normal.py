"""Outputs made comparable: four normal forms, and the hashes by which equal ones are known.

Source: docs/reference/output-groups.md.
"""

import hashlib
import re
from collections.abc import Sequence
from enum import StrEnum

import msgspec

COMPARED_BYTES = 4 * 2**20
"""An output larger than this is compared by its beginning and its end, half of this each, and by its size."""

HASH_BYTES = 16


class Normal(StrEnum):
    """Name what is ignored when outputs are compared."""

    EXACT = "exact"
    TIMES = "times"
    NUMBERS = "numbers"
    ADDRESS = "address"


class Prints(msgspec.Struct, frozen=True):
    """Hold the hashes of one output in its normal forms."""

    exact: bytes
    times: bytes
    numbers: bytes
    address: bytes

    def of(self, normal: Normal) -> bytes:
        """Return the hash of one normal form."""
        found: bytes = getattr(self, normal.value)
        return found


_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_CLOCK = rb"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?"
_ZONE = rb"(?:\s?(?:Z\b|UTC|GMT|CST|[+-]\d{2}:?\d{2}\b))?"
_TIMES = re.compile(
    rb"(?:" + _DAY + rb",?\s+)?"
    rb"(?:\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[T ]" + _CLOCK + rb")?" + _ZONE
    + rb"|\d{1,2}[ /]" + _MONTH + rb"[ /]\d{4}(?:[: ]" + _CLOCK + rb")?" + _ZONE
    + rb"|" + _MONTH + rb"\s+\d{1,2}(?:,?\s+" + _CLOCK + _ZONE + rb")?(?:\s+\d{4}\b)?"
    + rb"|(?<![\d:.])" + _CLOCK + _ZONE + rb"(?![\d:])"
    + rb"|\b\d+m\d+(?:\.\d+)?s\b"
    + rb"|(?<![\w.])\d+(?:\.\d+)?\s?(?:ns|us|\xc2\xb5s|ms|s|sec|secs|seconds?|min|mins|minutes?|hours?)\b"
    + rb"|(?<![\w.])1[5-9]\d{8}(?:\d{3})?(?:\.\d+)?(?![\w.]))"
)  # fmt: skip
"""Dates, clock times, durations and seconds or milliseconds since the epoch."""

_NUMBERS = re.compile(
    rb"0x[0-9a-fA-F]+"
    rb"|\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"
    rb"|\b(?=[a-f]*[0-9])[0-9a-f]{12,64}\b"
    rb"|\d+"
)
"""Numbers, and names made of hexadecimal digits: addresses of memory, UUIDs, ids of containers, hashes."""


def normal_text(data: bytes, normal: Normal, own: Sequence[bytes] = ()) -> bytes:
    """Return an output in a normal form.

    Args:
        own: The host's own addresses; only the form ADDRESS needs them.
    """
    match normal:
        case Normal.EXACT:
            return data
        case Normal.TIMES:
            return _TIMES.sub(b"<time>", data)
        case Normal.NUMBERS:
            return _NUMBERS.sub(b"#", _TIMES.sub(b"<time>", data))
        case Normal.ADDRESS:
            return _without(data, own)


def _without(data: bytes, own: Sequence[bytes]) -> bytes:
    present = sorted((address for address in own if address and address in data), key=len, reverse=True)
    for address in present:
        after = rb"(?![\w:])" if b":" in address else rb"(?!\w|\.\d)"
        data = re.sub(rb"(?<![\w.:])" + re.escape(address) + after, b"<host>", data)
    return data


def compared(data: bytes, size_bytes: int) -> bytes:
    """Return what of an output is compared: all of it, or the two ends of a large one with its size between.

    Args:
        data: The output, or as much of both its ends as is compared.
        size_bytes: How large the output is.
    """
    if size_bytes <= COMPARED_BYTES:
        return data
    half = COMPARED_BYTES // 2
    return data[:half] + b"\n<%d bytes>\n" % (size_bytes - 2 * half) + data[-half:]


class Printer:
    """Hash outputs; what many hosts print alike is looked at once."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[bytes, bytes]] = {}

    def prints(self, data: bytes, own: Sequence[bytes]) -> Prints:
        """Return the hashes of an output, whole or as `compared` gives it."""
        exact = _hash(data)
        if exact not in self._known:
            without = _TIMES.sub(b"<time>", data)
            self._known[exact] = _hash(without), _hash(_NUMBERS.sub(b"#", without))
        anonymous = _without(data, own)
        return Prints(exact, *self._known[exact], exact if anonymous is data else _hash(anonymous))


def _hash(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=HASH_BYTES).digest()
