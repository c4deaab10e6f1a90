"""Output without what only a terminal understands."""

import re

_ESCAPES = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]?|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]+[0-~]?|[0-~])|\x1b"
    rb"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)
"""Escape sequences (CSI, OSC and the like, whole or cut) and control characters but tab, line feed and return."""

_RETURN = re.compile(rb"(?<!\r)\r++(?=\n)")
"""All returns before a line end. A run of them is looked at once: from its first one, and never again shorter."""


def plain(data: bytes) -> bytes:
    """Return output without escape sequences, control characters and returns before line ends."""
    return _RETURN.sub(b"", _ESCAPES.sub(b"", data))


def plain_cut(data: bytes) -> int:
    """Return up to where a part of an output can be made plain by itself: the end of its last line."""
    return data.rfind(b"\n") + 1
