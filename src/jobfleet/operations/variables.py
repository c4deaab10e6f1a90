"""Answer what became of a job's variables."""

import msgspec

from jobfleet.engine.variables import values_after_steps
from jobfleet.model.caller import Caller
from jobfleet.model.difference import MASK
from jobfleet.model.job import Job, Step
from jobfleet.model.scope import Scope
from jobfleet.model.variable import JobVariable, VariableType
from jobfleet.operations.platform import Platform
from jobfleet.operations.query import visible_job
from jobfleet.store import jobs
from jobfleet.store.database import Transaction


class StepVariables(msgspec.Struct, frozen=True):
    """Show the variables of a job as they stood after a step."""

    step: Step
    variables: tuple[JobVariable, ...]


class JobVariables(msgspec.Struct, frozen=True):
    """Show the variables of a job as it began, and after each step that is over, in order.

    Passwords are masked; the value of a list of hosts is its text. A namespace is shown with its first value.
    """

    job: Job
    first: tuple[JobVariable, ...]
    steps: tuple[StepVariables, ...]


async def variable_values(platform: Platform, caller: Caller, scope: Scope, job_id: int) -> JobVariables:
    """Show what became of the variables of a job; one without variables has no steps here.

    Raises:
        MissingOrIllegalParameterError: `job_id` is below 1.
        ScopeNotFoundError, ForbiddenError, JobNotFoundError: In this order.

    Source: docs/reference/variables.md, «What they were».
    """
    async with platform.engine.db.begin() as tx:
        job, _ = await visible_job(tx, platform, caller, scope, job_id)
        return await _values(tx, platform, job)


async def _values(tx: Transaction, platform: Platform, job: Job) -> JobVariables:
    over = [step for step in await jobs.list_steps(tx, job.id) if step.finished]
    first, *course = [masked(one) for one in await values_after_steps(tx, platform.engine, job.id, over)]
    steps = zip(over, course, strict=True) if first else ()
    return JobVariables(job, first, tuple(StepVariables(step, values) for step, values in steps))


def masked(variables: list[JobVariable]) -> tuple[JobVariable, ...]:
    """Return variables with the values of passwords hidden."""
    return tuple(
        msgspec.structs.replace(one, value=MASK) if one.type is VariableType.PASSWORD else one for one in variables
    )
