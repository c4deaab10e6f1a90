"""Every refusal as one tree of errors, each with its code, its family and the facts a caller can act on."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import ClassVar

from jobfleet.model.permission import Missing


class Family(StrEnum):
    """Name the family of an error; it decides the HTTP status of the gateway's v4 and of the native API."""

    INVALID = "INVALID_ARGUMENT"
    PRECONDITION = "FAILED_PRECONDITION"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "NO_PERMISSION"
    NOT_FOUND = "NOT_FOUND"
    EXISTS = "ALREADY_EXISTS"
    EXHAUSTED = "RESOURCE_EXHAUSTED"
    RATE_LIMITED = "RATELIMIT_EXCEED"
    ABORTED = "ABORTED"
    INTERNAL = "INTERNAL"
    UNSUPPORTED = "NOT_IMPLEMENTED"


class JobfleetError(Exception):
    """Refuse a request.

    `code` is the number of the contract; `arguments` fill the localised message that belongs to the code.

    Source: docs/reference/error-codes.md.
    """

    code: ClassVar[int] = 1240002
    family: ClassVar[Family] = Family.INTERNAL

    def __init__(self, *arguments: object, detail: str = "") -> None:
        super().__init__(detail or ", ".join(str(argument) for argument in arguments))
        self.arguments = tuple(str(argument) for argument in arguments)
        self.detail = detail


class InternalError(JobfleetError):
    """Report a fault of the product itself; the caller may try again."""


class UnavailableError(JobfleetError):
    """Report that the database or the broker is away; the caller may try again."""

    code = 1240002


class BadRequestError(JobfleetError):
    """Refuse a request that cannot be read: wrong type, bad JSON, missing scope, wrong method.

    Arguments: the field's name and what is wrong with its value.

    Attributes:
        detail_code: The finer code that the gateway's v4 tells besides.
    """

    code = 1240003
    family = Family.INVALID
    detail_code: ClassVar[int] = 1241025


class UnknownAddressError(BadRequestError):
    """Refuse a path that is not served. Arguments: method and path."""

    family = Family.NOT_FOUND
    detail_code = 1241024


class WrongMethodError(BadRequestError):
    """Refuse a method that the path does not take. Arguments: method and path."""

    detail_code = 1241017


class WrongMediaTypeError(BadRequestError):
    """Refuse a body that is not JSON by its own account. Arguments: its content type."""

    detail_code = 1241018


class NotAcceptableError(BadRequestError):
    """Refuse a request whose answer may be anything but JSON. Arguments: what it takes."""

    detail_code = 1241021


class UnreadableBodyError(BadRequestError):
    """Refuse a request that is not well-formed. Arguments: where, what is wrong."""

    detail_code = 1241022


class InvalidParameterError(JobfleetError):
    """Refuse parameters whose name is not told."""

    code = 1241002
    family = Family.INVALID


class UnsupportedOperationError(JobfleetError):
    """Refuse an operation in the present state."""

    code = 1241003
    family = Family.PRECONDITION


class MissingParameterError(JobfleetError):
    """Refuse a request without a needed parameter. Arguments: its name."""

    code = 1241004
    family = Family.INVALID


class IllegalParameterError(JobfleetError):
    """Refuse a parameter's value. Arguments: its name, and what is wrong with it."""

    code = 1241005
    family = Family.INVALID


class MissingOrIllegalParameterError(JobfleetError):
    """Refuse a parameter that is missing or invalid. Arguments: its name."""

    code = 1241007
    family = Family.INVALID


class IllegalParameterReasonError(JobfleetError):
    """Refuse a parameter's value and say why. Arguments: name, reason."""

    code = 1241010
    family = Family.INVALID


class UnsupportedFeatureError(JobfleetError):
    """Refuse a feature that this installation does not have."""

    code = 1241011
    family = Family.UNSUPPORTED


class UnsupportedScopeError(JobfleetError):
    """Refuse a feature that scopes of this type do not have."""

    code = 1241013
    family = Family.UNSUPPORTED


class IllegalRequestError(JobfleetError):
    """Refuse a request and say why. Arguments: the reason."""

    code = 1241012
    family = Family.INVALID


class ScopeNotFoundError(JobfleetError):
    """Refuse a business or business set that does not exist."""

    code = 1243049
    family = Family.NOT_FOUND


class DeclarationError(IllegalRequestError):
    """Refuse a declared state; nothing of it was applied.

    Attributes:
        mistakes: Every mistake found, each naming table, row, field and what is wrong.
    """

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = tuple(mistakes)


class UnauthenticatedError(JobfleetError):
    """Refuse a caller who is not known. Arguments: what is missing or wrong."""

    code = 1247001
    family = Family.UNAUTHENTICATED


class UserMissingError(UnauthenticatedError):
    """Refuse a request that does not tell its user."""

    code = 1247002


class AppMissingError(UnauthenticatedError):
    """Refuse a request that does not tell its application."""

    code = 1247004


class AppNotAllowedError(JobfleetError):
    """Refuse an application that is unknown or may not do this. Arguments: what is wrong."""

    code = 1247403
    family = Family.UNAUTHENTICATED


class ForbiddenError(JobfleetError):
    """Refuse a caller who lacks a permission; carries what to apply for.

    Attributes:
        missing: Every action that the caller lacks, with the resources that it is asked for on.
    """

    code = 9900403
    family = Family.FORBIDDEN

    def __init__(self, username: str, missing: Sequence[Missing]) -> None:
        super().__init__(username, ", ".join(one.action.value for one in missing))
        self.missing = tuple(missing)


HTTP_STATUS: Mapping[Family, int] = {
    Family.INVALID: 400,
    Family.PRECONDITION: 400,
    Family.UNAUTHENTICATED: 401,
    Family.FORBIDDEN: 403,
    Family.NOT_FOUND: 404,
    Family.EXISTS: 409,
    Family.EXHAUSTED: 429,
    Family.RATE_LIMITED: 429,
    Family.ABORTED: 500,
    Family.INTERNAL: 500,
    Family.UNSUPPORTED: 500,
}
"""HTTP status of each family in v4 and in the native API; v2 and v3 always answer 200."""
