"""Read a request's parameters: strictly well-formed JSON or a query string, nothing else."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request
from litestar.exceptions import ClientException, InternalServerException

from jobfleet.model.errors import NotAcceptableError, UnreadableBodyError, WrongMediaTypeError

_JSON_TYPES = frozenset({"", "application/json", "text/plain", "text/json", "application/x-www-form-urlencoded"})
_SUSPECT = (b"\\u0000", b"\\ud", b"\\uD")
MAX_QUERY_FIELDS = 200

MAX_OPEN_BODY_BYTES = 64 * 1024
"""Largest body of a request that nobody has to be known for."""

LARGE_BODY_BYTES = 64 * 1024
"""A larger body is read beside the event loop."""

MAX_VALUES = 1_000_000
"""Most members, items, objects and lists of a body together: each takes many times the bytes it is written with."""

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_THREADS = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reading")
"""One large body after the other: their senders wait for each other, and nobody else does."""

Parameters = dict[str, Any]


async def body_parameters(request: Request[Any, Any, Any]) -> Parameters:
    """Return the members of a JSON body; an empty body has none.

    A missing content type counts as JSON, and so does what HTTP clients set by themselves.

    Raises:
        WrongMediaTypeError: The body says that it is something else.
        UnreadableBodyError: It is too large, cut off, no JSON object, or has a value that JSON does not have.
    """
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        body = await request.body()
    except ClientException as error:
        raise UnreadableBodyError("body", "is too large") from error
    except InternalServerException as error:  # how Litestar says that the client went away
        raise UnreadableBodyError("body", "is cut off") from error
    if body and declared not in _JSON_TYPES and not declared.endswith("+json"):
        raise WrongMediaTypeError(declared)
    if len(body) > LARGE_BODY_BYTES:
        return await asyncio.get_running_loop().run_in_executor(_THREADS, _parse_if_any, body)
    return _parse_if_any(body)


def _parse_if_any(body: bytes) -> Parameters:
    return parse(body) if body.strip() else {}


def check_accept(accepted: str) -> None:
    """Do nothing when an answer may be JSON, which an `Accept` header says by a type, a range, or by its absence.

    Raises:
        NotAcceptableError: It takes other types only.
    """
    if not any(_takes_json(written) for written in (accepted.strip() or "*/*").split(",")):
        raise NotAcceptableError(accepted[:200])


def _takes_json(written: str) -> bool:
    kind, *parameters = (part.strip().lower().replace(" ", "") for part in written.split(";"))
    never = any(re.fullmatch(r"q=0(\.0*)?", parameter) for parameter in parameters)
    return not never and (kind in {"*/*", "application/*", "application/json", "*"} or kind.endswith("+json"))


def query_parameters(query: bytes) -> Parameters:
    """Return the members of a query string."""
    try:
        pairs = parse_qsl(
            query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_QUERY_FIELDS
        )
    except UnicodeDecodeError as error:
        raise UnreadableBodyError("query", "is not UTF-8 text") from error
    except ValueError as error:
        raise UnreadableBodyError("query", "is too large") from error
    members = _members(pairs)
    check_texts(members)
    return members


def parse(body: bytes) -> Parameters:
    """Return the members of a JSON object.

    Raises:
        UnreadableBodyError: Bad UTF-8, bad JSON, NaN or Infinity, a key twice, too deep, too many values, or no object.
    """
    if _values(body) > MAX_VALUES and _values(_STRING.sub(b"", body)) > MAX_VALUES:
        raise UnreadableBodyError("body", f"holds more than {MAX_VALUES} values")
    value = _load(_decode(body))
    if not isinstance(value, dict):
        raise UnreadableBodyError("body", "is not a JSON object")
    if any(mark in body for mark in _SUSPECT) or b"\x00" in body:
        check_texts(value)
    return value


def _values(body: bytes) -> int:
    return body.count(b",") + body.count(b"{") + body.count(b"[")


def check_texts(value: object) -> None:
    """Refuse texts that cannot be stored: with a NUL, or with half a surrogate pair."""
    steps = _way_to_spoilt(value)
    if steps is not None:
        place = "".join(steps).removeprefix(".") or "body"
        raise UnreadableBodyError(place.encode(errors="replace").decode(), "holds characters that no text may hold")


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableBodyError("body", "is not UTF-8 text") from error


def _load(document: str) -> object:
    try:
        return json.loads(document, object_pairs_hook=_members, parse_constant=_no_number, parse_float=_finite)
    except RecursionError as error:
        raise UnreadableBodyError("body", "is nested too deeply") from error
    except ValueError as error:
        raise UnreadableBodyError("body", "is not JSON") from error


def _members(pairs: list[tuple[str, Any]]) -> Parameters:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise UnreadableBodyError(_double(pairs), "holds a key twice")
    return members


def _double(pairs: list[tuple[str, Any]]) -> str:
    """Return a key that is there twice; anybody may send millions of keys, so each is looked at once."""
    counted = Counter(name for name, _ in pairs)
    return next(name for name, times in counted.items() if times > 1)


def _no_number(word: str) -> object:
    raise UnreadableBodyError(word, "is no finite number")


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise UnreadableBodyError(digits[:40], "is no finite number")
    return number


def _way_to_spoilt(value: object) -> list[str] | None:
    """Return the steps to a text that cannot be stored, or None; what anybody sends is walked through once."""
    steps: list[str] = []
    levels = [iter([("", value)])]
    while levels:
        for step, member in levels[-1]:
            steps[len(levels) - 1 :] = [step]
            if not _storable(step) or (isinstance(member, str) and not _storable(member)):
                return steps
            if isinstance(member, dict | list):
                levels.append(_members_of(member))
                break
        else:
            levels.pop()
    return None


def _members_of(value: dict[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        return ((f".{name}", member) for name, member in value.items())
    return ((f"[{index}]", member) for index, member in enumerate(value))


def _storable(text: str) -> bool:
    return "\x00" not in text and _encodable(text)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
