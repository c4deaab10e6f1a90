"""A job that is over runs once more: as it was asked for, with the rights and the inventory of now."""

import msgspec
import pytest
import sqlalchemy as sa
from tests.integration.engine.plans import make_plan, script
from tests.integration.engine.stage import ADMIN, SCOPE, Stage

from jobfleet.engine.variables import load_variables
from jobfleet.model.caller import Caller, Grant, Role
from jobfleet.model.dangerous import NewRule, RuleAction
from jobfleet.model.definition import ApprovalSpec, FileKind, TransferMode
from jobfleet.model.errors import BadRequestError, ForbiddenError, InternalError, UnsupportedOperationError
from jobfleet.model.file_job import NewContent, NewFileJob, NewSource
from jobfleet.model.job import JobOperation, LaunchMode, StartedJob, StepOperation
from jobfleet.model.job_errors import (
    AccountNotFoundError,
    ContentNotFoundError,
    IdempotencyConflictError,
    InterceptedError,
    JobNotFoundError,
    ScriptDisabledError,
    ScriptNotExecutableError,
    UnknownHostsError,
)
from jobfleet.model.order import RunOrder
from jobfleet.model.rolling import Rolling
from jobfleet.model.scope import ScopeType
from jobfleet.model.script import ScriptSpec
from jobfleet.model.script_version import NewScript, NewVersion
from jobfleet.model.status import RunStatus
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import GivenValue, NewPlanJob, ScriptAction, Variable
from jobfleet.model.variable import VariableType
from jobfleet.operations import dangerous_rules, operate, platform_settings, script_editing
from jobfleet.operations.redo import redo
from jobfleet.operations.start_plan import start_plan
from jobfleet.operations.step_detail import step_detail
from jobfleet.operations.transfer import start_transfer
from jobfleet.store import jobs, tables


def person(role: Role) -> Caller:
    return Caller("li", "demo", platform_admin=False, grants=(Grant(role, ScopeType.BUSINESS, 2),))


async def again(stage: Stage, job_id: int, caller: Caller = ADMIN) -> StartedJob:
    return await redo(stage.platform, caller, SCOPE, job_id)


async def finished(stage: Stage, **changes: object) -> StartedJob:
    """Return a script job that was started and stopped before any host took it."""
    started = await stage.run(**changes)  # type: ignore[arg-type]
    await stage.wait(started.job_id, RunStatus.FAILED)
    return started


async def test_a_script_runs_again_with_its_parameters_account_hosts_and_batches(stage: Stage) -> None:
    agents = await stage.agents(2)
    rolling, content = Rolling("1"), b"#!/bin/sh\necho again\n"
    first = await stage.run(hosts=2, params="--key canary", sensitive=True, rolling=rolling, content=content)
    with pytest.raises(UnsupportedOperationError):
        await again(stage, first.job_id)
    orders = [await agents[0].run_order()]
    await agents[0].end(orders[0])
    await agents[1].end(await agents[1].run_order(), exit_code=1)
    await stage.wait(first.job_id, RunStatus.FAILED)
    second = await again(stage, first.job_id)
    for agent in agents:
        orders.append((await agent.runs(2))[-1])
        await agent.end(orders[-1])
    view = await stage.wait(second.job_id, RunStatus.SUCCEEDED)
    assert (second.job_id > first.job_id, view.job.launch_mode) == (True, LaunchMode.PAGE)
    assert [(order.params, order.content, order.account) for order in orders] == [("--key canary", content, "root")] * 3
    assert view.steps[0].rolling == rolling


async def test_a_script_in_the_place_of_another_is_neither_shown_nor_run(idle_stage: Stage) -> None:
    own, secret = [await idle_stage.run(content=f"echo {word}".encode()) for word in ("mine", "canary")]
    async with idle_stage.platform.engine.db.begin() as tx:
        hashes = [(await jobs.list_steps(tx, one.job_id))[0].definition for one in (own, secret)]
        mine, theirs = (one.content_hash for one in hashes if isinstance(one, ScriptSpec))
        data = sa.select(tables.contents.c.data).where(tables.contents.c.hash == theirs).scalar_subquery()
        await tx.execute(sa.update(tables.contents).where(tables.contents.c.hash == mine).values(data=data))
    with pytest.raises(InternalError):
        await step_detail(idle_stage.platform, ADMIN, SCOPE, own.job_id, own.step_id)
    agent = await idle_stage.agent(1)
    await idle_stage.start_engine()
    await idle_stage.wait(own.job_id, RunStatus.ABNORMAL)
    assert own.job_id not in [order.job_id for order in agent.orders if isinstance(order, RunOrder)]


async def test_a_plans_job_starts_with_the_first_values_again(stage: Stage) -> None:
    agent = await stage.agent(1)
    agent.on_run = agent.end_quietly
    variables = (
        Variable("where", VariableType.STRING, "a"),
        Variable("token", VariableType.PASSWORD, "canary"),
        Variable("web", VariableType.HOSTS, hosts=TargetSpec(host_ids=(1,))),
    )
    plan_id = await make_plan(stage.platform, script(1), ApprovalSpec("go on?"), script(1), variables=variables)
    new = NewPlanJob(SCOPE, plan_id, (GivenValue(name="where", value="b"),))
    first = await start_plan(stage.platform, ADMIN, new)
    view = await stage.wait(first.job_id, RunStatus.WAITING)
    await operate.operate_job(stage.platform, ADMIN, SCOPE, first.job_id, JobOperation.TERMINATE)
    await stage.wait(first.job_id, RunStatus.STOPPED)
    second = await again(stage, first.job_id)
    again_view = await stage.wait(second.job_id, RunStatus.WAITING)
    ids = second.job_id, again_view.steps[1].id
    await operate.operate_step(stage.platform, ADMIN, SCOPE, *ids, StepOperation.CONFIRM)
    done = await stage.wait(second.job_id, RunStatus.SUCCEEDED)
    assert (done.job.plan_id, done.job.type) == (plan_id, view.job.type)
    assert [step.plan_step_id for step in done.steps] == [step.plan_step_id for step in view.steps]
    async with stage.platform.engine.db.begin() as tx:
        values = [await load_variables(tx, stage.platform.engine, one.job_id) for one in (first, second)]
    assert values[0] == values[1]
    assert [one.value for one in values[1]][:2] == ["b", "canary"]


async def test_files_that_came_with_a_job_are_sent_again_while_they_are_kept(stage: Stage) -> None:
    new = NewFileJob(
        scope=SCOPE,
        name="files",
        sources=(NewSource(FileKind.HOST, ("/a/x",), None, "root", TargetSpec(host_ids=(2,))),),
        contents=(NewContent("motd", b"hello"),),
        target_path="/t",
        account_id=None,
        account_alias="root",
        target=TargetSpec(host_ids=(1,)),
        mode=TransferMode.FORCE,
        upload_limit_kib_s=1024,
    )
    first = await start_transfer(stage.platform, ADMIN, new)
    await stage.wait(first.job_id, RunStatus.FAILED)
    second = await again(stage, first.job_id)
    await stage.wait(second.job_id, RunStatus.FAILED)
    async with stage.platform.engine.db.begin() as tx:
        [before], [after] = [await jobs.list_steps(tx, one.job_id) for one in (first, second)]
    assert before.definition == after.definition
    stage.platform.engine.blobs.sweep(used_before_s=2**40)
    with pytest.raises(ContentNotFoundError, match="motd"):
        await again(stage, first.job_id)


async def test_who_redoes_a_job_needs_what_starting_it_needs(stage: Stage) -> None:
    first = await finished(stage)
    with pytest.raises(ForbiddenError):
        await again(stage, first.job_id, person(Role.VIEWER))
    assert (await again(stage, first.job_id, person(Role.OPERATOR))).job_id > first.job_id
    with pytest.raises(JobNotFoundError):
        await again(stage, first.job_id + 1_000)


async def test_with_a_key_a_job_runs_once_more_and_not_twice(stage: Stage) -> None:
    first, other = await finished(stage), await finished(stage)
    second, same = [await redo(stage.platform, ADMIN, SCOPE, first.job_id, key="k") for _ in range(2)]
    assert second == same
    with pytest.raises(IdempotencyConflictError):
        await redo(stage.platform, ADMIN, SCOPE, other.job_id, key="k")


async def test_no_two_callers_share_a_key(stage: Stage) -> None:
    first = await finished(stage)
    alike = [msgspec.structs.replace(ADMIN, app_code=app, username=user) for app, user in (("a/b", "c"), ("a", "b/c"))]
    jobs_started = {(await redo(stage.platform, who, SCOPE, first.job_id, key="k")).job_id for who in alike}
    assert len(jobs_started) == len(alike)


async def test_what_is_gone_or_forbidden_by_now_is_refused_by_name(stage: Stage) -> None:
    first = await finished(stage, hosts=2, content=b"rm -rf /\n")
    rule = await dangerous_rules.create_rule(stage.platform, ADMIN, NewRule("rm -rf", (1,), "", RuleAction.INTERCEPT))
    await dangerous_rules.set_enabled(stage.platform, ADMIN, rule.id, enabled=True)
    with pytest.raises(InterceptedError):
        await again(stage, first.job_id)
    await dangerous_rules.set_enabled(stage.platform, ADMIN, rule.id, enabled=False)
    db = stage.platform.engine.db
    async with db.begin() as tx:
        await tx.execute(sa.update(tables.accounts).values(id=99, alias="other"))
    with pytest.raises(AccountNotFoundError):
        await again(stage, first.job_id)
    async with db.begin() as tx:
        await tx.execute(sa.update(tables.accounts).values(id=1, alias="root"))
        await tx.execute(sa.delete(tables.hosts).where(tables.hosts.c.id == 2))
    with pytest.raises(UnknownHostsError, match="2"):
        await again(stage, first.job_id)


async def test_what_the_platform_is_set_to_by_now_holds_for_a_job_that_runs_once_more(stage: Stage) -> None:
    called = await finished(stage, callback_url="http://example.com/done", timeout_s=3000)
    script_id, version_id = await kept_script(stage)
    plan_id = await make_plan(stage.platform, of_version(version_id))
    plan_job = await start_plan(stage.platform, ADMIN, NewPlanJob(SCOPE, plan_id))
    await stage.wait(plan_job.job_id, RunStatus.FAILED)
    kept = await finished(stage, content=None, script_version_id=version_id)
    await stage.wait((await again(stage, called.job_id)).job_id, RunStatus.FAILED)
    for name, value, match in (
        ("callback_urls", ["ci.example.com"], "callback_url"),
        ("max_timeout_s", 2999, "above 2999"),
        ("scope_max_timeout_s", {"biz:2": 60}, "above 60"),
    ):
        await platform_settings.change_setting(stage.platform, ADMIN, name, value)
        with pytest.raises(BadRequestError, match=match):
            await again(stage, called.job_id)
        await platform_settings.reset_setting(stage.platform, ADMIN, name)
    for one in (kept, plan_job):
        await stage.wait((await again(stage, one.job_id)).job_id, RunStatus.FAILED)
    await script_editing.disable(stage.platform, ADMIN, SCOPE, script_id, version_id)
    with pytest.raises(ScriptNotExecutableError, match="disabled"):
        await again(stage, kept.job_id)
    with pytest.raises(ScriptDisabledError):
        await again(stage, plan_job.job_id)


async def kept_script(stage: Stage) -> tuple[str, int]:
    """Return the ids of a script and of its version, which is online."""
    new = NewScript(SCOPE, "kept", 1, NewVersion("1", b"true\n"))
    script, version = await script_editing.create_script(stage.platform, ADMIN, new)
    await script_editing.publish(stage.platform, ADMIN, SCOPE, script.id, version.id)
    return script.id, version.id


def of_version(version_id: int) -> ScriptAction:
    return msgspec.structs.replace(script(1, content=b""), script_version_id=version_id)


async def test_a_step_that_was_changed_in_the_database_is_not_run_anew(stage: Stage) -> None:
    first = await finished(stage)
    async with stage.platform.engine.db.begin() as tx:
        [step] = await jobs.list_steps(tx, first.job_id)
        changed = msgspec.to_builtins(step.definition) | {"params": "evil"}
        await tx.execute(sa.update(tables.steps).where(tables.steps.c.id == step.id).values(definition=changed))
    with pytest.raises(InternalError):
        await again(stage, first.job_id)
