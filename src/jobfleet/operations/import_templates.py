"""Bring templates with their plans into an installation, from one file."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from jobfleet.model.archive import (
    SUFFIX,
    Archive,
    ArchivedPlan,
    ArchivedScript,
    ArchivedTemplate,
    Ids,
    free_name,
    with_script,
)
from jobfleet.model.caller import Action, Caller
from jobfleet.model.errors import JobfleetError
from jobfleet.model.resource_errors import PlanIdTakenError, TemplateIdTakenError
from jobfleet.model.scope import Scope
from jobfleet.model.script_version import VersionState
from jobfleet.model.step_uses import script_version_of
from jobfleet.model.template import GivenValue, NewPlan, NewTemplate, Plan, Template, TemplateStep
from jobfleet.model.variable import VariableType
from jobfleet.operations.access import demand, enter_scope
from jobfleet.operations.archive_file import unpack
from jobfleet.operations.plans import insert_plan
from jobfleet.operations.platform import Platform
from jobfleet.operations.step_parts import NamedScript, look_up_scripts
from jobfleet.operations.templates import insert_template
from jobfleet.store import templates
from jobfleet.store.database import Transaction


class Import(msgspec.Struct, frozen=True):
    """Ask for the templates of a file; a name that is taken gets a suffix, "" refuses it."""

    scope: Scope
    file: bytes
    password: str = ""
    ids: Ids = Ids.NEW
    suffix: str = SUFFIX


class ImportedPlan(msgspec.Struct, frozen=True):
    """Say what became of a plan: `made` is None when it was left out, because of `refusal`.

    `steps` and `variables` tell the new ids by the old ones.
    """

    id: int
    name: str
    made: Plan | None = None
    refusal: JobfleetError | None = None
    steps: Mapping[int, int] = {}
    variables: Mapping[int, int] = {}


class ImportedTemplate(msgspec.Struct, frozen=True):
    """Say what became of a template, and what was done otherwise than the file says."""

    id: int
    name: str
    made: Template | None = None
    refusal: JobfleetError | None = None
    plans: tuple[ImportedPlan, ...] = ()
    remarks: tuple[str, ...] = ()


async def import_templates(platform: Platform, caller: Caller, wanted: Import) -> list[ImportedTemplate]:
    """Make the templates and plans of a file; each template by itself, with its plans or not at all.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not make templates and plans there.
        BadArchiveError: The file cannot be imported.

    Source: docs/reference/template-archives.md.
    """
    archive = await open_archive(platform, caller, wanted)
    return [await _alone(platform, caller, wanted, archive, one) for one in archive.templates]


async def import_together(platform: Platform, caller: Caller, wanted: Import) -> list[ImportedTemplate]:
    """Make the templates and plans of a file: all or none.

    Raises:
        ScopeNotFoundError, ForbiddenError, BadArchiveError: See `import_templates`.
        Others: What keeps one of them from being made.
    """
    archive = await open_archive(platform, caller, wanted)
    async with platform.engine.db.begin() as tx:
        return [await _template(tx, platform, caller, wanted, archive, one) for one in archive.templates]


async def open_archive(platform: Platform, caller: Caller, wanted: Import) -> Archive:
    """Return what a file holds, to somebody who may import it.

    Raises:
        ScopeNotFoundError, ForbiddenError, BadArchiveError: See `import_templates`.
    """
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, wanted.scope)
        demand(caller, Action.CREATE_JOB_TEMPLATE, info)
        demand(caller, Action.CREATE_JOB_PLAN, info)
    return await asyncio.to_thread(unpack, wanted.file, wanted.password, platform.engine.clock())


async def _alone(
    platform: Platform, caller: Caller, wanted: Import, archive: Archive, one: ArchivedTemplate
) -> ImportedTemplate:
    try:
        async with platform.engine.db.begin() as tx:
            return await _template(tx, platform, caller, wanted, archive, one)
    except JobfleetError as error:
        return ImportedTemplate(one.id, one.name, refusal=error)


async def _template(
    tx: Transaction, platform: Platform, caller: Caller, wanted: Import, archive: Archive, one: ArchivedTemplate
) -> ImportedTemplate:
    template_id = await _template_id(tx, wanted, one)
    steps, remarks = await _steps(tx, platform, wanted.scope, one.steps, archive.scripts)
    taken = await templates.list_names(tx, wanted.scope) if wanted.suffix else set[str]()
    name = free_name(one.name, wanted.suffix, taken.__contains__)
    bare = tuple(msgspec.structs.replace(variable, id=0) for variable in one.variables)
    new = NewTemplate(wanted.scope, name, steps, bare, one.description)
    made = await insert_template(tx, platform, caller, new, template_id)
    plans = [await _plan(tx, platform, caller, wanted, one, made, plan) for plan in one.plans]
    return ImportedTemplate(one.id, one.name, made, plans=tuple(plans), remarks=tuple(remarks))


async def _template_id(tx: Transaction, wanted: Import, one: ArchivedTemplate) -> int | None:
    if wanted.ids is Ids.NEW or one.id < 1:
        return None
    if not await templates.is_taken(tx, "template", one.id):
        return one.id
    if wanted.ids is Ids.KEEP_OR_SKIP:
        raise TemplateIdTakenError(one.id)
    return None


async def _steps(
    tx: Transaction, platform: Platform, scope: Scope, steps: Sequence[TemplateStep], brought: Iterable[ArchivedScript]
) -> tuple[tuple[TemplateStep, ...], list[str]]:
    """Return steps that run kept scripts where these are the same here, and else hold their texts themselves."""
    used = {script_version_of(step) for step in steps}
    scripts = {one.version_id: one for one in brought if one.version_id in used}
    known = await look_up_scripts(tx, platform, scope, scripts)
    found, remarks = list[TemplateStep](), list[str]()
    for step in steps:
        script = scripts.get(script_version_of(step) or 0)
        is_own = script is not None and not _is_same(known.get(script.version_id), script)
        remarks += [f"step {step.name} holds the text of its script itself"] if is_own else []
        bare = msgspec.structs.replace(step, id=0)
        found.append(with_script(bare, script) if script is not None and is_own else bare)
    return tuple(found), remarks


def _is_same(known: NamedScript | None, script: ArchivedScript) -> bool:
    if known is None or known.state is not VersionState.ONLINE:
        return False
    return (known.content, known.language) == (script.content, script.language)


async def _plan(
    tx: Transaction,
    platform: Platform,
    caller: Caller,
    wanted: Import,
    template: ArchivedTemplate,
    made: Template,
    one: ArchivedPlan,
) -> ImportedPlan:
    is_taken = wanted.ids is not Ids.NEW and await templates.is_taken(tx, "plan", one.id)
    if is_taken and wanted.ids is Ids.KEEP_OR_SKIP:
        return ImportedPlan(one.id, one.name, refusal=PlanIdTakenError(one.id))
    plan_id = None if wanted.ids is Ids.NEW or is_taken or one.id < 1 else one.id
    now = dict(zip((step.id for step in template.steps), (step.id for step in made.steps), strict=True))
    enabled = frozenset(
        now[step.template_step_id] for step in one.steps if step.enabled and step.template_step_id in now
    )
    follows = frozenset(value.variable.name for value in one.variables if value.follows)
    new = NewPlan(one.name, enabled, tuple(_values(one)), follows)
    plan = await insert_plan(tx, platform, caller, wanted.scope, made.id, new, plan_id)
    return ImportedPlan(one.id, one.name, plan, None, _step_ids(one, now, plan), _variable_ids(one, plan))


def _values(one: ArchivedPlan) -> Iterable[GivenValue]:
    for value in one.variables:
        variable, is_list = value.variable, value.variable.type is VariableType.HOSTS
        yield GivenValue(None, variable.name, None if is_list else variable.value, variable.hosts if is_list else None)


def _step_ids(one: ArchivedPlan, now: Mapping[int, int], plan: Plan) -> dict[int, int]:
    by_step = {step.step.id: step.id for step in plan.steps}
    pairs = ((step.id, now.get(step.template_step_id)) for step in one.steps)
    return {old: by_step[found] for old, found in pairs if found is not None}


def _variable_ids(one: ArchivedPlan, plan: Plan) -> dict[int, int]:
    by_name = {variable.variable.name: variable.id for variable in plan.variables}
    return {value.id: by_name[value.variable.name] for value in one.variables if value.variable.name in by_name}
