"""Starting a plan in version 2, which calls it a job."""

from collections.abc import Iterable
from typing import Annotated

import msgspec

from jobfleet.api.fields import NEEDED, Int64, Text
from jobfleet.api.plans import given_value, plan_id_of
from jobfleet.api.rules import callback_url_of
from jobfleet.api.scope import ScopedV2, scope_of
from jobfleet.api.scripts import scope_first
from jobfleet.api.surface import Call
from jobfleet.api.targets import HostAddress, TargetServerV2, target_of_plain_v2, target_of_v2
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import GivenValue, NewPlanJob
from jobfleet.operations import start_plan


class GlobalVarV2(msgspec.Struct, frozen=True):
    """Give a variable a value for this run; what stands beside `target_server` counts only without it."""

    id: Int64 | None = None
    name: str | None = None
    value: Text | None = None
    custom_query_id: tuple[Text, ...] | None = None
    ip_list: tuple[HostAddress, ...] | None = None
    target_server: TargetServerV2 | None = None


class ExecuteJob(ScopedV2, frozen=True, kw_only=True):
    """Ask for a run of a plan."""

    bk_job_id: Annotated[Int64 | None, NEEDED] = None
    global_vars: tuple[GlobalVarV2, ...] | None = None
    bk_callback_url: str | None = None


class StartedPlanV2(msgspec.Struct, frozen=True):
    """Name the job that was started."""

    job_instance_id: Int64
    job_instance_name: str


async def execute_job(call: Call, wanted: ExecuteJob) -> StartedPlanV2:
    """Start a plan.

    Source: docs/reference/api.md, «execute_job_plan».
    """
    async with scope_first(call, wanted):
        job = _new_job(call, wanted)
    started = await start_plan.start_plan(call.platform, call.caller, job)
    return StartedPlanV2(started.job_id, started.name)


def _new_job(call: Call, wanted: ExecuteJob) -> NewPlanJob:
    callback_url = callback_url_of("bk_callback_url", wanted.bk_callback_url or "")
    return NewPlanJob(
        scope=scope_of(wanted),
        plan_id=plan_id_of("bk_job_id", wanted.bk_job_id),
        values=tuple(_given(wanted.global_vars or ())),
        callback_url=callback_url,
        idempotency_key=call.idempotency_key,
    )


def _given(entries: Iterable[GlobalVarV2]) -> Iterable[GivenValue]:
    for one in entries:
        yield given_value(one.id, one.name, one.value, _hosts(one))


def _hosts(one: GlobalVarV2) -> TargetSpec | None:
    if one.target_server is not None:
        return target_of_v2(one.target_server)
    plain = target_of_plain_v2(one.ip_list or (), one.custom_query_id or ())
    return None if plain.is_empty else plain
