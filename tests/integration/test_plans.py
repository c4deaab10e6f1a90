"""Templates and plans on a real database: applied, kept, synchronised, refused."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
import sqlalchemy as sa
from tests.platforms import ADMIN, platform_of
from tests.waiting import WITHIN_S

from jobfleet.engine.context import wall_clock
from jobfleet.engine.housekeeping import Windows, keep_house
from jobfleet.model.caller import Caller, Grant, Role
from jobfleet.model.dangerous import NewRule, RuleAction
from jobfleet.model.declared_plan import LocalFiles
from jobfleet.model.definition import ApprovalSpec
from jobfleet.model.difference import MASK
from jobfleet.model.errors import DeclarationError, ForbiddenError, InternalError
from jobfleet.model.history import JobFilter
from jobfleet.model.job import JobType, LaunchMode
from jobfleet.model.job_errors import (
    AccountNotFoundError,
    HostVariableNotFoundError,
    InterceptedError,
    NoEnabledStepError,
    ScriptDisabledError,
    UnknownHostsError,
    UnknownPlanError,
)
from jobfleet.model.resource_errors import (
    ChangedMeanwhileError,
    PlanNameTakenError,
    PlanNotFoundError,
    ScriptInUseError,
    ScriptNotOnlineError,
    TemplateBusyError,
    TemplateInUseError,
    TemplateNameTakenError,
    TemplateNotFoundError,
)
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.script import Language, ScriptSpec
from jobfleet.model.script_version import NewScript, NewVersion
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import GivenValue, NewPlan, NewPlanJob, NewTemplate, ScriptAction, TemplateStep, Variable
from jobfleet.model.variable import VariableType
from jobfleet.operations import (
    apply_plan,
    dangerous_rules,
    plan_course,
    plans,
    script_editing,
    sync_plan,
    templates,
    uploads,
)
from jobfleet.operations.plan_secrets import open_template, seal_template
from jobfleet.operations.platform import Platform
from jobfleet.operations.start_plan import start_plan
from jobfleet.store import files as stored_files
from jobfleet.store import history, jobs
from jobfleet.store import plans as stored_plans
from jobfleet.store import templates as stored
from jobfleet.store.database import Transaction
from jobfleet.store.kept_filter import KeptFilter

STATE = """
[[users]]
name = "admin"
platform_admin = true
[[businesses]]
id = 2
name = "demo"
[[businesses]]
id = 3
name = "other"
[[hosts]]
id = 1
ip = "127.0.0.1"
business = 2
[[hosts]]
id = 2
ip = "127.0.0.2"
business = 2
"""
SCHEDULED = """
INSERT INTO schedule (scope_type, scope_id, name, plan_id, expression, time_zone, overlap, sealed_values, enabled,
    creator, created_at, modifier, modified_at)
VALUES ('biz', 2, 'nightly', :plan_id, '0 0 * * *', 'UTC', 'allow', '', false, 'admin', 1, 'admin', 1)
"""
SCOPE, OTHER = Scope(ScopeType.BUSINESS, 2), Scope(ScopeType.BUSINESS, 3)
FILE = """
[template]
name = "Release"
[[variables]]
name = "web"
type = "hosts"
hosts = ["1"]
[[variables]]
name = "version"
value = "1.0"
[[variables]]
name = "token"
type = "password"
value = "canary-7351"
[[steps]]
kind = "approval"
name = "ask"
message = "go on?"
[[steps]]
kind = "script"
name = "install"
targets = ["variable:web"]
script = "echo $version"
sensitive_params = "canary-7352"
"""
WITH_UPLOAD = """
[template]
name = "Ship"
[[steps]]
kind = "file"
name = "send"
targets = ["1"]
target_path = "/tmp/x/"
[[steps.sources]]
upload = ["kept"]
"""


platform = platform_of(STATE)


async def apply(platform: Platform, text: str = FILE, *, dry_run: bool = False) -> apply_plan.AppliedPlan:
    return await apply_plan.apply_plan(platform, ADMIN, SCOPE, text, LocalFiles(), dry_run=dry_run)


def effects(applied: apply_plan.AppliedPlan) -> dict[str, str]:
    return {f"{change.table}/{change.key}": change.effect.value for change in applied.changes}


def script(name: str) -> TemplateStep:
    return TemplateStep(name, ScriptAction(target=TargetSpec((1,)), account_alias="root", content=b"true"))


def template(*steps: TemplateStep, name: str = "t", variables: tuple[Variable, ...] = ()) -> NewTemplate:
    return NewTemplate(SCOPE, name, steps or (script("one"),), variables)


async def test_a_file_is_applied_once_and_its_second_application_changes_nothing(platform: Platform) -> None:
    tried = await apply(platform, dry_run=True)
    assert (await templates.list_templates(platform, ADMIN, SCOPE, KeptFilter()))[0] == 0
    first = await apply(platform)
    assert effects(tried) == effects(first)
    assert set(effects(first).values()) == {"added"}
    again = await apply(platform)
    assert set(effects(again).values()) == {"unchanged"}
    assert (again.template_id, again.plan_id) == (first.template_id, first.plan_id)


async def test_secrets_are_sealed_in_the_record_and_hidden_in_answers(platform: Platform) -> None:
    applied = await apply(platform)
    async with platform.engine.db.begin() as tx:
        raw = await stored.find(tx, SCOPE, applied.template_id)
    shown = await templates.get_template(platform, ADMIN, SCOPE, applied.template_id)
    plan, _ = await plans.get_plan(platform, ADMIN, SCOPE, applied.plan_id)
    for kept in (raw, shown, plan, applied):
        assert b"canary" not in msgspec.json.encode(kept)
    assert b"ZWNobyAkdmVyc2lvbg" not in msgspec.json.encode(raw)
    assert [one.value for one in shown.variables] == ["", "1.0", MASK]


async def test_what_a_file_changes_keeps_the_ids_of_the_rest(platform: Platform) -> None:
    first = await apply(platform)
    before = await templates.get_template(platform, ADMIN, SCOPE, first.template_id)
    changed = FILE.replace('value = "canary-7351"', "").replace('value = "1.0"', 'value = "2.0"')
    changed = changed.replace('name = "ask"', 'name = "really"')
    second = await apply(platform, changed)
    after = await templates.get_template(platform, ADMIN, SCOPE, first.template_id)
    assert effects(second) == {
        "templates/Release": "unchanged",
        "variables/web": "unchanged",
        "variables/version": "changed",
        "variables/token": "unchanged",
        "steps/really": "added",
        "steps/install": "unchanged",
        "steps/ask": "removed",
        "plans/Release": "changed",
    }
    assert after.version != before.version
    assert [one.id for one in after.variables] == [one.id for one in before.variables]
    assert (after.steps[1].id == before.steps[1].id, after.steps[0].id in {one.id for one in before.steps}) == (
        True,
        False,
    )
    plan, standing = await plans.get_plan(platform, ADMIN, SCOPE, first.plan_id)
    assert (standing.behind > 0, [one.enabled for one in plan.steps]) == (False, [True, True])
    assert [one.variable.value for one in plan.variables] == ["", "2.0", MASK]


async def test_a_plan_follows_its_template_only_when_it_is_synchronised(platform: Platform) -> None:
    made = await templates.create_template(
        platform, ADMIN, template(script("one"), script("two"), variables=(Variable("x", VariableType.STRING, "1"),))
    )
    new = NewPlan("p", frozenset({made.steps[0].id}), (GivenValue(name="x", value="own"),))
    plan = await plans.create_plan(platform, ADMIN, SCOPE, made.id, new)
    more = (*made.steps, script("three"))
    await templates.update_template(platform, ADMIN, made.id, NewTemplate(SCOPE, "t", more, made.variables))
    old, standing = await plans.get_plan(platform, ADMIN, SCOPE, plan.id)
    assert (len(old.steps), standing.behind > 0) == (2, True)
    with pytest.raises(ChangedMeanwhileError):
        await sync_plan.sync_plan(platform, ADMIN, SCOPE, plan.id, seen_at=made.modified_at)
    assert len((await plans.get_plan(platform, ADMIN, SCOPE, plan.id))[0].steps) == 2
    seen = (await plan_course.coming_sync(platform, ADMIN, SCOPE, plan.id)).template.modified_at
    synced = await sync_plan.sync_plan(platform, ADMIN, SCOPE, plan.id, seen_at=seen)
    assert [(one.step.name, one.enabled) for one in synced.steps] == [("one", True), ("two", False), ("three", False)]
    assert [one.id for one in synced.steps[:2]] == [one.id for one in plan.steps]
    assert synced.variables[0].variable.value == "own"
    assert not (await plans.get_plan(platform, ADMIN, SCOPE, plan.id))[1].behind


async def test_names_are_taken_once(platform: Platform) -> None:
    one = await templates.create_template(platform, ADMIN, template())
    two = await templates.create_template(platform, ADMIN, template(name="u"))
    with pytest.raises(TemplateNameTakenError):
        await templates.create_template(platform, ADMIN, template())
    with pytest.raises(TemplateNameTakenError):
        await templates.update_template(platform, ADMIN, two.id, template())
    await plans.create_plan(platform, ADMIN, SCOPE, one.id, NewPlan("p"))
    other = await plans.create_plan(platform, ADMIN, SCOPE, one.id, NewPlan("q"))
    await plans.create_plan(platform, ADMIN, SCOPE, two.id, NewPlan("p"))
    with pytest.raises(PlanNameTakenError):
        await plans.create_plan(platform, ADMIN, SCOPE, one.id, NewPlan("p"))
    with pytest.raises(PlanNameTakenError):
        await plans.update_plan(platform, ADMIN, SCOPE, other.id, NewPlan("p"))


async def test_a_template_is_saved_by_one_at_a_time(platform: Platform) -> None:
    made = await templates.create_template(platform, ADMIN, template())
    async with platform.engine.db.begin() as tx:
        await templates.held(tx, SCOPE, made.id)
        with pytest.raises(TemplateBusyError):
            await templates.update_template(platform, ADMIN, made.id, template())


async def test_a_plan_that_is_being_scheduled_or_made_is_not_deleted_with_its_template(platform: Platform) -> None:
    applied = await apply(platform)
    async with asyncio.timeout(WITHIN_S), asyncio.TaskGroup() as group:
        async with platform.engine.db.begin() as tx:
            assert await stored_plans.find(tx, SCOPE, applied.plan_id, lock=True)
            await plans.insert_plan(tx, platform, ADMIN, SCOPE, applied.template_id, NewPlan("second"))
            deleting = group.create_task(gone(platform, applied.template_id))
            async with platform.engine.db.begin() as other:
                while not await is_waited_for(other):
                    await asyncio.sleep(0.02)
            await tx.execute(sa.text(SCHEDULED), {"plan_id": applied.plan_id})
        assert await deleting is False
    assert (await plans.get_plan(platform, ADMIN, SCOPE, applied.plan_id))[0].id == applied.plan_id


async def gone(platform: Platform, template_id: int) -> bool:
    try:
        await templates.delete_template(platform, ADMIN, SCOPE, template_id)
    except TemplateInUseError:
        return False
    return True


async def is_waited_for(tx: Transaction) -> bool:
    return bool((await tx.execute(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted"))).scalar_one())


async def test_what_is_not_there_or_belongs_elsewhere_is_not_found(platform: Platform) -> None:
    applied = await apply(platform)
    with pytest.raises(TemplateNotFoundError):
        await templates.get_template(platform, ADMIN, OTHER, applied.template_id)
    with pytest.raises(PlanNotFoundError):
        await plans.get_plan(platform, ADMIN, OTHER, applied.plan_id)
    with pytest.raises(UnknownPlanError):
        await start_plan(platform, ADMIN, NewPlanJob(OTHER, applied.plan_id))
    await templates.delete_template(platform, ADMIN, SCOPE, applied.template_id)
    with pytest.raises(UnknownPlanError):
        await start_plan(platform, ADMIN, NewPlanJob(SCOPE, applied.plan_id))


async def test_roles_decide_who_sees_runs_and_edits(platform: Platform) -> None:
    applied = await apply(platform)
    viewer, operator, editor = (
        Caller(role.value, "", platform_admin=False, grants=(Grant(role, SCOPE.type, SCOPE.id),))
        for role in (Role.VIEWER, Role.OPERATOR, Role.EDITOR)
    )
    await plans.get_plan(platform, viewer, SCOPE, applied.plan_id)
    with pytest.raises(ForbiddenError) as refused:
        await start_plan(platform, viewer, NewPlanJob(SCOPE, applied.plan_id))
    assert [one.action.value for one in refused.value.missing] == ["launch_job_plan", "use_account"]
    await start_plan(platform, operator, NewPlanJob(SCOPE, applied.plan_id))
    with pytest.raises(ForbiddenError):
        await plans.update_plan(platform, operator, SCOPE, applied.plan_id, NewPlan("x"))
    await plans.update_plan(platform, editor, SCOPE, applied.plan_id, NewPlan("x"))


async def test_a_file_is_read_for_those_only_who_may_apply_it(platform: Platform) -> None:
    viewer = Caller("li", "", platform_admin=False, grants=(Grant(Role.VIEWER, SCOPE.type, SCOPE.id),))
    with pytest.raises(ForbiddenError):
        await apply_plan.apply_plan(platform, viewer, SCOPE, "no TOML", LocalFiles(), dry_run=True)


async def test_a_file_with_mistakes_names_each_with_its_place(platform: Platform) -> None:
    wrong = FILE.replace('targets = ["variable:web"]', 'targets = ["variable:db"]').replace('"go on?"', '"go on?"\nx=1')
    with pytest.raises(DeclarationError) as refused:
        await apply(platform, wrong)
    assert refused.value.mistakes == ("steps[0].x: unknown field",)
    with pytest.raises(DeclarationError) as refused:
        await apply(platform, wrong.replace("x=1", ""))
    assert refused.value.mistakes == ("steps[1].targets: db is no host list of this template",)
    with pytest.raises(AccountNotFoundError):
        await apply(platform, FILE + 'account = "nobody-here"')


async def test_a_run_has_the_plans_enabled_steps_in_order_and_its_own_values(platform: Platform) -> None:
    applied = await apply(platform)
    plan, _ = await plans.get_plan(platform, ADMIN, SCOPE, applied.plan_id)
    values = (
        GivenValue(id=plan.variables[0].id, name="version", hosts=TargetSpec((2, 1))),
        GivenValue(name="nothing", value="ignored"),
    )
    started = await start_plan(
        platform, ADMIN, NewPlanJob(SCOPE, plan.id, values, LaunchMode.SCHEDULE, start=False, name="mine")
    )
    async with platform.engine.db.begin() as tx:
        job = await jobs.get_in_scope(tx, started.job_id, SCOPE)
        steps = await jobs.list_steps(tx, started.job_id)
        targets = [(await jobs.sealed_targets(tx, started.job_id, step.id)).host_ids for step in steps]
    assert (job.plan_id, job.type, job.name, job.launch_mode) == (plan.id, JobType.PLAN, "mine", LaunchMode.SCHEDULE)
    assert [step.plan_step_id for step in steps] == [one.id for one in plan.steps]
    assert isinstance(steps[0].definition, ApprovalSpec)
    assert targets == [[], [2, 1]]


async def test_what_cannot_run_is_refused_in_order_and_leaves_nothing(platform: Platform) -> None:
    applied = await apply(platform)
    lost = (GivenValue(name="web", hosts=TargetSpec((1, 98))),)
    with pytest.raises(UnknownHostsError, match="98"):
        await start_plan(platform, ADMIN, NewPlanJob(SCOPE, applied.plan_id, lost))
    async with platform.engine.db.begin() as tx:
        raw = await stored.find(tx, SCOPE, applied.template_id)
        assert raw is not None
        # What no surface lets happen: a step on a list that the template does not have.
        clear = open_template(platform.engine.sealer, raw)
        unlisted = msgspec.structs.replace(clear, variables=clear.variables[1:], version="x")
        await stored.update(tx, seal_template(platform.engine.sealer, unlisted))
    await sync_plan.sync_plan(platform, ADMIN, SCOPE, applied.plan_id)
    with pytest.raises(HostVariableNotFoundError, match="web"):
        await start_plan(platform, ADMIN, NewPlanJob(SCOPE, applied.plan_id))
    await plans.update_plan(platform, ADMIN, SCOPE, applied.plan_id, NewPlan("Release", frozenset()))
    with pytest.raises(NoEnabledStepError):
        await start_plan(platform, ADMIN, NewPlanJob(SCOPE, applied.plan_id))
    async with platform.engine.db.begin() as tx:
        every = JobFilter(created_from=1, created_to=2**50)
        assert (await history.list_jobs(tx, SCOPE, every, start=0, length=1)).total == 0


async def test_the_same_request_under_a_key_starts_one_job(platform: Platform) -> None:
    applied = await apply(platform)
    new = NewPlanJob(SCOPE, applied.plan_id, idempotency_key="k")
    assert await start_plan(platform, ADMIN, new) == await start_plan(platform, ADMIN, new)


async def test_uploads_of_plans_outlive_those_that_nobody_names(platform: Platform) -> None:
    ctx, paths = platform.engine, []
    for name in ("kept", "other"):
        made = await uploads.make_addresses(platform, ADMIN, SCOPE, [name])
        await uploads.take_upload(platform, made[name].token, once(name.encode()))
        paths.append(made[name].path)
    files = LocalFiles(uploads={"kept": paths[0]})
    await apply_plan.apply_plan(platform, ADMIN, SCOPE, WITH_UPLOAD, files, dry_run=False)
    later = msgspec.structs.replace(ctx, clock=lambda: wall_clock() + 8 * 86_400_000)
    await keep_house(later, Windows(history_days=60, output_days=60, audit_days=60))
    async with ctx.db.begin() as tx:
        assert set(await stored_files.find_uploads(tx, SCOPE, paths)) == {paths[0]}


async def test_the_same_file_uploaded_again_changes_nothing(platform: Platform) -> None:
    applied = []
    for _ in range(2):
        made = await uploads.make_addresses(platform, ADMIN, SCOPE, ["kept"])
        await uploads.take_upload(platform, made["kept"].token, once(b"same"))
        files = LocalFiles(uploads={"kept": made["kept"].path})
        applied.append(await apply_plan.apply_plan(platform, ADMIN, SCOPE, WITH_UPLOAD, files, dry_run=False))
    assert set(effects(applied[1]).values()) == {"unchanged"}


async def once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def test_steps_run_kept_scripts_until_they_are_disabled(platform: Platform) -> None:
    new = NewScript(SCOPE, "kept", Language.PYTHON, NewVersion("1", b"print(1)"))
    kept, version = await script_editing.create_script(platform, ADMIN, new)
    step = TemplateStep(
        "one", ScriptAction(target=TargetSpec((1,)), account_alias="root", script_version_id=version.id)
    )
    with pytest.raises(ScriptNotOnlineError):
        await templates.create_template(platform, ADMIN, template(step))
    await script_editing.publish(platform, ADMIN, SCOPE, kept.id, version.id)
    made = await templates.create_template(platform, ADMIN, template(step))
    plan = await plans.create_plan(platform, ADMIN, SCOPE, made.id, NewPlan("p"))
    with pytest.raises(ScriptInUseError):
        await script_editing.delete_script(platform, ADMIN, SCOPE, kept.id)
    started = await start_plan(platform, ADMIN, NewPlanJob(SCOPE, plan.id, start=False))
    async with platform.engine.db.begin() as tx:
        [stored_step] = await jobs.list_steps(tx, started.job_id)
    assert isinstance(stored_step.definition, ScriptSpec)
    assert (stored_step.definition.language, stored_step.definition.script_version_id) == (Language.PYTHON, version.id)
    await script_editing.disable(platform, ADMIN, SCOPE, kept.id, version.id)
    with pytest.raises(ScriptDisabledError):
        await start_plan(platform, ADMIN, NewPlanJob(SCOPE, plan.id))
    await templates.delete_template(platform, ADMIN, SCOPE, made.id)
    await script_editing.delete_script(platform, ADMIN, SCOPE, kept.id)


async def test_a_dangerous_script_of_any_step_is_intercepted(platform: Platform) -> None:
    rule = NewRule("rm -rf /", (Language.SHELL,), "", RuleAction.INTERCEPT)
    made = await dangerous_rules.create_rule(platform, ADMIN, rule)
    await dangerous_rules.set_enabled(platform, ADMIN, made.id, enabled=True)
    bad = TemplateStep("two", ScriptAction(target=TargetSpec((1,)), account_alias="root", content=b"rm -rf /"))
    kept = await templates.create_template(platform, ADMIN, template(script("one"), bad))
    plan = await plans.create_plan(platform, ADMIN, SCOPE, kept.id, NewPlan("p"))
    with pytest.raises(InterceptedError):
        await start_plan(platform, ADMIN, NewPlanJob(SCOPE, plan.id))


@pytest.mark.parametrize(
    "change",
    [
        "steps = replace(steps::text, '\"host_ids\": [1]', '\"host_ids\": [2]')::jsonb",
        "variables = replace(variables::text, '1.0', '6.6')::jsonb",
        "scope_id = 3",
    ],
)
async def test_a_plan_that_was_changed_in_the_database_does_not_run(platform: Platform, change: str) -> None:
    text = FILE.replace('["variable:web"]', '["1"]')
    plan_id = (await apply(platform, text)).plan_id
    await start_plan(platform, ADMIN, NewPlanJob(SCOPE, plan_id, start=False))
    async with platform.engine.db.begin() as tx:
        await tx.execute(sa.text(f"UPDATE plan SET {change}"))
    scope = OTHER if "scope" in change else SCOPE
    with pytest.raises(InternalError):
        await start_plan(platform, ADMIN, NewPlanJob(scope, plan_id, start=False))
