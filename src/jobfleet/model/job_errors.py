"""Refusals about jobs: what keeps one from starting, and what cannot be done to one."""

import msgspec

from jobfleet.model.errors import Family, IllegalRequestError, JobfleetError, UnsupportedOperationError


class AlreadyStartedError(JobfleetError):
    """Refuse to start a job twice. Arguments: the job's id."""

    code = 1241015
    family = Family.PRECONDITION


class MovedStep(msgspec.Struct, frozen=True):
    """Say where a step is by now: the number of its status, its attempt (from 0) and its batch (from 1)."""

    id: int
    status: int
    attempt: int
    batch: int


class MovedRun(msgspec.Struct, frozen=True):
    """Say where a run is by now, and the version that this has."""

    version: str
    status: int
    current_step_id: int
    steps: tuple[MovedStep, ...]


class StaleRunError(UnsupportedOperationError):
    """Refuse an operation that was decided on while the run stood differently.

    Attributes:
        now: Where the run is by now.
    """

    family = Family.EXISTS

    def __init__(self, now: MovedRun) -> None:
        super().__init__(now.version)
        self.now = now


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
    """Refuse hosts, or containers, that are not known. Arguments: number, list."""

    code = 1244030
    family = Family.PRECONDITION


class LabelSelectorError(JobfleetError):
    """Refuse a label selector of containers. Arguments: what is wrong with it."""

    code = 1244031
    family = Family.INVALID


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
