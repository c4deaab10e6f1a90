"""The values of a job's variables, of version 3."""

from typing import Annotated

import msgspec

from jobfleet.api.fields import NEEDED, Int32, Int64
from jobfleet.api.rules import job_id_of
from jobfleet.api.scope import Scoped, scope_of
from jobfleet.api.surface import Call
from jobfleet.model.variable import JobVariable, VariableType
from jobfleet.operations.variables import variable_values


class GetJobInstanceGlobalVarValue(Scoped, frozen=True, kw_only=True):
    """Ask for the values of a job's variables."""

    job_instance_id: Annotated[Int64 | None, NEEDED] = None


class StepVarValue(msgspec.Struct, frozen=True):
    """Show the value of a variable after a step."""

    name: str
    value: str
    type: Int32


class StepVarList(msgspec.Struct, frozen=True):
    """Show the variables after a step."""

    step_instance_id: Int64
    global_var_list: list[StepVarValue]


class JobInstanceGlobalVarValue(msgspec.Struct, frozen=True):
    """Show the variables of a job after each of its steps, in order."""

    job_instance_id: Int64
    step_instance_var_list: list[StepVarList]


async def get_job_instance_global_var_value(
    call: Call, wanted: GetJobInstanceGlobalVarValue
) -> JobInstanceGlobalVarValue:
    """Answer what became of a job's variables: of its strings only, after each step that is over.

    Source: docs/reference/variables.md, «What they were».
    """
    found = await variable_values(call.platform, call.caller, scope_of(wanted), job_id_of(wanted.job_instance_id))
    steps = [
        StepVarList(
            one.step.id, [StepVarValue(each.name, each.value, each.type) for each in one.variables if is_shown(each)]
        )
        for one in found.steps
    ]
    return JobInstanceGlobalVarValue(found.job.id, steps)


def is_shown(variable: JobVariable) -> bool:
    """Tell whether callers of the published API may see a variable."""
    return variable.type is VariableType.STRING
