"""Scripts that are kept: versions, states, who may what, and what runs, on a real database."""

import asyncio

import sqlalchemy as sa
from tests.integration.kept_scripts import DEMO, EDDA, OLEG, OTHER, STATE, VERA, add, kept, person, publish, refused
from tests.platforms import ADMIN, platform_of

from jobfleet.model.caller import Role
from jobfleet.model.errors import ForbiddenError, IllegalParameterError, InternalError, UnsupportedOperationError
from jobfleet.model.job import NewScriptJob
from jobfleet.model.job_errors import ScriptNotExecutableError
from jobfleet.model.resource_errors import (
    ForeignScriptError,
    IllegalScriptNameError,
    ScriptInUseError,
    ScriptNameTakenError,
    ScriptNotFoundError,
    VersionNameTakenError,
    VersionNotFoundError,
)
from jobfleet.model.scope import Scope
from jobfleet.model.script_version import (
    NewScript,
    NewVersion,
    Script,
    ScriptFilter,
    ScriptVersion,
    VersionChange,
    VersionState,
)
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import NewPlan, NewTemplate, ScriptAction, TemplateStep
from jobfleet.operations import plans, script_editing, scripts, templates
from jobfleet.operations.execute import start_script
from jobfleet.operations.platform import Platform
from jobfleet.operations.script_content import LoadedScript, load_script, load_version
from jobfleet.store import tables as t

DRAFT, ONLINE, OFFLINE, DISABLED = VersionState


platform = platform_of(STATE)


async def states(platform: Platform, script: Script) -> list[VersionState]:
    return [version.state for version in await scripts.list_versions(platform, VERA, DEMO, script.id)]


async def load(platform: Platform, version_id: int | None, script_id: str = "", scope: Scope = DEMO) -> LoadedScript:
    async with platform.engine.db.begin() as tx:
        return await load_script(tx, platform, scope, version_id, script_id)


async def test_a_script_begins_as_a_draft_and_publishing_takes_the_former_version_offline(platform: Platform) -> None:
    script, first = await kept(platform)
    assert await states(platform, script) == [DRAFT]
    await publish(platform, script, first)
    second = await add(platform, script, "2.0")
    await publish(platform, script, second)
    assert await states(platform, script) == [ONLINE, OFFLINE]
    await publish(platform, script, first)
    assert await states(platform, script) == [OFFLINE, ONLINE]
    shown = await scripts.get_script(platform, VERA, DEMO, script.id)
    assert (shown.online_version_id, shown.online_version) == (first.id, "1.0")


async def test_states_that_do_not_allow_it_refuse(platform: Platform) -> None:
    script, first = await kept(platform)
    named = (platform, EDDA, DEMO, script.id, first.id)
    await refused(UnsupportedOperationError, script_editing.disable(*named))
    await script_editing.edit_draft(*named, VersionChange(b"echo 2", "1.1", "better"))
    await script_editing.publish(*named)
    await refused(UnsupportedOperationError, script_editing.publish(*named))
    await refused(UnsupportedOperationError, script_editing.edit_draft(*named, VersionChange(b"x")))
    await script_editing.disable(*named)
    await refused(UnsupportedOperationError, script_editing.disable(*named))
    await refused(UnsupportedOperationError, script_editing.publish(*named))
    _, version = await scripts.get_version(platform, VERA, DEMO, first.id)
    assert (version.version, version.content, version.description) == ("1.1", b"echo 2", "better")
    assert version.state is DISABLED


async def test_of_versions_published_at_once_one_is_online(platform: Platform) -> None:
    script, first = await kept(platform)
    versions = [first, *[await add(platform, script, f"{number}.0") for number in range(2, 7)]]
    await asyncio.gather(*(publish(platform, script, version) for version in versions))
    assert sorted(await states(platform, script)) == [ONLINE, *[OFFLINE] * 5]


async def test_names_are_unique_in_a_scope_and_versions_in_a_script(platform: Platform) -> None:
    script, first = await kept(platform)
    other, _ = await kept(platform, "other")
    await kept(platform, scope=None)
    await refused(ScriptNameTakenError, kept(platform))
    await refused(ScriptNameTakenError, kept(platform, scope=None))
    await refused(IllegalScriptNameError, kept(platform, "a/b"))
    rename = script_editing.rename_script
    await refused(ScriptNameTakenError, rename(platform, EDDA, DEMO, other.id, name="deploy", description=""))
    await rename(platform, EDDA, DEMO, other.id, name="other", description="the same name")
    await refused(VersionNameTakenError, add(platform, script, "1.0"))
    second = await add(platform, script, "2.0")
    edit = script_editing.edit_draft(platform, EDDA, DEMO, script.id, second.id, VersionChange(b"x", "1.0"))
    await refused(VersionNameTakenError, edit)
    made = await asyncio.gather(*(kept(platform, "race") for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(result, ScriptNameTakenError) for result in made) == 4
    assert first.id != second.id


def running(version: ScriptVersion) -> NewTemplate:
    action = ScriptAction(target=TargetSpec((1,)), account_alias="root", script_version_id=version.id)
    return NewTemplate(DEMO, "t", (TemplateStep("one", action),))


async def test_what_a_template_or_plan_uses_is_not_deleted(platform: Platform) -> None:
    script, first = await kept(platform)
    await publish(platform, script, first)
    template = await templates.create_template(platform, ADMIN, running(first))
    await plans.create_plan(platform, ADMIN, DEMO, template.id, NewPlan("p", None))
    second = await add(platform, script, "2.0")
    await publish(platform, script, second)
    await templates.update_template(platform, ADMIN, template.id, running(second))
    for version in (first, second):
        await refused(ScriptInUseError, script_editing.delete_version(platform, EDDA, DEMO, script.id, version.id))
    await refused(ScriptInUseError, script_editing.delete_script(platform, EDDA, DEMO, script.id))
    third = await add(platform, script, "3.0")
    await script_editing.delete_version(platform, EDDA, DEMO, script.id, third.id)
    await templates.delete_template(platform, ADMIN, DEMO, template.id)
    await script_editing.delete_version(platform, EDDA, DEMO, script.id, second.id)
    await script_editing.delete_version(platform, EDDA, DEMO, script.id, first.id)
    await refused(ScriptNotFoundError, scripts.get_script(platform, VERA, DEMO, script.id))


async def test_a_script_goes_with_all_its_versions(platform: Platform) -> None:
    script, first = await kept(platform)
    await add(platform, script, "2.0")
    await script_editing.delete_script(platform, EDDA, DEMO, script.id)
    await refused(VersionNotFoundError, scripts.get_version(platform, VERA, DEMO, first.id))


async def test_by_version_runs_what_is_online_or_offline_and_by_script_what_is_online(platform: Platform) -> None:
    script, first = await kept(platform)
    await refused(ScriptNotExecutableError, load(platform, first.id))
    await refused(ScriptNotFoundError, load(platform, None, script.id))
    await publish(platform, script, first)
    second = await add(platform, script, "2.0")
    await publish(platform, script, second)
    assert (await load(platform, first.id)).content == b"echo 1"
    loaded = await load(platform, None, script.id)
    assert (loaded.content, loaded.version_id, loaded.language, loaded.public) == (b"2.0", second.id, 1, False)
    await script_editing.disable(platform, EDDA, DEMO, script.id, second.id)
    await refused(ScriptNotExecutableError, load(platform, second.id))
    await refused(ScriptNotFoundError, load(platform, None, script.id))
    async with platform.engine.db.begin() as tx:
        assert (await load_version(tx, platform, DEMO, second.id)).state is DISABLED
    for unknown in ("", "0" * 32, "\x00", "%"):
        await refused(ScriptNotFoundError, load(platform, None, unknown))


async def test_a_kept_script_in_sql_does_not_run_as_a_script_on_hosts(platform: Platform) -> None:
    new = NewScript(DEMO, "query", 6, NewVersion("1", b"select 1"))
    script, version = await script_editing.create_script(platform, EDDA, new)
    await publish(platform, script, version)
    wanted = NewScriptJob(
        scope=DEMO,
        name="job",
        language=1,
        content=None,
        params="",
        sensitive=False,
        account_id=None,
        account_alias="root",
        timeout_s=None,
        target=TargetSpec((1,)),
        script_id=script.id,
    )
    await refused(IllegalParameterError, start_script(platform, OLEG, wanted))


async def test_a_scope_sees_its_own_scripts_and_public_ones_only(platform: Platform) -> None:
    script, first = await kept(platform)
    await publish(platform, script, first)
    public, version = await kept(platform, scope=None)
    await script_editing.publish(platform, ADMIN, None, public.id, version.id)
    await refused(ScriptNotFoundError, load(platform, first.id, scope=OTHER))
    await refused(ScriptNotFoundError, load(platform, None, script.id, scope=OTHER))
    assert (await load(platform, None, public.id, scope=OTHER)).public
    olga = person(Role.OPERATOR, OTHER)
    await refused(ForeignScriptError, scripts.get_script(platform, olga, OTHER, script.id))
    await refused(ForeignScriptError, scripts.get_script(platform, olga, OTHER, public.id))
    await refused(ScriptNotFoundError, scripts.find_scope(platform, olga, script.id))
    assert await scripts.find_scope(platform, VERA, script.id) == DEMO
    assert (await scripts.get_script(platform, olga, None, public.id)).scope is None


async def test_only_who_may_keeps_scripts(platform: Platform) -> None:
    script, first = await kept(platform)
    named = (DEMO, script.id, first.id)
    new = NewScript(DEMO, "n", 1, NewVersion("1", b"x"))
    for caller in (VERA, OLEG):
        await refused(ForbiddenError, script_editing.create_script(platform, caller, new))
        await refused(ForbiddenError, script_editing.publish(platform, caller, *named))
        await refused(ForbiddenError, script_editing.delete_script(platform, caller, DEMO, script.id))
    public = NewScript(None, "n", 1, NewVersion("1", b"x"))
    await refused(ForbiddenError, script_editing.create_script(platform, person(Role.ADMIN), public))
    stranger = person(Role.ADMIN, OTHER)
    await refused(ForbiddenError, scripts.list_versions(platform, stranger, DEMO, script.id))


async def test_lists_are_filtered_paged_and_newest_first(platform: Platform) -> None:
    made = [await kept(platform, f"script_{number}") for number in range(5)]
    await publish(platform, *made[2])

    async def names(wanted: ScriptFilter, start: int = 0, length: int = 20) -> tuple[int, list[str]]:
        total, found = await scripts.list_scripts(platform, VERA, DEMO, wanted, start=start, length=length)
        return total, [script.name for script in found]

    everything = await names(ScriptFilter())
    assert (everything[0], set(everything[1])) == (5, {f"script_{number}" for number in range(5)})
    assert await names(ScriptFilter(), 1, 2) == (5, everything[1][1:3])
    assert await names(ScriptFilter(online_only=True)) == (1, ["script_2"])
    assert await names(ScriptFilter(name="PT_3")) == (1, ["script_3"])
    assert await names(ScriptFilter(name="script%3")) == (0, [])
    assert await names(ScriptFilter(name="script", exact=True)) == (0, [])
    assert await names(ScriptFilter(language=2)) == (0, [])


async def test_a_content_that_was_exchanged_in_the_database_does_not_run(platform: Platform) -> None:
    script, first = await kept(platform)
    other, second = await kept(platform, "other", content=b"rm -rf /")
    await publish(platform, script, first)
    async with platform.engine.db.begin() as tx:
        stolen = sa.select(t.script_versions.c.content).where(t.script_versions.c.id == second.id).scalar_subquery()
        await tx.execute(sa.update(t.script_versions).where(t.script_versions.c.id == first.id).values(content=stolen))
    await refused(InternalError, load(platform, first.id))
    assert other.id != script.id


async def test_every_change_of_a_script_is_in_the_audit_and_no_content_is(platform: Platform) -> None:
    script, first = await kept(platform, content=b"canary")
    await publish(platform, script, first)
    await script_editing.delete_script(platform, EDDA, DEMO, script.id)
    async with platform.engine.db.begin() as tx:
        rows = (await tx.execute(sa.select(t.audit).order_by(t.audit.c.id))).all()
        stored = (await tx.execute(sa.text("SELECT string_agg(v::text, ' ') FROM script_version v"))).scalar_one()
    told = [(row.action, row.subject.split()[0], row.username) for row in rows]
    assert told == [(a, s, "editor") for a, s in (("create_script", "create"), ("manage_script", "publish"))] + [
        ("manage_script", "delete", "editor")
    ]
    assert stored is None
    assert not any("canary" in str(row) for row in rows)
