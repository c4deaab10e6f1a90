"""Templates: looking at them, and removing them; they are made from files with plans."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import Id, ScopeText
from jobfleet.api.native.route import Call, Done, Route, Wanted
from jobfleet.api.native.targets import parse_scope
from jobfleet.model.caller import Action
from jobfleet.model.definition import ApprovalSpec
from jobfleet.model.job import StepType
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import Action as StepAction
from jobfleet.model.template import FileAction, ScriptAction, SqlAction, Template, TemplateStep, Variable
from jobfleet.operations import templates
from jobfleet.store.kept_filter import KeptFilter

Start = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Length = Annotated[int, Meta(ge=1, le=1000)]
_KINDS = {
    ScriptAction: StepType.SCRIPT,
    SqlAction: StepType.SQL,
    FileAction: StepType.FILE,
    ApprovalSpec: StepType.APPROVAL,
}


class StepDefinition(msgspec.Struct, frozen=True):
    """Show what a step does; `definition` has the members of its kind, contents as Base64, secrets hidden."""

    id: int
    name: str
    kind: str
    ignore_error: bool
    definition: dict[str, Any]


class VariableDefinition(msgspec.Struct, frozen=True):
    """Show a variable; the value of a password is hidden."""

    id: int
    name: str
    type: str
    value: str
    hosts: TargetSpec
    changeable: bool
    required: bool
    description: str


class TemplateLine(msgspec.Struct, frozen=True):
    """Show a template in a list; times are epoch milliseconds."""

    id: int
    name: str
    description: str
    version: str
    step_count: int
    creator: str
    created_at: int
    modifier: str
    modified_at: int


class TemplateList(msgspec.Struct, frozen=True):
    """Show one page of templates; `total` counts them all."""

    total: int
    templates: list[TemplateLine]


class TemplateView(msgspec.Struct, frozen=True):
    """Show a template."""

    id: int
    name: str
    description: str
    version: str
    steps: list[StepDefinition]
    variables: list[VariableDefinition]
    creator: str
    created_at: int
    modifier: str
    modified_at: int


class ListTemplates(Wanted, frozen=True):
    """Page through the templates of a scope that have `name` in their name, last changed first."""

    scope: ScopeText
    name: str = ""
    start: Start = 0
    length: Length = 20


class OneTemplate(Wanted, frozen=True):
    """Name a template of a scope."""

    scope: ScopeText
    template_id: Id


async def list_templates(call: Call, wanted: ListTemplates) -> TemplateList:
    """Show a page of templates."""
    scope, page = parse_scope(wanted.scope), {"start": wanted.start, "length": wanted.length}
    total, found = await templates.list_templates(
        call.platform, call.caller, scope, KeptFilter(name=wanted.name), **page
    )
    return TemplateList(total, [msgspec.convert(row, TemplateLine, from_attributes=True) for row in found])


async def show_template(call: Call, wanted: OneTemplate) -> TemplateView:
    """Show a template."""
    return _view(await _found(call, wanted))


async def delete_template(call: Call, wanted: OneTemplate) -> Done:
    """Remove a template and its plans."""
    await templates.delete_template(call.platform, call.caller, parse_scope(wanted.scope), wanted.template_id)
    return Done()


async def _found(call: Call, wanted: OneTemplate) -> Template:
    return await templates.get_template(call.platform, call.caller, parse_scope(wanted.scope), wanted.template_id)


def _view(template: Template) -> TemplateView:
    return TemplateView(
        id=template.id,
        name=template.name,
        description=template.description,
        version=template.version,
        steps=[show_definition(step) for step in template.steps],
        variables=[show_variable(one.id, one) for one in template.variables],
        creator=template.creator,
        created_at=template.created_at,
        modifier=template.modifier,
        modified_at=template.modified_at,
    )


def show_definition(step: TemplateStep) -> StepDefinition:
    """Return what is shown of a step whose secrets are hidden."""
    return StepDefinition(step.id, step.name, kind_of(step.action), step.ignore_error, _members(step.action))


def kind_of(action: StepAction) -> str:
    """Return the word for the kind of a step."""
    return _KINDS[type(action)].name.lower()


def _members(action: StepAction) -> dict[str, Any]:
    members: dict[str, Any] = msgspec.to_builtins(action)
    return {name: member for name, member in members.items() if name != "type"}


def show_variable(variable_id: int, variable: Variable) -> VariableDefinition:
    """Return what is shown of a variable whose secrets are hidden."""
    return VariableDefinition(
        id=variable_id,
        name=variable.name,
        type=variable.type.name.lower(),
        value=variable.value,
        hosts=variable.hosts,
        changeable=variable.changeable,
        required=variable.required,
        description=variable.description,
    )


_VIEW, _DELETE = Action.VIEW_JOB_TEMPLATE, Action.DELETE_JOB_TEMPLATE
_ROOT = "/api/v1/templates"
_ONE = f"{_ROOT}/{{template_id}}"
ROUTES = (
    Route("GET", _ROOT, _VIEW, list_templates, ListTemplates, TemplateList, "List the templates of a scope"),
    Route("GET", _ONE, _VIEW, show_template, OneTemplate, TemplateView, "Show a template"),
    Route("POST", f"{_ONE}/delete", _DELETE, delete_template, OneTemplate, Done, "Remove a template and its plans"),
)
