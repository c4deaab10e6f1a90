"""Put tags on scripts and templates."""

from collections.abc import Collection, Mapping, Sequence

from jobfleet.model.caller import Action, Caller
from jobfleet.model.permission import ResourceKind
from jobfleet.model.resource_errors import TemplateNotFoundError
from jobfleet.model.scope import Scope
from jobfleet.model.tagging import Tag, Tagged
from jobfleet.operations.access import demand_on, enter_scope
from jobfleet.operations.platform import Platform
from jobfleet.operations.scripts import demand_script_action, script_in
from jobfleet.operations.tags import set_tags, tags_of
from jobfleet.store import audit, templates


async def script_tags(platform: Platform, script_ids: Collection[str]) -> Mapping[str, Sequence[Tag]]:
    """Return the tags of scripts that the caller has been shown, by their ids."""
    async with platform.engine.db.begin() as tx:
        return await tags_of(tx, Tagged.SCRIPT, script_ids)


async def tag_script(
    platform: Platform, caller: Caller, scope: Scope | None, script_id: str, tag_ids: Collection[int]
) -> None:
    """Give a script of a scope (None: a public one) these tags in place of those that it has.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot manage the script.
        ScriptNotFoundError, ForeignScriptError: There is no such script, or it is not the scope's.
        IllegalParameterError, ForeignTagError: See `set_tags`.

    Source: docs/reference/tags.md.
    """
    async with platform.engine.db.begin() as tx:
        await demand_script_action(tx, platform, caller, scope, Action.MANAGE_SCRIPT, script_id)
        script = await script_in(tx, scope, script_id, lock=True)
        await set_tags(tx, scope, Tagged.SCRIPT, script_id, tag_ids)
        what = f"tag script {script_id} ({script.name})"
        await audit.insert(tx, caller, Action.MANAGE_SCRIPT, what, platform.engine.clock(), scope)


async def tag_template(
    platform: Platform, caller: Caller, scope: Scope, template_id: int, tag_ids: Collection[int]
) -> None:
    """Give a template these tags in place of those that it has.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot edit the template.
        TemplateNotFoundError: The scope has no such template.
        IllegalParameterError, ForeignTagError: See `set_tags`.

    Source: docs/reference/tags.md.
    """
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        await demand_on(tx, caller, Action.EDIT_JOB_TEMPLATE, info, ResourceKind.TEMPLATE, template_id)
        found = await templates.find(tx, scope, template_id, keep=True)
        if found is None:
            raise TemplateNotFoundError
        await set_tags(tx, scope, Tagged.TEMPLATE, template_id, tag_ids)
        what = f"tag template {found.name}"
        await audit.insert(tx, caller, Action.EDIT_JOB_TEMPLATE, what, platform.engine.clock(), scope)
