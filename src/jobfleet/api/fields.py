"""Types of request fields, and the reading of raw parameters into a request's Struct."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from jobfleet.model.errors import BadRequestError

Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1, extra_json_schema={"format": "int64"})]
Int32 = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1, extra_json_schema={"format": "int32"})]
Seconds = Annotated[float, Meta(extra_json_schema={"format": "double"})]
Day = Annotated[str, Meta(extra_json_schema={"format": "date"})]
Text = Annotated[str | int, Meta(extra_json_schema={"x-text": True})]
"""A text; a number is taken as its digits, for callers write ids either way."""

NEEDED = Meta(extra_json_schema={"x-required": True})
"""Marks a field that callers must give although its absence is told by a rule and not by its type."""

Wanted = TypeVar("Wanted")

_MISSING = re.compile(r"^Object missing required field `([^`]+)`(?: - at `\$\.?(.*)`)?$")
_WRONG = re.compile(r"^(.*?)(?: - at `\$\.?(.*)`)?$", re.DOTALL)


def read(raw: Mapping[str, Any], kind: type[Wanted]) -> Wanted:
    """Return raw parameters as a request; numbers and flags may be texts, unknown and empty ones are left out.

    Raises:
        BadRequestError: A field has the wrong type or is out of its range; it is named.

    Source: docs/reference/api.md, «Parameters».
    """
    try:
        return msgspec.convert(_given(raw), kind, strict=False)
    except msgspec.ValidationError as error:
        raise refusal(str(error)) from error


def _given(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _present(value) if isinstance(value, dict) else value for name, value in _present(raw).items()}


def _present(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in raw.items() if value is not None and value != ""}


def refusal(message: str) -> BadRequestError:
    """Return the refusal for what msgspec says is wrong with a value."""
    missing = _MISSING.match(message)
    if missing:
        return BadRequestError(".".join(part for part in (missing[2], missing[1]) if part), "is missing")
    wrong = _WRONG.match(message)
    if wrong is None:
        return BadRequestError("body", message)
    return BadRequestError(wrong[2] or "body", wrong[1].replace(" | null", "").replace("`", ""))


def text(value: str | int | None) -> str:
    """Return a text field's text; "" when it is absent."""
    return "" if value is None else str(value)
