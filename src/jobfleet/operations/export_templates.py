"""Take templates with their plans out of an installation, as one file."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import msgspec

from jobfleet.model.account import Category
from jobfleet.model.archive import (
    MAX_ARCHIVE_BYTES,
    Archive,
    ArchivedPlan,
    ArchivedScript,
    ArchivedStep,
    ArchivedTemplate,
    ArchivedValue,
    blank_step,
    blank_variable,
    held_bytes,
    renamed_sources,
    uploads_of,
    with_own_files,
)
from jobfleet.model.caller import Action, Caller
from jobfleet.model.errors import IllegalRequestError
from jobfleet.model.file_job import NewSource
from jobfleet.model.job_errors import ContentNotFoundError
from jobfleet.model.permission import ResourceKind
from jobfleet.model.resource_errors import TemplateNotFoundError
from jobfleet.model.scope import KnownScope, Scope, scope_text
from jobfleet.model.template import FileAction, Plan, ScriptAction, SqlAction, Template, TemplateStep, Variable
from jobfleet.operations.access import demand, demand_on, enter_scope
from jobfleet.operations.archive_file import pack
from jobfleet.operations.plan_secrets import open_plan, open_template
from jobfleet.operations.platform import Platform
from jobfleet.operations.step_parts import Parts, look_up
from jobfleet.store import audit, files, plans, templates
from jobfleet.store.database import Transaction


class Export(msgspec.Struct, frozen=True):
    """Ask for an archive; `secrets` takes real passwords along, and needs a password. `expires_at` is epoch ms."""

    scope: Scope
    template_ids: tuple[int, ...]
    password: str = ""
    secrets: bool = False
    expires_at: int | None = None


async def export_templates(platform: Platform, caller: Caller, wanted: Export) -> bytes:
    """Return a file with templates and all their plans.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope, or not see templates or plans there;
            for real passwords, not edit templates.
        TemplateNotFoundError: A template is none of the scope's.
        IllegalRequestError: Real passwords without a password, or an archive that would be too large.
        ContentNotFoundError: An uploaded file is gone.

    Source: docs/reference/template-archives.md.
    """
    if wanted.secrets and not wanted.password:
        raise IllegalRequestError("real passwords are exported under a password only")
    async with platform.engine.db.begin() as tx:
        archive = await _archive(tx, platform, caller, wanted)
    return await asyncio.to_thread(pack, archive, wanted.password)


async def _archive(tx: Transaction, platform: Platform, caller: Caller, wanted: Export) -> Archive:
    info = await enter_scope(tx, platform, caller, wanted.scope)
    demand(caller, Action.VIEW_JOB_PLAN, info)
    found, kept, room = list[ArchivedTemplate](), dict[int, ArchivedScript](), MAX_ARCHIVE_BYTES
    for one in dict.fromkeys(wanted.template_ids):
        template, scripts = await _template(tx, platform, caller, info, wanted, one, room)
        fresh = {script.version_id: script for script in scripts if script.version_id not in kept}
        room -= held_bytes(template.steps) + sum(len(script.content) for script in fresh.values())
        _check_room(room)
        found.append(template)
        kept |= fresh
    names = ", ".join(template.name for template in found)
    words = f"export templates {names} {'with' if wanted.secrets else 'without'} secrets"
    await audit.insert(tx, caller, Action.VIEW_JOB_TEMPLATE, words, platform.engine.clock(), wanted.scope)
    return Archive(
        exported_at=platform.engine.clock(),
        expires_at=wanted.expires_at,
        exported_by=caller.username,
        scope=scope_text(wanted.scope),
        secrets=wanted.secrets,
        templates=tuple(found),
        scripts=tuple(kept[one] for one in sorted(kept)),
    )


def _check_room(room: int) -> None:
    """Do nothing while there is room; what would be too large is not gathered first."""
    if room < 0:
        raise IllegalRequestError(f"the archive would be larger than {MAX_ARCHIVE_BYTES} bytes")


async def _template(
    tx: Transaction, platform: Platform, caller: Caller, info: KnownScope, wanted: Export, template_id: int, room: int
) -> tuple[ArchivedTemplate, list[ArchivedScript]]:
    for action in (Action.VIEW_JOB_TEMPLATE, *([Action.EDIT_JOB_TEMPLATE] if wanted.secrets else [])):
        await demand_on(tx, caller, action, info, ResourceKind.TEMPLATE, template_id)
    found = await templates.find(tx, wanted.scope, template_id)
    if found is None:
        raise TemplateNotFoundError
    template = open_template(platform.engine.sealer, found)
    parts = await look_up(tx, platform, wanted.scope, template.steps, ())
    contents = await _files(tx, platform, template, room)
    scripts = [ArchivedScript(one.version_id, one.language, one.content) for one in parts.scripts.values()]
    steps = tuple(_step(parts, contents, step, secrets=wanted.secrets) for step in template.steps)
    return await _archived(tx, platform, wanted, template, steps), scripts


async def _archived(
    tx: Transaction, platform: Platform, wanted: Export, template: Template, steps: tuple[TemplateStep, ...]
) -> ArchivedTemplate:
    ids = await plans.list_ids(tx, template.id)
    found = [await plans.find(tx, wanted.scope, plan_id) for plan_id in ids]
    opened = [open_plan(platform.engine.sealer, plan) for plan in found if plan is not None]
    return ArchivedTemplate(
        id=template.id,
        name=template.name,
        description=template.description,
        steps=steps,
        variables=tuple(_variable(one, secrets=wanted.secrets) for one in template.variables),
        plans=tuple(_plan(plan, secrets=wanted.secrets) for plan in opened),
    )


def _plan(plan: Plan, *, secrets: bool) -> ArchivedPlan:
    return ArchivedPlan(
        id=plan.id,
        name=plan.name,
        steps=tuple(ArchivedStep(one.id, one.step.id, one.enabled) for one in plan.steps),
        variables=tuple(
            ArchivedValue(one.id, _variable(one.variable, secrets=secrets), one.follows) for one in plan.variables
        ),
    )


def _variable(one: Variable, *, secrets: bool) -> Variable:
    return one if secrets else blank_variable(one)


def _step(parts: Parts, contents: Mapping[str, bytes], step: TemplateStep, *, secrets: bool) -> TemplateStep:
    shown = step if secrets else blank_step(step)
    match shown.action:
        case ScriptAction() as action:
            known = parts.account(Category.SYSTEM, action.account_id, action.account_alias)
            alias = action.account_alias if known is None else known.alias
            return msgspec.structs.replace(
                shown, action=msgspec.structs.replace(action, account_id=None, account_alias=alias)
            )
        case SqlAction() as action:
            known = parts.account(Category.DATABASE, action.db_account_id, action.db_account_alias)
            alias = action.db_account_alias if known is None else known.alias
            return msgspec.structs.replace(
                shown, action=msgspec.structs.replace(action, db_account_id=None, db_account_alias=alias)
            )
        case FileAction() as action:
            return msgspec.structs.replace(shown, action=_distribution(parts, contents, action))
    return shown


def _distribution(parts: Parts, contents: Mapping[str, bytes], action: FileAction) -> FileAction:
    named = renamed_sources(with_own_files(action, contents), lambda one: _source(parts, one))
    known = parts.account(Category.SYSTEM, action.account_id, action.account_alias)
    alias = action.account_alias if known is None else known.alias
    return msgspec.structs.replace(named, account_id=None, account_alias=alias)


def _source(parts: Parts, source: NewSource) -> NewSource:
    account = parts.account(Category.SYSTEM, source.account_id, source.account_alias)
    known = parts.sources.get(source.file_source_id or source.file_source_code)
    return msgspec.structs.replace(
        source,
        account_id=None,
        account_alias=source.account_alias if account is None else account.alias,
        file_source_id=None,
        file_source_code=source.file_source_code if known is None else known.code,
    )


async def _files(tx: Transaction, platform: Platform, template: Template, room: int) -> dict[str, bytes]:
    """Return what was uploaded for a template's steps, by path, when each step has room for its own."""
    named = [path for step in template.steps for path in uploads_of(step.action)]
    paths = set(named)
    stored = await files.find_uploads(tx, template.scope, paths)
    if missing := paths - stored.keys():
        raise ContentNotFoundError(min(missing))
    _check_room(room - sum(stored[path].size_bytes for path in named))
    return await asyncio.to_thread(_read, platform, {path: one.content_hash for path, one in stored.items()})


def _read(platform: Platform, hashes: Mapping[str, str]) -> dict[str, bytes]:
    found = {path: platform.engine.blobs.find(content_hash) for path, content_hash in hashes.items()}
    if gone := [path for path, place in found.items() if place is None]:
        raise ContentNotFoundError(gone[0])
    return {path: _content(place) for path, place in found.items() if place is not None}


def _content(place: Path) -> bytes:
    return place.read_bytes()
