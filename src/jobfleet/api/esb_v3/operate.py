"""Steering jobs and steps, in the words that versions 2 and 3 share."""

from typing import Annotated

import msgspec

from jobfleet.api.fields import NEEDED, Int32, Int64
from jobfleet.api.rules import operand
from jobfleet.api.scope import Scoped, ScopedV2, scope_of
from jobfleet.api.surface import Call
from jobfleet.operations import operate


class OperateJobInstance(Scoped, frozen=True, kw_only=True):
    """Ask to terminate (1) or start (2) a job."""

    job_instance_id: Annotated[Int64 | None, NEEDED] = None
    operation_code: Annotated[Int32 | None, NEEDED] = None


class OperateJobInstanceV2(ScopedV2, frozen=True, kw_only=True):
    """Ask to terminate (1) or start (2) a job, in version 2."""

    job_instance_id: Annotated[Int64 | None, NEEDED] = None
    operation_code: Annotated[Int32 | None, NEEDED] = None


class OperateStepInstance(Scoped, frozen=True, kw_only=True):
    """Ask to retry, ignore, skip or go on after a step."""

    job_instance_id: Annotated[Int64 | None, NEEDED] = None
    step_instance_id: Annotated[Int64 | None, NEEDED] = None
    operation_code: Annotated[Int32 | None, NEEDED] = None


class OperateStepInstanceV2(ScopedV2, frozen=True, kw_only=True):
    """Ask to retry, ignore, skip or go on after a step, in version 2."""

    job_instance_id: Annotated[Int64 | None, NEEDED] = None
    step_instance_id: Annotated[Int64 | None, NEEDED] = None
    operation_code: Annotated[Int32 | None, NEEDED] = None


class OperatedJob(msgspec.Struct, frozen=True):
    """Name the job that was steered."""

    job_instance_id: Int64


class OperatedStep(msgspec.Struct, frozen=True):
    """Name the step that was steered."""

    job_instance_id: Int64
    step_instance_id: Int64


async def operate_job_instance(call: Call, wanted: OperateJobInstance | OperateJobInstanceV2) -> OperatedJob:
    """Steer a job.

    Source: docs/reference/api.md, «operate_job_instance».
    """
    scope = scope_of(wanted)
    job_id, code = operand(wanted.job_instance_id), operand(wanted.operation_code)
    await operate.operate_job(call.platform, call.caller, scope, job_id, code)
    return OperatedJob(job_id)


async def operate_step_instance(call: Call, wanted: OperateStepInstance | OperateStepInstanceV2) -> OperatedStep:
    """Steer a step.

    Source: docs/reference/api.md, «operate_step_instance».
    """
    scope = scope_of(wanted)
    job_id, step_id = operand(wanted.job_instance_id), operand(wanted.step_instance_id)
    code = operand(wanted.operation_code)
    await operate.operate_step(call.platform, call.caller, scope, job_id, step_id, code)
    return OperatedStep(job_id, step_id)
