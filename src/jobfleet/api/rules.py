"""Rules on parameters that several operations share."""

import re
from typing import TypeVar
from urllib.parse import urlsplit

from jobfleet.model.errors import BadRequestError, InvalidParameterError, MissingOrIllegalParameterError

_CONTROL = re.compile(r"[\x00-\x20\x7f]")
MAX_CALLBACK_CHARACTERS = 4_096


def job_id_of(job_id: int | None) -> int:
    """Return a job's id.

    Raises:
        MissingOrIllegalParameterError: It is missing or below 1.
    """
    return id_of("job_instance_id", job_id)


def id_of(name: str, value: int | None) -> int:
    """Return an id that must be there; the refusal names the field."""
    if value is None or value < 1:
        raise MissingOrIllegalParameterError(name)
    return value


Given = TypeVar("Given")


def given(name: str, value: Given | None) -> Given:
    """Return a value that must be there; the refusal names the field."""
    if not value:
        raise BadRequestError(name, "is missing or empty")
    return value


def present(name: str, value: int | None) -> int:
    """Return an id that must be there, whatever its value; the refusal names the field."""
    if value is None:
        raise BadRequestError(name, "is missing")
    return value


def present_id(name: str, value: int | None) -> int:
    """Return an id that must be there and above 0, as version 4 asks for it; the refusal names the field."""
    if value is None or value < 1:
        raise BadRequestError(name, "is missing or below 1")
    return value


def operand(value: int | None) -> int:
    """Return an id or a code of an operate call; its refusals do not name the field."""
    if value is None or value < 1:
        raise InvalidParameterError
    return value


def callback_url_of(name: str, url: str) -> str:
    """Return a callback address that is http or https and holds no user name; "" for none."""
    if url and not _is_callback(url):
        raise BadRequestError(name, "is not an http or https address without user name")
    return url


def _is_callback(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port_is_sane = parts.port != 0
    except ValueError:
        return False
    sane = len(url) <= MAX_CALLBACK_CHARACTERS and not _CONTROL.search(url) and "\\" not in url
    return (
        sane and port_is_sane and parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    )
