"""Give steps of templates another version of the kept script that they run."""

from collections.abc import Sequence

import msgspec

from jobfleet.model.caller import Action, Caller
from jobfleet.model.errors import JobfleetError
from jobfleet.model.permission import ResourceKind
from jobfleet.model.resource_errors import ForeignScriptError, ScriptNotOnlineError, ScriptSyncError
from jobfleet.model.scope import Scope
from jobfleet.model.script_version import VersionState
from jobfleet.model.step_uses import script_version_of
from jobfleet.model.template import ScriptAction, SqlAction, Template, TemplateStep, fresh_version
from jobfleet.operations.access import demand, demand_on, enter_scope
from jobfleet.operations.plan_secrets import open_template
from jobfleet.operations.platform import Platform
from jobfleet.operations.script_content import load_version
from jobfleet.operations.templates import held, store_changed
from jobfleet.store import script_versions, scripts, templates
from jobfleet.store.database import Transaction


class ChosenStep(msgspec.Struct, frozen=True):
    """Name a step of a template."""

    template_id: int
    step_id: int


class SyncedStep(msgspec.Struct, frozen=True):
    """Say what became of a step: it runs the version now, or why it does not."""

    step: ChosenStep
    refusal: JobfleetError | None = None


class ScriptStep(msgspec.Struct, frozen=True):
    """Describe a step that runs a version of a kept script."""

    template_id: int
    template_name: str
    step_id: int
    step_name: str
    version_id: int
    version: str
    state: VersionState


async def list_script_steps(platform: Platform, caller: Caller, scope: Scope, script_id: str) -> list[ScriptStep]:
    """Return the steps of a scope's templates that run a version of a script.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not see templates there.
        ForeignScriptError: The scope has no such script, and no public one is it either.
    """
    async with platform.engine.db.begin() as tx:
        demand(caller, Action.VIEW_JOB_TEMPLATE, await enter_scope(tx, platform, caller, scope))
        script = await scripts.find(tx, script_id)
        if script is None or script.scope not in {None, scope}:
            raise ForeignScriptError(script_id)
        versions = {one.id: (one.version, one.state) for one in await script_versions.list_of_script(tx, script_id)}
        ids = await script_versions.list_users(tx, "template", versions)
        found = [await templates.find(tx, scope, template_id) for template_id in ids]
    return [
        ScriptStep(template.id, template.name, step.id, step.name, version_id, *versions[version_id])
        for template in found
        if template is not None
        for step in template.steps
        if (version_id := script_version_of(step)) in versions and version_id is not None
    ]


async def sync_script(
    platform: Platform, caller: Caller, scope: Scope, version_id: int, chosen: Sequence[ChosenStep]
) -> list[SyncedStep]:
    """Have steps run a version of the script that they run now; say of each what became of it.

    Each template is changed by itself: what is refused for one leaves the others alone.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not edit templates there.
        ScriptNotFoundError, ScriptNotOnlineError: There is no such version for the scope, or it is not online.

    Source: docs/reference/plans.md, «Newer scripts».
    """
    async with platform.engine.db.begin() as tx:
        demand(caller, Action.EDIT_JOB_TEMPLATE, await enter_scope(tx, platform, caller, scope))
        loaded = await load_version(tx, platform, scope, version_id)
        if loaded.state is not VersionState.ONLINE:
            raise ScriptNotOnlineError(version_id)
        siblings = {one.id for one in await script_versions.list_of_script(tx, loaded.script_id)}
    refusals: dict[ChosenStep, JobfleetError] = {}
    for template_id in sorted({one.template_id for one in chosen}):
        steps = [one for one in chosen if one.template_id == template_id]
        refusals |= await _sync_template(platform, caller, scope, steps, (version_id, siblings))
    return [SyncedStep(one, refusals.get(one)) for one in chosen]


async def _sync_template(
    platform: Platform, caller: Caller, scope: Scope, chosen: Sequence[ChosenStep], version: tuple[int, set[int]]
) -> dict[ChosenStep, JobfleetError]:
    """Change one template; return the steps that could not be changed, with the reasons."""
    try:
        async with platform.engine.db.begin() as tx:
            unknown = await _change(tx, platform, caller, scope, chosen, version)
    except JobfleetError as error:
        return dict.fromkeys(chosen, error)
    return {one: ScriptSyncError(one.step_id) for one in chosen if one.step_id in unknown}


async def _change(
    tx: Transaction,
    platform: Platform,
    caller: Caller,
    scope: Scope,
    chosen: Sequence[ChosenStep],
    version: tuple[int, set[int]],
) -> set[int]:
    """Change steps of one template; return the ids of those that do not run the script."""
    template_id, (version_id, siblings) = chosen[0].template_id, version
    step_ids = {one.step_id for one in chosen}
    info = await enter_scope(tx, platform, caller, scope)
    await demand_on(tx, caller, Action.EDIT_JOB_TEMPLATE, info, ResourceKind.TEMPLATE, template_id)
    old = open_template(platform.engine.sealer, await held(tx, scope, template_id))
    fit = {step.id for step in old.steps if step.id in step_ids and script_version_of(step) in siblings}
    steps = tuple(_with_version(step, version_id) if step.id in fit else step for step in old.steps)
    await store_changed(tx, platform, caller, old, _changed(old, steps))
    return step_ids - fit


def _changed(old: Template, steps: tuple[TemplateStep, ...]) -> Template:
    if steps == old.steps:
        return old
    return msgspec.structs.replace(old, steps=steps, version=fresh_version())


def _with_version(step: TemplateStep, version_id: int) -> TemplateStep:
    if not isinstance(step.action, ScriptAction | SqlAction):
        return step
    return msgspec.structs.replace(step, action=msgspec.structs.replace(step.action, script_version_id=version_id))
