"""Steer jobs and steps that exist."""

from jobfleet.model.caller import Caller
from jobfleet.model.scope import Scope
from jobfleet.operations.platform import Platform


async def operate_job(platform: Platform, caller: Caller, scope: Scope, job_id: int, operation: int) -> None:
    """Terminate a job (1) or start one that was created stopped (2).

    Raises:
        InvalidParameterError: The operation is unknown.
        JobNotFoundError: No such job in the scope.
        UnsupportedOperationError, AlreadyStartedError: The job's status does not allow it.
    """
    raise NotImplementedError


async def operate_step(
    platform: Platform, caller: Caller, scope: Scope, job_id: int, step_id: int, operation: int
) -> None:
    """Retry, ignore, skip or go on after a step, by the contract's operation code."""
    raise NotImplementedError
