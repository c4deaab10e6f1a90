"""Taking templates out of an installation and bringing them into another one."""

import base64
import binascii
from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.callers import language
from jobfleet.api.native.jobs import Id, ScopeText
from jobfleet.api.native.route import Call, FieldError, Route, Wanted
from jobfleet.model.archive import MAX_TEMPLATES, SUFFIX, Ids
from jobfleet.model.caller import Action
from jobfleet.model.errors import JobfleetError
from jobfleet.model.messages import message_of
from jobfleet.model.scope import parse_scope
from jobfleet.operations import export_templates as exporting
from jobfleet.operations import import_templates as importing
from jobfleet.operations.import_templates import ImportedPlan, ImportedTemplate

MAX_PASSWORD_CHARACTERS = 1_024
MAX_SECONDS = 10 * 365 * 86_400
MAX_SUFFIX_CHARACTERS = 30
Password = Annotated[str, Meta(max_length=MAX_PASSWORD_CHARACTERS)]


class ExportTemplates(Wanted, frozen=True):
    """Ask for a file with templates and their plans.

    It is sealed under the `password`, if one is given; `secrets` takes real passwords along, and needs one.
    """

    scope: ScopeText
    templates: Annotated[list[Id], Meta(min_length=1, max_length=MAX_TEMPLATES)]
    password: Password = ""
    secrets: bool = False
    expires_in_s: Annotated[int, Meta(ge=1, le=MAX_SECONDS)] | None = None


class ImportTemplates(Wanted, frozen=True):
    """Make the templates and plans of a file, which is given as Base64; a name that is taken gets the `suffix`.

    `ids` says whether they keep theirs: new, keep_or_new (where it is taken), keep_or_skip.
    """

    scope: ScopeText
    archive: str
    password: Password = ""
    ids: Ids = Ids.NEW
    suffix: Annotated[str, Meta(min_length=1, max_length=MAX_SUFFIX_CHARACTERS)] = SUFFIX


class PlanImported(msgspec.Struct, frozen=True):
    """Say what became of a plan of the file; `new_id` is null for one left out, `code` and `message` say why."""

    id: int
    name: str
    new_id: int | None
    code: int
    message: str


class TemplateImported(msgspec.Struct, frozen=True):
    """Say what became of a template of the file; `remarks` tell what was done otherwise than the file says."""

    id: int
    name: str
    new_id: int | None
    new_name: str
    code: int
    message: str
    plans: list[PlanImported]
    remarks: list[str]


class TemplatesImported(msgspec.Struct, frozen=True):
    """Say what became of a file: `state` is all, some or none of its templates and plans were made."""

    state: str
    templates: list[TemplateImported]


async def export_templates(call: Call, wanted: ExportTemplates) -> bytes:
    """Return a file with templates."""
    now = call.platform.engine.clock()
    export = exporting.Export(
        scope=parse_scope(wanted.scope),
        template_ids=tuple(wanted.templates),
        password=wanted.password,
        secrets=wanted.secrets,
        expires_at=None if wanted.expires_in_s is None else now + wanted.expires_in_s * 1000,
    )
    return await exporting.export_templates(call.platform, call.caller, export)


async def import_templates(call: Call, wanted: ImportTemplates) -> TemplatesImported:
    """Make the templates of a file."""
    asked = importing.Import(
        scope=parse_scope(wanted.scope),
        file=_decoded(wanted.archive),
        password=wanted.password,
        ids=wanted.ids,
        suffix=wanted.suffix,
    )
    done = await importing.import_templates(call.platform, call.caller, asked)
    return TemplatesImported(_state(done), [_template(one, language(call.request)) for one in done])


def _state(done: list[ImportedTemplate]) -> str:
    made = [template.made is not None for template in done]
    made += [plan.made is not None for template in done for plan in template.plans]
    return "all" if all(made) else "some" if any(made) else "none"


def _template(one: ImportedTemplate, words: str) -> TemplateImported:
    return TemplateImported(
        id=one.id,
        name=one.name,
        new_id=None if one.made is None else one.made.id,
        new_name="" if one.made is None else one.made.name,
        code=_code(one.refusal),
        message=_message(one.refusal, words),
        plans=[_plan(plan, words) for plan in one.plans],
        remarks=list(one.remarks),
    )


def _plan(one: ImportedPlan, words: str) -> PlanImported:
    new_id = None if one.made is None else one.made.id
    return PlanImported(one.id, one.name, new_id, _code(one.refusal), _message(one.refusal, words))


def _code(refusal: JobfleetError | None) -> int:
    return 0 if refusal is None else refusal.code


def _message(refusal: JobfleetError | None, words: str) -> str:
    return "" if refusal is None else message_of(refusal, words)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FieldError("archive", "is not base64") from error


_ROOT = "/api/v1/templates"
_VIEW, _CREATE = Action.VIEW_JOB_TEMPLATE, Action.CREATE_JOB_TEMPLATE
_IMPORT = import_templates, ImportTemplates, TemplatesImported
ROUTES = (
    Route("POST", f"{_ROOT}/export", _VIEW, export_templates, ExportTemplates, bytes, "Take templates out as a file"),
    Route("POST", f"{_ROOT}/import", _CREATE, *_IMPORT, "Make the templates of a file"),
)
