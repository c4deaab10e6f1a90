"""Every refusal as one tree of errors, each with its code, its family and the facts a caller can act on."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import ClassVar


class Family(StrEnum):
    """Name the family of an error; it decides the HTTP status of the gateway's v4 and of the native API."""

    INVALID = "INVALID_ARGUMENT"
    PRECONDITION = "FAILED_PRECONDITION"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "NO_PERMISSION"
    NOT_FOUND = "NOT_FOUND"
    EXISTS = "ALREADY_EXISTS"
    EXHAUSTED = "RESOURCE_EXHAUSTED"
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
    """Refuse a parameter's value. Arguments: its name."""

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


class IllegalRequestError(JobfleetError):
    """Refuse a request and say why. Arguments: the reason."""

    code = 1241012
    family = Family.INVALID


class AlreadyStartedError(JobfleetError):
    """Refuse to start a job twice. Arguments: the job's id."""

    code = 1241015
    family = Family.PRECONDITION


class IllegalTransitionError(UnsupportedOperationError):
    """Refuse a change of status that the transition table does not have."""


class ScriptNotFoundError(JobfleetError):
    """Refuse a script that does not exist or has no online version."""

    code = 1243001
    family = Family.NOT_FOUND


class PlanNotFoundError(JobfleetError):
    """Refuse to look at or change a plan that does not exist in the scope."""

    code = 1243009
    family = Family.NOT_FOUND


class ScriptNotOnlineError(JobfleetError):
    """Refuse a template whose step names a script version that is not online. Arguments: the version's id."""

    code = 1243017
    family = Family.PRECONDITION


class TemplateNotFoundError(JobfleetError):
    """Refuse a template that does not exist in the scope."""

    code = 1243026
    family = Family.NOT_FOUND


class PlanInUseError(JobfleetError):
    """Refuse to delete a plan that a schedule starts."""

    code = 1243037
    family = Family.PRECONDITION


class TemplateInUseError(JobfleetError):
    """Refuse to delete a template with a plan that a schedule starts."""

    code = 1243038
    family = Family.PRECONDITION


class TemplateNameTakenError(JobfleetError):
    """Refuse a second template of a name. Arguments: the name."""

    code = 1243040
    family = Family.EXISTS


class TemplateBusyError(JobfleetError):
    """Refuse to save a template that another request saves right now; try again."""

    code = 1243041
    family = Family.ABORTED


class PlanNameTakenError(JobfleetError):
    """Refuse a second plan of a name in a template. Arguments: the name."""

    code = 1243042
    family = Family.EXISTS


class AliasTakenError(JobfleetError):
    """Refuse an alias that another account of the scope and category has. Arguments: the alias."""

    code = 1243007
    family = Family.EXISTS


class LinkedAccountNotFoundError(JobfleetError):
    """Refuse a database account whose system account does not exist in the scope. Arguments: the account."""

    code = 1243008
    family = Family.NOT_FOUND


class AccountInUseError(JobfleetError):
    """Refuse to delete an account that something refers to. Arguments: what does."""

    code = 1243014
    family = Family.PRECONDITION


class ScriptNameTakenError(JobfleetError):
    """Refuse a script's name that another one of the scope has. Arguments: the name."""

    code = 1243002
    family = Family.EXISTS


class IllegalScriptNameError(JobfleetError):
    """Refuse a script's name that holds a forbidden character. Arguments: the name."""

    code = 1243003
    family = Family.INVALID


class ForeignScriptError(JobfleetError):
    """Refuse to look at or change a script that is not the scope's. Arguments: the script's id."""

    code = 1243004
    family = Family.NOT_FOUND


class VersionNameTakenError(JobfleetError):
    """Refuse a version's name that another version of the script has. Arguments: the version."""

    code = 1243036
    family = Family.EXISTS


class VersionNotFoundError(JobfleetError):
    """Refuse a version of a script that does not exist. Arguments: its id."""

    code = 1243047
    family = Family.NOT_FOUND


class ScriptInUseError(JobfleetError):
    """Refuse to delete a script or version that a template or plan uses. Arguments: its id."""

    code = 1243054
    family = Family.PRECONDITION


class RuleExistsError(JobfleetError):
    """Refuse a second dangerous rule of the same expression and languages. Arguments: the expression."""

    code = 1243056
    family = Family.EXISTS


class ScriptNotExecutableError(JobfleetError):
    """Refuse to run a version that is a draft or disabled. Arguments: its state."""

    code = 1244018
    family = Family.PRECONDITION


class InterceptedError(JobfleetError):
    """Refuse a script that a dangerous rule intercepts. Arguments: the rule's expression, the line's number."""

    code = 1244019
    family = Family.ABORTED


class ScopeQuotaError(JobfleetError):
    """Refuse a job because the scope runs as many as it may. Arguments: the limit."""

    code = 1244032
    family = Family.EXHAUSTED


class AppQuotaError(JobfleetError):
    """Refuse a job because the application runs as many as it may. Arguments: the limit."""

    code = 1244033
    family = Family.EXHAUSTED


class SystemQuotaError(JobfleetError):
    """Refuse a job because the installation runs as many as it may. Arguments: the limit."""

    code = 1244034
    family = Family.EXHAUSTED


class ScopeNotFoundError(JobfleetError):
    """Refuse a business or business set that does not exist."""

    code = 1243049
    family = Family.NOT_FOUND


class UploadTooLargeError(JobfleetError):
    """Refuse an upload that is larger than uploads may be. Arguments: the limit in bytes."""

    code = 1243015
    family = Family.INVALID


class CredentialNotFoundError(JobfleetError):
    """Refuse a credential that does not exist in the scope."""

    code = 1243048
    family = Family.NOT_FOUND


class CredentialInUseError(JobfleetError):
    """Refuse to delete a credential that a file source uses. Arguments: the source's name."""

    code = 1243055
    family = Family.PRECONDITION


class CredentialNameTakenError(JobfleetError):
    """Refuse a name that another credential of the scope has. Arguments: the name."""

    code = 1243060
    family = Family.EXISTS


class FileSourceNotFoundError(JobfleetError):
    """Refuse a file source that the scope cannot use. Arguments: its id."""

    code = 1260001
    family = Family.NOT_FOUND


class FileSourceAliasTakenError(JobfleetError):
    """Refuse a name that another file source of the scope has. Arguments: the name."""

    code = 1260004
    family = Family.EXISTS


class FileSourceCodeUnknownError(JobfleetError):
    """Refuse a code that no file source of the scope has. Arguments: the code."""

    code = 1260012
    family = Family.NOT_FOUND


class FileSourceCodeTakenError(JobfleetError):
    """Refuse a code that another file source of the scope has. Arguments: the code."""

    code = 1260015
    family = Family.PRECONDITION


class EndpointRefusedError(JobfleetError):
    """Refuse an address that file sources may not have. Arguments: the address, why."""

    code = 1260020
    family = Family.INVALID


class EmptyTargetError(JobfleetError):
    """Refuse a target whose lists are all empty."""

    code = 1244001
    family = Family.INVALID


class ForeignHostsError(JobfleetError):
    """Refuse hosts of another business. Arguments: business name, number, list."""

    code = 1244002
    family = Family.PRECONDITION


class AccountNotFoundError(JobfleetError):
    """Refuse an account that does not exist in the scope. Arguments: the account."""

    code = 1244003
    family = Family.NOT_FOUND


class JobNotFoundError(JobfleetError):
    """Refuse a job that is unknown, purged or of another scope."""

    code = 1244006
    family = Family.NOT_FOUND


class StepNotFoundError(JobfleetError):
    """Refuse a step that is unknown, of another job or of another scope."""

    code = 1244007
    family = Family.NOT_FOUND


class HostVariableNotFoundError(JobfleetError):
    """Refuse a plan with a step that runs on a host list which is not there. Arguments: its name."""

    code = 1244008
    family = Family.PRECONDITION


class NoEnabledStepError(JobfleetError):
    """Refuse a plan without an enabled step."""

    code = 1244011
    family = Family.PRECONDITION


class UnknownPlanError(JobfleetError):
    """Refuse to start a plan that does not exist in the scope."""

    code = 1244012
    family = Family.NOT_FOUND


class ScriptDisabledError(JobfleetError):
    """Refuse to start a plan with a step whose script version is disabled. Arguments: the version's id."""

    code = 1244014
    family = Family.PRECONDITION


class NotConfirmerError(JobfleetError):
    """Refuse a person who is not among those that may confirm a step."""

    code = 1244016
    family = Family.PRECONDITION


class TooManyFileTasksError(JobfleetError):
    """Refuse more (file, source host, target) triples than a step may have. Arguments: the limit."""

    code = 1244021
    family = Family.ABORTED


class TooManyTargetsError(JobfleetError):
    """Refuse more targets than a step may have. Arguments: the limit."""

    code = 1244022
    family = Family.EXHAUSTED


class ContentNotFoundError(JobfleetError):
    """Refuse a file that the server does not have, or not any more. Arguments: its name or hash."""

    code = 1244023
    family = Family.NOT_FOUND


class StorageError(JobfleetError):
    """Refuse a file that the server's disk does not take. Arguments: why."""

    code = 1244024
    family = Family.EXHAUSTED


class IllegalRollingExpressionError(JobfleetError):
    """Refuse a rolling expression that cannot be read. Arguments: the expression."""

    code = 1244026
    family = Family.PRECONDITION


class TooManyBatchesError(JobfleetError):
    """Refuse a step of too many batches. Arguments: the limit."""

    code = 1244027
    family = Family.PRECONDITION


class NoTargetError(JobfleetError):
    """Refuse a step without a target after resolution. Arguments: the step's name."""

    code = 1244028
    family = Family.PRECONDITION


class NoSourceError(JobfleetError):
    """Refuse a file step without a source host after resolution. Arguments: the step's name."""

    code = 1244029
    family = Family.PRECONDITION


class NotHostSourcesError(JobfleetError):
    """Refuse to roll by file source when files come from elsewhere than hosts."""

    code = 1244035
    family = Family.INVALID


class UnknownHostsError(JobfleetError):
    """Refuse hosts that are not known. Arguments: number, list."""

    code = 1244030
    family = Family.PRECONDITION


class HookNotFoundError(IllegalRequestError):
    """Refuse a notification hook that the scope does not have. Arguments: its name."""

    family = Family.NOT_FOUND


class ScheduleNotFoundError(JobfleetError):
    """Refuse a schedule that does not exist in the scope."""

    code = 1245001
    family = Family.NOT_FOUND


class ScheduleNameTakenError(JobfleetError):
    """Refuse a second schedule of a name in a scope. Arguments: the name."""

    code = 1245004
    family = Family.EXISTS


class ExecuteTimePassedError(JobfleetError):
    """Refuse to enable a schedule that fires once, at a moment that has passed."""

    code = 1245006
    family = Family.PRECONDITION


class EndTimePassedError(JobfleetError):
    """Refuse a schedule that has nothing to fire any more before its end."""

    code = 1245007
    family = Family.PRECONDITION


class GroupNotFoundError(JobfleetError):
    """Refuse a dynamic group that is unknown. Arguments: its id."""

    code = 1211003
    family = Family.NOT_FOUND


class IdempotencyConflictError(IllegalRequestError):
    """Refuse an idempotency key that was used with another request."""

    family = Family.EXISTS


class ContentMismatchError(IllegalRequestError):
    """Refuse a content that does not have the hash that it came under. Arguments: the reason."""

    family = Family.EXISTS


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
        action: The action's id, such as `access_business`.
        resources: Resource paths, each a list of (type, id, name) from root to leaf.
    """

    code = 9900403
    family = Family.FORBIDDEN

    def __init__(self, username: str, action: str, resources: list[list[tuple[str, str, str]]]) -> None:
        super().__init__(username, action)
        self.action = action
        self.resources = resources


HTTP_STATUS: Mapping[Family, int] = {
    Family.INVALID: 400,
    Family.PRECONDITION: 400,
    Family.UNAUTHENTICATED: 401,
    Family.FORBIDDEN: 403,
    Family.NOT_FOUND: 404,
    Family.EXISTS: 409,
    Family.EXHAUSTED: 429,
    Family.ABORTED: 500,
    Family.INTERNAL: 500,
    Family.UNSUPPORTED: 500,
}
"""HTTP status of each family in v4 and in the native API; v2 and v3 always answer 200."""
