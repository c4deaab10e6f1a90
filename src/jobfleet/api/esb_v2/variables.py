"""The values of a job's variables, of version 2."""

from typing import Annotated

import msgspec

from jobfleet.api.esb_v3.variables import is_shown
from jobfleet.api.fields import NEEDED, Int32, Int64
from jobfleet.api.rules import job_id_of
from jobfleet.api.scope import ScopedV2, scope_of
from jobfleet.api.surface import Call
from jobfleet.operations.variables import variable_values


class GetJobInstanceGlobalVarValueV2(ScopedV2, frozen=True, kw_only=True):
    """Ask for the values of a job's variables."""

    job_instance_id: Annotated[Int64 | None, NEEDED] = None


class VarValueV2(msgspec.Struct, frozen=True):
    """Show the value of a variable after a step; `category` is its type."""

    name: str
    value: str
    category: Int32


class StepVarValuesV2(msgspec.Struct, frozen=True):
    """Show the variables after a step."""

    step_instance_id: Int64
    step_instance_var_values: list[VarValueV2]


class JobVarValuesV2(msgspec.Struct, frozen=True):
    """Show the variables of a job after each of its steps, in order."""

    job_instance_id: Int64
    job_instance_var_values: list[StepVarValuesV2]


async def get_job_instance_global_var_value(call: Call, wanted: GetJobInstanceGlobalVarValueV2) -> JobVarValuesV2:
    """Answer what became of a job's variables: of its strings only, after each step that is over.

    Source: docs/reference/variables.md, «What they were».
    """
    found = await variable_values(call.platform, call.caller, scope_of(wanted), job_id_of(wanted.job_instance_id))
    steps = [
        StepVarValuesV2(
            one.step.id, [VarValueV2(each.name, each.value, each.type) for each in one.variables if is_shown(each)]
        )
        for one in found.steps
    ]
    return JobVarValuesV2(found.job.id, steps)
