"""Starting a plan: the parameters that the bus and the gateway share in version 3, and the rules on them."""

from collections.abc import Iterable
from typing import Annotated

import msgspec

from jobfleet.api.fields import NEEDED, Int64, Text, text
from jobfleet.api.rules import callback_url_of
from jobfleet.api.scope import ScopePair, scope_of
from jobfleet.api.scripts import scope_first
from jobfleet.api.surface import Call
from jobfleet.api.targets import TargetServer, target_of
from jobfleet.model.errors import BadRequestError, IllegalParameterError
from jobfleet.model.job import StartedJob
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import GivenValue, NewPlanJob
from jobfleet.operations import start_plan


class GlobalVar(msgspec.Struct, frozen=True):
    """Give a variable a value for this run; a value that is not empty wins over hosts."""

    id: Int64 | None = None
    name: str | None = None
    value: Text | None = None
    server: TargetServer | None = None


class ExecuteJobPlan(ScopePair, frozen=True, kw_only=True):
    """Ask for a run of a plan."""

    bk_biz_id: Int64 | None = None
    job_plan_id: Annotated[Int64 | None, NEEDED] = None
    global_var_list: tuple[GlobalVar, ...] | None = None
    callback_url: str | None = None
    start_task: bool = True


class StartedPlan(msgspec.Struct, frozen=True):
    """Name the job that was started; it has many steps, so none is named."""

    job_instance_id: Int64
    job_instance_name: str
    step_instance_id: Int64 | None = None


async def execute_job_plan(call: Call, wanted: ExecuteJobPlan) -> StartedPlan:
    """Start a plan.

    Source: docs/reference/api.md, «execute_job_plan».
    """
    async with scope_first(call, wanted):
        job = _new_job(call, wanted)
    return started_plan(await start_plan.start_plan(call.platform, call.caller, job))


def started_plan(job: StartedJob) -> StartedPlan:
    """Return the answer of the calls that start a plan."""
    return StartedPlan(job.job_id, job.name)


def plan_id_of(name: str, plan_id: int | None) -> int:
    """Return a plan's id.

    Raises:
        IllegalParameterError: It is missing or below 1.
    """
    if plan_id is None or plan_id < 1:
        raise IllegalParameterError(name)
    return plan_id


def given_value(var_id: int | None, name: str | None, value: str | int | None, hosts: TargetSpec | None) -> GivenValue:
    """Return what a request gives for a variable: a value that is not empty, else hosts.

    Raises:
        IllegalParameterError: It names no variable.
        BadRequestError: The value holds characters that no text may hold.
    """
    known = var_id if var_id is not None and var_id >= 1 else None
    if known is None and not text(name):
        raise IllegalParameterError("global_var.id|global_var.name")
    given = None if value is None else text(value)
    if "\x00" in text(value):
        raise BadRequestError("global_var.value", "holds characters that no text may hold")
    if given or hosts is None:
        return GivenValue(known, text(name), given)
    return GivenValue(known, text(name), hosts=hosts)


def _new_job(call: Call, wanted: ExecuteJobPlan) -> NewPlanJob:
    callback_url = callback_url_of("callback_url", wanted.callback_url or "")
    return NewPlanJob(
        scope=scope_of(wanted),
        plan_id=plan_id_of("job_plan_id", wanted.job_plan_id),
        values=tuple(_given(wanted.global_var_list or ())),
        callback_url=callback_url,
        start=wanted.start_task,
        idempotency_key=call.idempotency_key,
    )


def _given(entries: Iterable[GlobalVar]) -> Iterable[GivenValue]:
    for one in entries:
        hosts = None if one.server is None else target_of(one.server)
        yield given_value(one.id, one.name, one.value, hosts)
