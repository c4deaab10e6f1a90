"""Templates: looking at them, and removing them; they are made from files with plans."""

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import Id, ScopeText
from jobfleet.api.native.route import Call, Done, Route, Wanted
from jobfleet.model.caller import Action
from jobfleet.model.definition import ApprovalSpec
from jobfleet.model.job import StepType
from jobfleet.model.scope import parse_scope
from jobfleet.model.tagging import Tag
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import Action as StepAction
from jobfleet.model.template import FileAction, ScriptAction, SqlAction, TemplateStep, Variable
from jobfleet.operations import plan_query, templates
from jobfleet.operations.plan_query import MarkedTemplate, ShownTemplate
from jobfleet.operations.step_parts import Parts
from jobfleet.store.kept_filter import KeptFilter
from jobfleet.store.plans import TemplateUse

Start = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Length = Annotated[int, Meta(ge=1, le=1000)]
KINDS: dict[type[StepAction], StepType] = {
    ScriptAction: StepType.SCRIPT,
    SqlAction: StepType.SQL,
    FileAction: StepType.FILE,
    ApprovalSpec: StepType.APPROVAL,
}


class StepScript(msgspec.Struct, frozen=True):
    """Show the kept script that a step runs: `state` of its version, and how that stands.

    `standing` is current, outdated (another version is online: `online_version`, with its id) or disabled.
    """

    script_id: str
    name: str
    public: bool
    version: str
    state: str
    standing: str
    version_id: int
    online_version_id: int | None
    online_version: str


class StepDefinition(msgspec.Struct, frozen=True):
    """Show what a step does; `definition` has the members of its kind, contents as Base64, secrets hidden."""

    id: int
    name: str
    kind: str
    ignore_error: bool
    definition: dict[str, Any]
    script: StepScript | None


class TagLabel(msgspec.Struct, frozen=True):
    """Name a tag."""

    id: int
    name: str


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


class TemplateUseView(msgspec.Struct, frozen=True):
    """Count a template's plans, those of them that are behind it, and the schedules that start any of them."""

    plans: int
    behind: int
    schedules: int


class TemplateLine(msgspec.Struct, frozen=True):
    """Show a template in a list; times are epoch milliseconds. `revision` counts its versions.

    `scripts` is how the worst of the kept scripts that it runs stands, "" without one; see a step's `standing`.
    """

    id: int
    name: str
    description: str
    version: str
    revision: int
    step_count: int
    creator: str
    created_at: int
    modifier: str
    modified_at: int
    tags: list[TagLabel]
    scripts: str
    used_by: TemplateUseView


class TemplateList(msgspec.Struct, frozen=True):
    """Show one page of templates; `total` counts them all."""

    total: int
    templates: list[TemplateLine]


class TemplateView(msgspec.Struct, frozen=True):
    """Show a template; `revision` counts its versions. `modified_at` is what a change gives back as `seen_at`."""

    id: int
    name: str
    description: str
    version: str
    revision: int
    steps: list[StepDefinition]
    variables: list[VariableDefinition]
    creator: str
    created_at: int
    modifier: str
    modified_at: int
    tags: list[TagLabel]
    used_by: TemplateUseView


class ListTemplates(Wanted, frozen=True):
    """Page through the templates of a scope that have `name` in their name, and a tag, last changed first.

    With `favourites_first` one's own favourites come before all others.
    """

    scope: ScopeText
    name: str = ""
    creator: str = ""
    modifier: str = ""
    tag: Id | None = None
    favourites_first: bool = False
    start: Start = 0
    length: Length = 20


class OneTemplate(Wanted, frozen=True):
    """Name a template of a scope."""

    scope: ScopeText
    template_id: Id


async def list_templates(call: Call, wanted: ListTemplates) -> TemplateList:
    """Show a page of templates."""
    those = KeptFilter(name=wanted.name, creator=wanted.creator, modifier=wanted.modifier, tag_id=wanted.tag)
    total, found = await plan_query.list_marked(
        call.platform,
        call.caller,
        parse_scope(wanted.scope),
        those,
        start=wanted.start,
        length=wanted.length,
        favourites_first=wanted.favourites_first,
    )
    return TemplateList(total, [_line(one) for one in found])


def _line(one: MarkedTemplate) -> TemplateLine:
    standing = "" if one.standing is None else one.standing.name.lower()
    return TemplateLine(
        **msgspec.structs.asdict(one.row), tags=_labels(one.tags), scripts=standing, used_by=_use(one.use)
    )


def _use(use: TemplateUse) -> TemplateUseView:
    return TemplateUseView(use.plans, use.behind, use.schedules)


def _labels(tags: Iterable[Tag]) -> list[TagLabel]:
    return [TagLabel(tag.id, tag.name) for tag in tags]


async def show_template(call: Call, wanted: OneTemplate) -> TemplateView:
    """Show a template."""
    scope = parse_scope(wanted.scope)
    return _view(await plan_query.show_template(call.platform, call.caller, scope, wanted.template_id))


async def delete_template(call: Call, wanted: OneTemplate) -> Done:
    """Remove a template and its plans."""
    await templates.delete_template(call.platform, call.caller, parse_scope(wanted.scope), wanted.template_id)
    return Done()


def _view(shown: ShownTemplate) -> TemplateView:
    template = shown.template
    return TemplateView(
        id=template.id,
        name=template.name,
        description=template.description,
        version=template.version,
        revision=template.revision,
        steps=[show_definition(shown.parts, step) for step in template.steps],
        variables=[show_variable(one.id, one) for one in template.variables],
        creator=template.creator,
        created_at=template.created_at,
        modifier=template.modifier,
        modified_at=template.modified_at,
        tags=_labels(shown.tags),
        used_by=_use(shown.use),
    )


def show_definition(parts: Parts, step: TemplateStep) -> StepDefinition:
    """Return what is shown of a step whose secrets are hidden."""
    kind, members = kind_of(step.action), _members(step.action)
    return StepDefinition(step.id, step.name, kind, step.ignore_error, members, _script(parts, step.action))


def _script(parts: Parts, action: StepAction) -> StepScript | None:
    kept = parts.script(action) if isinstance(action, ScriptAction | SqlAction) else None
    if kept is None:
        return None
    state, standing = kept.state.name.lower(), kept.standing.name.lower()
    return StepScript(
        kept.script_id,
        kept.name,
        kept.public,
        kept.version,
        state,
        standing,
        kept.version_id,
        kept.online_version_id,
        kept.online_version,
    )


def kind_of(action: StepAction) -> str:
    """Return the word for the kind of a step."""
    return KINDS[type(action)].name.lower()


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
