"""Keep templates: what plans are made from."""

from collections.abc import Sequence
from typing import Any, TypeVar, cast

import msgspec

from jobfleet.model.caller import Action, Caller
from jobfleet.model.declared import refuse
from jobfleet.model.difference import MASK
from jobfleet.model.errors import IllegalParameterError
from jobfleet.model.job_errors import AccountNotFoundError
from jobfleet.model.permission import ResourceKind
from jobfleet.model.platform_settings import max_timeout_s
from jobfleet.model.resource_errors import (
    ChangedMeanwhileError,
    ScriptNotOnlineError,
    TemplateBusyError,
    TemplateNameTakenError,
    TemplateNotFoundError,
)
from jobfleet.model.schedule import Schedule
from jobfleet.model.scope import Scope
from jobfleet.model.script import Language
from jobfleet.model.script_version import VersionState
from jobfleet.model.step_uses import accounts_of
from jobfleet.model.tagging import Tagged
from jobfleet.model.template import (
    NewTemplate,
    Plan,
    ScriptAction,
    SqlAction,
    Template,
    TemplateStep,
    Variable,
    changed_at,
    fresh_version,
)
from jobfleet.model.template_checks import check_template, long_steps
from jobfleet.model.variable import VariableType
from jobfleet.operations.access import demand, demand_on, enter_scope
from jobfleet.operations.kept_trail import note
from jobfleet.operations.plan_secrets import mask_template, open_template, seal_template
from jobfleet.operations.plan_use import demand_unused_template
from jobfleet.operations.platform import Platform
from jobfleet.operations.script_content import load_version
from jobfleet.operations.tags import set_tags, tags_of
from jobfleet.store import bookmarks, inventory, platform_settings, templates
from jobfleet.store.database import Transaction
from jobfleet.store.kept_filter import KeptFilter
from jobfleet.store.templates import TemplateRow

Part = TypeVar("Part", TemplateStep, Variable)


async def create_template(platform: Platform, caller: Caller, new: NewTemplate) -> Template:
    """Store a new template and return it, its secrets hidden.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not make templates there.
        DeclarationError: Mistakes in it, all of them named.
        AccountNotFoundError: An account does not exist in the scope.
        ScriptNotFoundError, ScriptNotOnlineError: A script version does not exist, or is not online.
        TemplateNameTakenError: The scope has a template of this name.

    Source: docs/reference/plans.md, «Templates».
    """
    async with platform.engine.db.begin() as tx:
        return mask_template(await insert_template(tx, platform, caller, new))


async def update_template(platform: Platform, caller: Caller, template_id: int, new: NewTemplate) -> Template:
    """Replace a template by what is given and return it, its secrets hidden; plans stay as they are.

    Its version changes when a step or a variable does.

    Raises:
        TemplateNotFoundError: There is no such template in the scope.
        TemplateBusyError: Another request saves it right now.
        ChangedMeanwhileError: Somebody has changed it since `seen_at`.
        IllegalParameterError: An id of a step or variable is none of the template's.
        ScopeNotFoundError, ForbiddenError, DeclarationError, AccountNotFoundError, TemplateNameTakenError: See
            `create_template`.
    """
    async with platform.engine.db.begin() as tx:
        return mask_template(await save_template(tx, platform, caller, template_id, new))


async def delete_template(platform: Platform, caller: Caller, scope: Scope, template_id: int) -> None:
    """Remove a template with all its plans.

    Raises:
        TemplateNotFoundError: There is no such template in the scope.
        TemplateInUseError: A schedule starts one of its plans.
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not delete templates there.
    """
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        await demand_on(tx, caller, Action.DELETE_JOB_TEMPLATE, info, ResourceKind.TEMPLATE, template_id)
        template = await held(tx, scope, template_id)
        await templates.hold(tx, template_id)
        await demand_unused_template(tx, template_id)
        await templates.delete(tx, template_id)
        await note(tx, platform, caller, Action.DELETE_JOB_TEMPLATE, template, "delete")


async def get_template(platform: Platform, caller: Caller, scope: Scope, template_id: int) -> Template:
    """Return a template, its secrets hidden.

    Raises:
        TemplateNotFoundError: There is no such template in the scope.
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not see templates there.
    """
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        await demand_on(tx, caller, Action.VIEW_JOB_TEMPLATE, info, ResourceKind.TEMPLATE, template_id)
        found = await templates.find(tx, scope, template_id)
    if found is None:
        raise TemplateNotFoundError
    return mask_template(open_template(platform.engine.sealer, found))


async def list_templates(
    platform: Platform,
    caller: Caller,
    scope: Scope,
    wanted: KeptFilter,
    *,
    start: int = 0,
    length: int = 20,
    favourites_first: bool = False,
) -> tuple[int, list[TemplateRow]]:
    """Return how many templates are wanted, and a page of them, last changed first.

    Args:
        favourites_first: The caller's favourites come before all others.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not see templates there.
    """
    async with platform.engine.db.begin() as tx:
        demand(caller, Action.VIEW_JOB_TEMPLATE, await enter_scope(tx, platform, caller, scope))
        kept = await bookmarks.list_favourites(tx, caller.username, scope) if favourites_first else []
        first = [one.thing for one in kept if one.kind == "template"]
        return await templates.list_of_scope(tx, scope, wanted, start=start, length=length, first=first)


async def insert_template(
    tx: Transaction, platform: Platform, caller: Caller, new: NewTemplate, template_id: int | None = None
) -> Template:
    """Do what `create_template` does, within a transaction; the template returned is in clear.

    Args:
        template_id: One that is free; None for a fresh one.
    """
    demand(caller, Action.CREATE_JOB_TEMPLATE, await enter_scope(tx, platform, caller, new.scope))
    await _check(tx, platform, new)
    if template_id is None:
        [template_id] = await templates.fresh_ids(tx, "template", 1)
    now, nothing = platform.engine.clock(), _Known((), ())
    template = Template(
        id=template_id,
        scope=new.scope,
        name=new.name,
        description=new.description,
        version=fresh_version(),
        steps=await _with_ids(tx, "template_step", "steps", nothing.steps, new.steps),
        variables=await _with_ids(tx, "template_variable", "variables", nothing.variables, new.variables),
        creator=caller.username,
        created_at=now,
        modifier=caller.username,
        modified_at=now,
    )
    if not await templates.insert(tx, seal_template(platform.engine.sealer, template)):
        raise TemplateNameTakenError(new.name)
    await set_tags(tx, new.scope, Tagged.TEMPLATE, template_id, new.tags or ())
    await note(tx, platform, caller, Action.CREATE_JOB_TEMPLATE, template, "create")
    return template


async def save_template(
    tx: Transaction, platform: Platform, caller: Caller, template_id: int, new: NewTemplate
) -> Template:
    """Do what `update_template` does, within a transaction; the template returned is in clear."""
    info = await enter_scope(tx, platform, caller, new.scope)
    await demand_on(tx, caller, Action.EDIT_JOB_TEMPLATE, info, ResourceKind.TEMPLATE, template_id)
    await _check(tx, platform, new)
    old = open_template(platform.engine.sealer, await held(tx, new.scope, template_id))
    demand_unchanged(new.seen_at, old)
    steps = await _with_ids(tx, "template_step", "steps", old.steps, new.steps)
    variables = await _with_ids(tx, "template_variable", "variables", old.variables, new.variables)
    is_same = (steps, variables) == (old.steps, old.variables)
    template = msgspec.structs.replace(
        old,
        name=new.name,
        description=new.description,
        version=old.version if is_same else fresh_version(),
        steps=steps,
        variables=variables,
    )
    tagged = new.tags is not None and await _tag(tx, new, template_id)
    return await store_changed(tx, platform, caller, old, template, always=tagged)


async def store_changed(
    tx: Transaction, platform: Platform, caller: Caller, old: Template, template: Template, *, always: bool = False
) -> Template:
    """Store a template that is held where it differs from `old`, or `always`, and return it; all are in clear."""
    if template == old and not always:
        return old
    changed = msgspec.structs.replace(
        template,
        revision=old.revision + (template.version != old.version),
        modifier=caller.username,
        modified_at=changed_at(platform.engine.clock(), old.modified_at),
    )
    if not await templates.update(tx, seal_template(platform.engine.sealer, changed)):
        raise TemplateNameTakenError(changed.name)
    await note(tx, platform, caller, Action.EDIT_JOB_TEMPLATE, changed, "edit", old=old)
    return changed


def demand_unchanged(seen_at: int | None, kept: Template | Plan | Schedule) -> None:
    """Do nothing when something is still what somebody has seen, or has not said when they looked.

    Raises:
        ChangedMeanwhileError: It was changed since.
    """
    if seen_at is not None and seen_at != kept.modified_at:
        raise ChangedMeanwhileError(kept.modifier)


async def _tag(tx: Transaction, new: NewTemplate, template_id: int) -> bool:
    """Give a template its tags; tell whether they are others than before."""
    wanted = set(new.tags or ())
    before = {tag.id for tag in (await tags_of(tx, Tagged.TEMPLATE, [template_id])).get(str(template_id), ())}
    await set_tags(tx, new.scope, Tagged.TEMPLATE, template_id, wanted)
    return wanted != before


async def held(tx: Transaction, scope: Scope, template_id: int) -> Template:
    """Return a template as the record keeps it, held for saving until the transaction ends.

    Raises:
        TemplateNotFoundError: There is no such template in the scope.
        TemplateBusyError: Another request saves it right now.
    """
    if not await templates.lock(tx, template_id):
        raise TemplateBusyError
    found = await templates.find(tx, scope, template_id)
    if found is None:
        raise TemplateNotFoundError
    return found


async def _check(tx: Transaction, platform: Platform, new: NewTemplate) -> None:
    settings = await platform_settings.load(tx)
    refuse([*check_template(new), *long_steps(new, max_timeout_s(settings, new.scope))])
    for step in new.steps:
        await _check_accounts(tx, new.scope, step)
        await _check_script(tx, platform, new.scope, step)


async def _check_accounts(tx: Transaction, scope: Scope, step: TemplateStep) -> None:
    for category, account_id, alias in accounts_of(step.action):
        if await inventory.find_account(tx, scope, category, account_id, alias) is None:
            raise AccountNotFoundError(account_id or alias)


async def _check_script(tx: Transaction, platform: Platform, scope: Scope, step: TemplateStep) -> None:
    if not isinstance(step.action, ScriptAction | SqlAction) or step.action.script_version_id is None:
        return
    loaded = await load_version(tx, platform, scope, step.action.script_version_id)
    if loaded.state is not VersionState.ONLINE:
        raise ScriptNotOnlineError(loaded.version_id)
    if (loaded.language == Language.SQL) is not isinstance(step.action, SqlAction):
        raise IllegalParameterError("script_version", "is SQL for a script step, or no SQL for an SQL step")


class _Known(msgspec.Struct, frozen=True):
    """Hold what a template had."""

    steps: tuple[TemplateStep, ...]
    variables: tuple[Variable, ...]


async def _with_ids(
    tx: Transaction, kind: templates.Sequence, field: str, old: Sequence[Part], new: Sequence[Part]
) -> tuple[Part, ...]:
    """Return parts of a template with ids; secrets that are to stay are filled in."""
    known = {one.id: one for one in old}
    given = [one.id for one in new if one.id]
    if len(set(given)) < len(given) or not set(given) <= known.keys():
        raise IllegalParameterError(f"{field}.id", "is none of the template's, or there twice")
    fresh = await templates.fresh_ids(tx, kind, len(new) - len(given))
    return tuple(
        _kept_secrets(known[one.id], one) if one.id else msgspec.structs.replace(one, id=next(fresh)) for one in new
    )


def _kept_secrets(old: Part, new: Part) -> Part:
    kept: Any = new
    if isinstance(new, Variable) and isinstance(old, Variable):
        kept = _kept_password(old, new)
    elif isinstance(new, TemplateStep) and isinstance(old, TemplateStep):
        kept = _kept_params(old, new)
    return cast("Part", kept)


def _kept_password(old: Variable, new: Variable) -> Variable:
    is_kept = new.type is old.type is VariableType.PASSWORD and new.value == MASK
    return msgspec.structs.replace(new, value=old.value) if is_kept else new


def _kept_params(old: TemplateStep, new: TemplateStep) -> TemplateStep:
    before, action = old.action, new.action
    if not (isinstance(action, ScriptAction) and isinstance(before, ScriptAction)):
        return new
    if not (before.sensitive and action.sensitive and action.params == MASK):
        return new
    return msgspec.structs.replace(new, action=msgspec.structs.replace(action, params=before.params))
