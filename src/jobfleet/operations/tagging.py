"""Put tags on scripts and templates."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from jobfleet.model.caller import Action, Caller
from jobfleet.model.errors import IllegalParameterError
from jobfleet.model.permission import Resource, ResourceKind
from jobfleet.model.resource_errors import ForeignTagError, TemplateNotFoundError
from jobfleet.model.scope import Scope
from jobfleet.model.tagging import MAX_TAGS, Tag, Tagged
from jobfleet.operations.access import demand, demand_on, enter_scope
from jobfleet.operations.kept_trail import script_resource
from jobfleet.operations.platform import Platform
from jobfleet.operations.scripts import demand_script_action, script_in
from jobfleet.operations.tags import set_tags, tags_of
from jobfleet.store import audit, tags, templates
from jobfleet.store.database import Transaction


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
        named, now = script_resource(scope, script_id, script.name), platform.engine.clock()
        what = f"tag script {script_id} ({script.name})"
        await audit.insert(tx, caller, Action.MANAGE_SCRIPT, what, now, scope, resource=named)


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
        named = Resource(ResourceKind.TEMPLATE, str(template_id), found.name)
        what, now = f"tag template {found.name}", platform.engine.clock()
        await audit.insert(tx, caller, Action.EDIT_JOB_TEMPLATE, what, now, scope, resource=named)


class TagChange(msgspec.Struct, frozen=True):
    """Say which tags many scripts and templates get, and which they lose."""

    scripts: tuple[str, ...] = ()
    templates: tuple[int, ...] = ()
    add: tuple[int, ...] = ()
    remove: tuple[int, ...] = ()


async def change_tags(platform: Platform, caller: Caller, scope: Scope | None, change: TagChange) -> None:
    """Put tags on many scripts and templates of a scope (None: public scripts) and take others off, all or none.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot manage the scripts, or not edit the templates.
        ScriptNotFoundError, ForeignScriptError, TemplateNotFoundError: One of them is none of the scope's.
        IllegalParameterError: Something would have more than MAX_TAGS.
        ForeignTagError: The scope does not have one of the tags.

    Source: docs/reference/tags.md.
    """
    async with platform.engine.db.begin() as tx:
        await _check_scripts(tx, platform, caller, scope, change)
        await _check_templates(tx, platform, caller, scope, change)
        wanted = {*change.add, *change.remove}
        missing = wanted - (await tags.known_ids(tx, scope, wanted) if wanted else set())
        if missing:
            raise ForeignTagError(min(missing))
        for kind, ids in ((Tagged.SCRIPT, change.scripts), (Tagged.TEMPLATE, [str(one) for one in change.templates])):
            await tags.change_links(tx, kind, sorted(set(ids)), add=change.add, remove=change.remove)
            if await tags.most_tags(tx, kind, ids) > MAX_TAGS:
                raise IllegalParameterError("add", f"gives something more than {MAX_TAGS} tags")
        await _note_change(tx, platform, caller, scope, change)


async def _check_scripts(
    tx: Transaction, platform: Platform, caller: Caller, scope: Scope | None, change: TagChange
) -> None:
    if change.scripts or not change.templates:
        await demand_script_action(tx, platform, caller, scope, Action.MANAGE_SCRIPT)
    for script_id in sorted(set(change.scripts)):
        await script_in(tx, scope, script_id, lock=True)


async def _check_templates(
    tx: Transaction, platform: Platform, caller: Caller, scope: Scope | None, change: TagChange
) -> None:
    if not change.templates:
        return
    if scope is None:
        raise TemplateNotFoundError
    demand(caller, Action.EDIT_JOB_TEMPLATE, await enter_scope(tx, platform, caller, scope))
    for template_id in sorted(set(change.templates)):
        if await templates.find(tx, scope, template_id, keep=True) is None:
            raise TemplateNotFoundError


async def _note_change(
    tx: Transaction, platform: Platform, caller: Caller, scope: Scope | None, change: TagChange
) -> None:
    action = Action.MANAGE_SCRIPT if change.scripts else Action.EDIT_JOB_TEMPLATE
    what = f"tag {len(change.scripts)} scripts and {len(change.templates)} templates: add {list(change.add)}"
    told = f"{what}, remove {list(change.remove)}"
    await audit.insert(tx, caller, action, told, platform.engine.clock(), scope)
