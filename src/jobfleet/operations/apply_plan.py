"""Make a template and a plan what one file declares, created or changed by name."""

import asyncio
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import msgspec

from jobfleet.model.account import AccountType
from jobfleet.model.caller import Action, Caller
from jobfleet.model.declared import refuse
from jobfleet.model.declared_plan import Declaration, LocalFiles, parse_declaration
from jobfleet.model.definition import FileKind
from jobfleet.model.difference import Change, Effect, compare
from jobfleet.model.plan_reader import Reader
from jobfleet.model.scope import Scope
from jobfleet.model.template import FileAction, GivenValue, NewPlan, NewTemplate, Plan, Template, TemplateStep, Variable
from jobfleet.model.template_checks import check_template
from jobfleet.model.variable import VariableType
from jobfleet.operations.access import demand, enter_scope
from jobfleet.operations.plan_secrets import open_plan, open_template
from jobfleet.operations.plans import insert_plan, save_plan, synchronised
from jobfleet.operations.platform import Platform
from jobfleet.operations.templates import held, insert_template, save_template
from jobfleet.store import accounts, plans, templates
from jobfleet.store import files as stored_files
from jobfleet.store.database import Transaction


class AppliedPlan(msgspec.Struct, frozen=True):
    """Name what was made or changed, and say how it differs; after a dry run the ids may be none's."""

    template_id: int
    plan_id: int
    changes: list[Change]


async def apply_plan(
    platform: Platform, caller: Caller, scope: Scope, text: str, files: LocalFiles, *, dry_run: bool
) -> AppliedPlan:
    """Make a template and a plan of a scope what a TOML text declares.

    Doing it again changes nothing. Other plans of the template stay as they are. Values that the declaration gives
    become those of template and plan.

    Args:
        dry_run: Do everything, then undo it: the difference is exact, and nothing has changed.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not edit there.
        DeclarationError: Mistakes in the text, each with its place; nothing was changed.
        AccountNotFoundError: An account does not exist in the scope.
        TemplateBusyError: Another request saves the template right now.

    Source: docs/reference/plans.md, «A plan as a file».
    """
    async with platform.engine.db.begin() as tx:
        demand(caller, Action.EDIT_JOB_PLAN, await enter_scope(tx, platform, caller, scope))
    declared = await asyncio.to_thread(parse_declaration, text)  # a large one takes seconds
    async with platform.engine.db.begin() as tx:
        demand(caller, Action.EDIT_JOB_PLAN, await enter_scope(tx, platform, caller, scope))
        applied = await _apply(tx, platform, caller, scope, declared, files)
        if dry_run:
            await tx.rollback()
    return applied


async def _apply(
    tx: Transaction, platform: Platform, caller: Caller, scope: Scope, declared: Declaration, files: LocalFiles
) -> AppliedPlan:
    old = await _known_template(tx, platform, scope, declared.template.name)
    reader = Reader(
        await _with_known_uploads(tx, files, old), await accounts.find_default(tx, scope, AccountType.LINUX)
    )
    wanted = _read(reader, scope, declared, old)
    if old is None:
        template = await insert_template(tx, platform, caller, wanted)
    else:
        template = await save_template(tx, platform, caller, old.id, wanted)
    before, plan = await _plan(tx, platform, caller, declared, template)
    changes = [*_template_changes(old, template), _plan_change(before, plan)]
    return AppliedPlan(template.id, plan.id, changes)


def _read(reader: Reader, scope: Scope, declared: Declaration, old: Template | None) -> NewTemplate:
    wanted = reader.template(scope, declared, old)
    refuse(reader.mistakes or list(check_template(wanted)))
    return wanted


async def _known_template(tx: Transaction, platform: Platform, scope: Scope, name: str) -> Template | None:
    template_id = await templates.find_id(tx, scope, name)
    if template_id is None:
        return None
    return open_template(platform.engine.sealer, await held(tx, scope, template_id))


async def _with_known_uploads(tx: Transaction, given: LocalFiles, old: Template | None) -> LocalFiles:
    """Return the files with the paths that the template has, where what was uploaded now is the same."""
    if old is None or not given.uploads:
        return given
    known = {path for step in old.steps for path in _uploaded(step)}
    found = await stored_files.find_uploads(tx, old.scope, known | set(given.uploads.values()))
    by_content = {(PurePosixPath(path).name, found[path].content_hash): path for path in known if path in found}
    uploads = {
        name: by_content.get((PurePosixPath(path).name, found[path].content_hash), path) if path in found else path
        for name, path in given.uploads.items()
    }
    return msgspec.structs.replace(given, uploads=uploads)


def _uploaded(step: TemplateStep) -> Iterator[str]:
    if isinstance(step.action, FileAction):
        for source in step.action.sources:
            yield from source.paths if source.kind == FileKind.UPLOAD else ()


async def _plan(
    tx: Transaction, platform: Platform, caller: Caller, declared: Declaration, template: Template
) -> tuple[Plan | None, Plan]:
    """Return the plan as it was and as it is now."""
    name = declared.plan.name or template.name
    enabled = frozenset(step.id for step, one in zip(template.steps, declared.steps, strict=True) if one.enabled)
    plan_id = await plans.find_id(tx, template.id, name)
    found = None if plan_id is None else await plans.find(tx, template.scope, plan_id, lock=True)
    if found is None:
        new = NewPlan(name, enabled)
        return None, await insert_plan(tx, platform, caller, template.scope, template.id, new)
    old = open_plan(platform.engine.sealer, found)
    current = await synchronised(tx, old, template)
    return old, await save_plan(tx, platform, caller, old, current, NewPlan(name, enabled, tuple(_values(template))))


def _values(template: Template) -> Iterator[GivenValue]:
    """Yield the template's values, as those of a plan."""
    for one in template.variables:
        is_list = one.type is VariableType.HOSTS
        yield GivenValue(None, one.name, None if is_list else one.value, one.hosts if is_list else None)


def _template_changes(old: Template | None, new: Template) -> Iterator[Change]:
    before = None if old is None else {"description": old.description}
    yield compare("templates", new.name, before, {"description": new.description})
    known = ((), ()) if old is None else (old.variables, old.steps)
    yield from _part_changes("variables", known[0], new.variables)
    yield from _part_changes("steps", known[1], new.steps)


def _part_changes(
    table: str, old: Iterable[TemplateStep | Variable], new: Iterable[TemplateStep | Variable]
) -> Iterator[Change]:
    before = {one.id: one for one in old}
    for one in new:
        known = before.pop(one.id, None)
        yield compare(table, one.name, None if known is None else _fields(known), _fields(one))
    for one in before.values():
        yield Change(table, one.name, Effect.REMOVED)


def _fields(part: TemplateStep | Variable) -> Mapping[str, Any]:
    """Return what a difference shows of a step or a variable, secrets under names that are masked."""
    fields: dict[str, Any] = msgspec.to_builtins(part, builtin_types=(bytes,))
    fields |= fields.pop("action", {})
    if fields.pop("sensitive", False):
        fields["sensitive_params"] = fields.pop("params")
    if isinstance(part, Variable) and part.type is VariableType.PASSWORD:
        fields["password"] = fields.pop("value")
    shown: dict[str, Any] = _digested(fields)
    return {name: value for name, value in shown.items() if name not in {"id", "name"}}


def _digested(value: Any) -> Any:
    """Return a value with a digest in the place of every content, which may be long."""
    match value:
        case bytes():
            return f"{len(value)} bytes, sha256 {hashlib.sha256(value).hexdigest()[:12]}" if value else ""
        case dict():
            return {name: _digested(member) for name, member in value.items()}
        case list() | tuple():
            return [_digested(member) for member in value]
    return value


def _plan_change(old: Plan | None, new: Plan) -> Change:
    return compare("plans", new.name, None if old is None else _plan_fields(old), _plan_fields(new))


def _plan_fields(plan: Plan) -> Mapping[str, Any]:
    return {"template_version": plan.version, "enabled": [one.step.name for one in plan.steps if one.enabled]}
