"""Output without what only a terminal understands."""

import re

_ESCAPES = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]?|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]+[0-~]?|[0-~])|\x1b"
    rb"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)
"""Escape sequences (CSI, OSC and the like, whole or cut) and control characters but tab, line feed and return."""

_STEERING = re.compile(
    r"(\x1b\[[0-9:;]*m)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b(?:[ -/]+[0-~]?|[0-~])?"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
)
"""The same in a text, with the one-character forms (C1) too, and never beyond a line; the group is a colour."""

_RESET = "\x1b[0m"
_ENDS_COLOUR = frozenset({_RESET, "\x1b[m"})

_RETURN = re.compile(rb"(?<!\r)\r++(?=\n)")
"""All returns before a line end. A run of them is looked at once: from its first one, and never again shorter."""

_TEXT_RETURN = re.compile(r"(?<!\r)\r++(?=\n)")


def plain(data: bytes) -> bytes:
    """Return output without escape sequences, control characters and returns before line ends."""
    return _RETURN.sub(b"", _ESCAPES.sub(b"", data))


def for_terminal(text: str, *, colours: bool = True) -> str:
    """Return output as a terminal may be given it: with its colours, and without all else that steers one.

    What is coloured at the end is reset there, so that what follows is seen. A return within a line becomes a blank:
    nothing is written over what stands before it.
    """
    last = ""

    def keep(found: re.Match[str]) -> str:
        nonlocal last
        last = (found[1] or last) if colours else ""
        return (found[1] or "") if colours else ""

    shown = _TEXT_RETURN.sub("", _STEERING.sub(keep, text)).replace("\r", " ")
    return shown + _RESET if last and last not in _ENDS_COLOUR else shown


def plain_cut(data: bytes) -> int:
    """Return up to where a part of an output can be made plain by itself: the end of its last line."""
    return data.rfind(b"\n") + 1
