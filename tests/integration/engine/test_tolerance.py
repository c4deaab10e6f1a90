"""A host that a scope may not use any more keeps the others from nothing, where a schedule asks."""

import pytest
from tests.integration.engine.stage import ADMIN, SCOPE, Stage, new_job, statuses

from jobfleet.engine.accept import accept_script, script_step
from jobfleet.engine.resolve import resolve
from jobfleet.model.account import Category
from jobfleet.model.job import StartedJob
from jobfleet.model.job_errors import ForeignHostsError, UnknownHostsError
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.model.target import Address, Target, TargetSpec
from jobfleet.store import inventory

FOREIGN, UNKNOWN = 6, 999


async def found(stage: Stage, spec: TargetSpec, *, tolerant: bool) -> list[Target]:
    ctx = stage.platform.engine
    async with ctx.db.begin() as tx:
        info = await inventory.find_scope(tx, SCOPE)
        assert info is not None
        return await resolve(tx, spec, info, "a step", action="script", now=ctx.clock(), tolerant=tolerant)


async def start(stage: Stage, targets: list[Target]) -> StartedJob:
    ctx = stage.platform.engine
    async with ctx.db.begin() as tx:
        account = await inventory.find_account(tx, SCOPE, Category.SYSTEM, None, "root")
        assert account is not None
        step = await script_step(tx, ctx, new_job(()), account, targets)
        return await accept_script(tx, ctx, ADMIN, new_job(()), step)


async def test_hosts_that_may_not_be_used_stay_as_targets_that_never_run(stage: Stage) -> None:
    agent = await stage.agent(1)
    targets = await found(stage, TargetSpec(host_ids=(UNKNOWN, 1, FOREIGN)), tolerant=True)
    assert [(one.host_id, one.initial) for one in targets] == [
        (UNKNOWN, TaskStatus.INVALID_TARGET),
        (1, TaskStatus.WAITING),
        (FOREIGN, TaskStatus.INVALID_TARGET),
    ]
    started = await start(stage, targets)
    await agent.end(await agent.run_order())
    view = await stage.wait(started.job_id, RunStatus.FAILED)
    assert statuses(view) == [TaskStatus.INVALID_TARGET, TaskStatus.SUCCEEDED, TaskStatus.INVALID_TARGET]


async def test_a_step_without_any_host_that_may_be_used_fails_at_once(stage: Stage) -> None:
    targets = await found(stage, TargetSpec(host_ids=(UNKNOWN, FOREIGN)), tolerant=True)
    started = await start(stage, targets)
    view = await stage.wait(started.job_id, RunStatus.FAILED)
    assert statuses(view) == [TaskStatus.INVALID_TARGET] * 2


async def test_an_address_that_nobody_has_is_refused_all_the_same(idle_stage: Stage) -> None:
    with pytest.raises(UnknownHostsError):
        await found(idle_stage, TargetSpec(host_ids=(1,), addresses=(Address(0, "10.9.9.9"),)), tolerant=True)


async def test_whoever_is_not_a_schedule_is_refused(idle_stage: Stage) -> None:
    with pytest.raises(UnknownHostsError):
        await found(idle_stage, TargetSpec(host_ids=(1, UNKNOWN)), tolerant=False)
    with pytest.raises(ForeignHostsError):
        await found(idle_stage, TargetSpec(host_ids=(1, FOREIGN)), tolerant=False)
