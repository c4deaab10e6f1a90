"""Hooks are told what happens in their scope."""

from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from tests.integration.engine.plans import make_plan, script
from tests.integration.engine.receiver import Receiver
from tests.integration.engine.stage import ADMIN, SCOPE, Stage, now_ms
from tests.waiting import eventually

from jobfleet.model.caller import Caller, Grant, Role
from jobfleet.model.definition import TRIGGER_ROLE, ApprovalSpec
from jobfleet.model.errors import ForbiddenError, IllegalRequestError
from jobfleet.model.job import StepOperation
from jobfleet.model.notice import MAX_HOOKS, Hook, Occasion
from jobfleet.model.resource_errors import HookNotFoundError
from jobfleet.model.schedule_wish import NewSchedule
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.status import RunStatus
from jobfleet.model.template import NewPlanJob
from jobfleet.operations import notifications, operate, schedules
from jobfleet.operations.firing import fire_due
from jobfleet.operations.start_plan import start_plan
from jobfleet.store import tables
from jobfleet.store.notifications import Delivery

MINUTE = 60_000


async def hook(stage: Stage, receiver: Receiver, *occasions: Occasion, name: str = "pager") -> None:
    await notifications.set_hook(stage.platform, ADMIN, SCOPE, Hook(name, receiver.url, occasions))


async def told(receiver: Receiver) -> dict[str, Any]:
    """Return the next notice that a receiver gets."""
    found: Any = (await receiver.call()).said["notice"]
    return dict(found)


async def deliveries(stage: Stage, count: int) -> list[Delivery]:
    """Return the latest notifications, newest first, once all are over."""
    return await eventually(
        lambda: notifications.list_deliveries(stage.platform, ADMIN, SCOPE, 20),
        lambda found: len(found) == count and all(one.ended_at is not None for one in found),
    )


async def test_the_confirmers_of_an_approval_are_named_when_it_begins_to_wait(stage: Stage) -> None:
    async with stage.platform.engine.db.begin() as tx:
        await tx.execute(sa.insert(tables.users), [{"name": "zhao", "platform_admin": False, "language": "zh"}])
        role = {"user_name": "zhao", "scope_type": "biz", "scope_id": 2, "role": "operator"}
        await tx.execute(sa.insert(tables.role_bindings), role)
    asked = ApprovalSpec("go {on}?", ("li", "admin"), (TRIGGER_ROLE, "operator"), ("mail",))
    plan_id = await make_plan(stage.platform, asked)
    async with Receiver("200 OK").listening() as receiver:
        await hook(stage, receiver, Occasion.APPROVAL_WAITING)
        started = await start_plan(stage.platform, ADMIN, NewPlanJob(SCOPE, plan_id, name="release"))
        notice = await told(receiver)
        assert (notice["occasion"], notice["scope"]) == ("approval_waiting", "biz:2")
        assert (notice["receivers"], notice["channels"]) == (["li", "admin", "zhao"], ["mail"])
        assert notice["title"]["en"] == "Job [release] waits for a confirmation"
        assert "go {on}?" in notice["text"]["zh"]
        assert (notice["job"]["id"], notice["job"]["status"]) == (started.job_id, 7)
        assert notice["step"]["message"] == "go {on}?"
        view = await stage.wait(started.job_id, RunStatus.WAITING)
        ids = started.job_id, view.steps[0].id
        await operate.operate_step(stage.platform, ADMIN, SCOPE, *ids, StepOperation.REJECT)
        await operate.operate_step(stage.platform, ADMIN, SCOPE, *ids, StepOperation.RESTART_APPROVAL)
        assert (await told(receiver))["step"]["id"] == view.steps[0].id
        assert len(await deliveries(stage, 2)) == 2


async def test_an_end_is_told_to_the_hooks_that_want_it_and_to_no_others(stage: Stage) -> None:
    agent = await stage.agent(1)
    async with Receiver("204 No Content").listening() as happy, Receiver("200 OK").listening() as sad:
        await hook(stage, happy, Occasion.JOB_SUCCEEDED, Occasion.APPROVAL_WAITING, name="happy")
        await hook(stage, sad, Occasion.JOB_FAILED, name="sad")
        await notifications.set_hook(
            stage.platform, ADMIN, Scope(ScopeType.BUSINESS, 3), Hook("others", happy.url, tuple(Occasion))
        )
        failing = await stage.run(name="bad")
        await agent.end(await agent.run_order(), exit_code=1)
        assert (await told(sad))["title"] == {"zh": "作业[bad]执行失败", "en": "Job [bad] failed"}
        ids = failing.job_id, failing.step_id
        await operate.operate_step(stage.platform, ADMIN, SCOPE, *ids, StepOperation.RETRY_FAILED)
        await agent.end((await agent.runs(2))[-1])
        notice = await told(happy)
        assert (notice["occasion"], notice["job"]["status"], notice["receivers"]) == ("job_succeeded", 3, ["admin"])
        assert [one.delivered for one in await deliveries(stage, 2)] == [True, True]
        assert happy.calls.empty()
        assert sad.calls.empty()


async def test_a_notification_that_is_not_taken_is_tried_again_under_its_number(stage: Stage) -> None:
    agent = await stage.agent(1)
    async with Receiver("503 no", "200 OK").listening() as receiver:
        await hook(stage, receiver, Occasion.JOB_SUCCEEDED)
        await stage.run()
        await agent.end(await agent.run_order())
        first, second = await receiver.call(), await receiver.call()
        assert first.body == second.body
        assert "json" in second.head
        [one] = await deliveries(stage, 1)
        assert (one.tries, one.delivered, first.said["id"]) == (2, True, one.id)


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "http://0.0.0.0:1/"])
async def test_a_hook_that_leads_to_a_forbidden_address_is_told_nothing(stage: Stage, url: str) -> None:
    agent = await stage.agent(1)
    await notifications.set_hook(stage.platform, ADMIN, SCOPE, Hook("spy", url, (Occasion.JOB_SUCCEEDED,)))
    started = await stage.run()
    await agent.end(await agent.run_order())
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    [one] = await deliveries(stage, 1)
    assert (one.delivered, one.tries, bool(one.reason)) == (False, 1, True)


async def test_a_schedule_that_cannot_start_is_told_of_at_the_first_and_every_fifth_failure(stage: Stage) -> None:
    async with Receiver("200 OK").listening() as receiver:
        await hook(stage, receiver, Occasion.SCHEDULE_FAILED)
        plan_id = await make_plan(stage.platform, script(1))
        new = NewSchedule(SCOPE, "nightly", plan_id, expression="* * * * *")
        made = (await schedules.create(stage.platform, ADMIN, new)).schedule
        earlier = stage.at(lambda: now_ms() - 10 * MINUTE)  # what is told has to be due by now
        at = (await schedules.enable(earlier, ADMIN, SCOPE, made.id)).next_fire_at or 0
        for moment in range(at, at + 7 * MINUTE, MINUTE):  # nobody knows admin here, so it has no role by then
            await fire_due(stage.at(partial(int, moment)))
        notices = [await told(receiver) for _ in range(2)]
        moments = sorted(one["schedule"]["scheduled_at"] for one in notices)
        assert moments == [at, at + 5 * MINUTE]
        assert notices[0]["receivers"] == ["admin"]
        assert notices[0]["schedule"]["code"] == 9900403
        assert len(await deliveries(stage, 2)) == 2


async def test_hooks_are_for_administrators_of_the_scope_and_there_are_not_too_many(idle_stage: Stage) -> None:
    platform, occasions = idle_stage.platform, (Occasion.JOB_FAILED,)
    editor = Caller("li", "", platform_admin=False, grants=(Grant(Role.EDITOR, ScopeType.BUSINESS, 2),))
    with pytest.raises(ForbiddenError, match="notification_setting"):
        await notifications.set_hook(platform, editor, SCOPE, Hook("mine", "http://a.example", occasions))
    for n in range(MAX_HOOKS):
        await notifications.set_hook(platform, ADMIN, SCOPE, Hook(f"hook {n}", "http://a.example", occasions))
    await notifications.set_hook(platform, ADMIN, SCOPE, Hook("hook 0", "http://b.example", occasions))
    with pytest.raises(IllegalRequestError, match=str(MAX_HOOKS)):
        await notifications.set_hook(platform, ADMIN, SCOPE, Hook("one more", "http://a.example", occasions))
    assert (await notifications.list_hooks(platform, ADMIN, SCOPE))[0].url == "http://b.example"
    await notifications.delete_hook(platform, ADMIN, SCOPE, "hook 0")
    with pytest.raises(HookNotFoundError):
        await notifications.delete_hook(platform, ADMIN, SCOPE, "hook 0")
