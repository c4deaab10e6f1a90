"""The envelopes of answers: one for versions 2 and 3, one for version 4."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from jobfleet.api.fields import Int32
from jobfleet.api.permission import Permission, permission_of
from jobfleet.model.errors import (
    HTTP_STATUS,
    BadRequestError,
    Family,
    ForbiddenError,
    JobfleetError,
    NotAcceptableError,
    WrongMediaTypeError,
)
from jobfleet.model.messages import message_of


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Wrap an answer of version 2 or 3; `data` is absent on failure, `permission` on everything but a refusal."""

    result: bool
    code: Int32
    message: str
    data: Any = UNSET
    permission: Permission | UnsetType = UNSET
    request_id: str
    job_request_id: str


class Detail(msgspec.Struct, frozen=True):
    """Tell a numeric code beside the word of a failure."""

    code: str
    message: str


_SPECIAL: Mapping[type[JobfleetError], tuple[int, str]] = {
    WrongMediaTypeError: (415, "Unsupported Media Type"),
    NotAcceptableError: (406, "MEDIA_TYPE_NOT_ACCEPTABLE"),
}
"""Refusals whose status and word are their own and not those of their family."""

_OWN_WORDS = [word for _, word in _SPECIAL.values()]
_WORDS = {Family.UNSUPPORTED: Family.INTERNAL.value, Family.ABORTED: Family.INTERNAL.value}
_CODE = Meta(
    extra_json_schema={"enum": [*dict.fromkeys(_WORDS.get(family, family.value) for family in Family), *_OWN_WORDS]}
)


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Tell in version 4 what went wrong; `data` is the permission to apply for."""

    code: Annotated[str, _CODE]
    message: str
    data: Permission | UnsetType = UNSET
    details: list[Detail]


class AnswerV4(msgspec.Struct, frozen=True, kw_only=True):
    """Wrap an answer of version 4: either data or an error."""

    data: Any = UNSET
    error: Failure | UnsetType = UNSET
    job_request_id: str


STATUSES_V4 = sorted({*HTTP_STATUS.values(), *(status for status, _ in _SPECIAL.values())})
"""The HTTP statuses of refusals of version 4."""


def success(data: object, message: str, trace: str) -> Answer:
    """Return the envelope of an answer of version 2 or 3."""
    return Answer(result=True, code=0, message=message, data=data, request_id=trace, job_request_id=trace)


def failure(error: JobfleetError, language: str, trace: str) -> Answer:
    """Return the envelope of a refusal of version 2 or 3."""
    return Answer(
        result=False,
        code=error.code,
        message=message_of(error, language),
        permission=_permission(error, language),
        request_id=trace,
        job_request_id=trace,
    )


def failure_v4(error: JobfleetError, language: str, trace: str) -> AnswerV4:
    """Return the envelope of a refusal of version 4."""
    message = message_of(error, language)
    details = [Detail(str(error.code), message)]
    if isinstance(error, BadRequestError):
        details.append(Detail(str(error.detail_code), message))
    _, word = _SPECIAL.get(type(error), (0, _WORDS.get(error.family, error.family)))
    told = Failure(code=word, message=message, data=_permission(error, language), details=details)
    return AnswerV4(error=told, job_request_id=trace)


def status_v4(error: JobfleetError) -> int:
    """Return the HTTP status of a refusal of version 4."""
    status, _ = _SPECIAL.get(type(error), (HTTP_STATUS[error.family], ""))
    return status


def _permission(error: JobfleetError, language: str) -> Permission | UnsetType:
    return permission_of(error, language) if isinstance(error, ForbiddenError) else UNSET
