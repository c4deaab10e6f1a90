"""Label selectors: conditions one by one, or written as Kubernetes writes them."""

import re
from collections.abc import Iterator

from jobfleet.model.container import Operator, Requirement, is_number

MAX_REQUIREMENTS = 64
"""Most conditions of one selector."""

MAX_SELECTOR_CHARS = 8_192
"""A longer text is no selector."""

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
_KEY = re.compile(rf"(?:[a-z0-9](?:[a-z0-9.-]{{0,251}}[a-z0-9])?/)?{_NAME}")
_VALUE = re.compile(rf"(?:{_NAME})?")
_SET = re.compile(r"(\S+)\s+(in|notin)\s*\(([^()]*)\)")
_EQUALITY = re.compile(r"([^\s=!<>]+)\s*(==|=|!=|>|<)\s*(\S*)")
_SIGNS = {
    "=": Operator.EQUALS,
    "==": Operator.EQUALS,
    "!=": Operator.NOT_EQUALS,
    ">": Operator.GT,
    "<": Operator.LT,
    "in": Operator.IN,
    "notin": Operator.NOT_IN,
}
_WITHOUT_VALUE = frozenset({Operator.EXISTS, Operator.NOT_EXISTS})
_ONE_VALUE = frozenset({Operator.EQUALS, Operator.NOT_EQUALS, Operator.GT, Operator.LT})


def selector_trouble(asked: tuple[Requirement, ...]) -> str:
    """Return what is wrong with the conditions of a selector, or ""."""
    if len(asked) > MAX_REQUIREMENTS:
        return f"more than {MAX_REQUIREMENTS} conditions"
    return next((trouble for one in asked if (trouble := _trouble(one))), "")


def _trouble(one: Requirement) -> str:
    if _KEY.fullmatch(one.key) is None:
        return f"{one.key[:100]!r} is no label"
    if one.operator in _WITHOUT_VALUE:
        return f"{one.operator} of {one.key} takes no value" if one.values else ""
    if not one.values or (one.operator in _ONE_VALUE and len(one.values) != 1):
        return f"{one.operator} of {one.key} takes {'one value' if one.operator in _ONE_VALUE else 'values'}"
    wrong = next((value for value in one.values if len(value) > 63 or _VALUE.fullmatch(value) is None), None)
    if wrong is not None:
        return f"{wrong[:100]!r} is no value of a label"
    if one.operator in {Operator.GT, Operator.LT} and not is_number(one.values[0]):
        return f"{one.values[0]!r} is no number"
    return ""


def parse_selector(text: str) -> tuple[Requirement, ...]:
    """Return the conditions that a text holds, such as `app=web,tier in (a, b),!canary`.

    Raises:
        ValueError: It is no selector; the message says why.

    Source: docs/reference/containers.md, «Label selectors».
    """
    if len(text) > MAX_SELECTOR_CHARS:
        raise ValueError(f"longer than {MAX_SELECTOR_CHARS} characters")
    found = tuple(_requirement(part) for part in _parts(text)) if text.strip() else ()
    trouble = selector_trouble(found)
    if trouble:
        raise ValueError(trouble)
    return found


def _parts(text: str) -> Iterator[str]:
    """Yield the conditions between commas, of which those in parentheses do not count."""
    depth = begin = 0
    for at, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            yield text[begin:at].strip()
            begin = at + 1
    yield text[begin:].strip()


def _requirement(part: str) -> Requirement:
    if found := _SET.fullmatch(part):
        return Requirement(found[1], _SIGNS[found[2]], tuple(value.strip() for value in found[3].split(",")))
    if found := _EQUALITY.fullmatch(part):
        return Requirement(found[1], _SIGNS[found[2]], (found[3],))
    if part.startswith("!"):
        return Requirement(part[1:].strip(), Operator.NOT_EXISTS)
    return Requirement(part, Operator.EXISTS)
