"""Templates as requests of the native API give them: what is shown of steps and variables, given back."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import Id, ScopeText
from jobfleet.api.native.route import FieldError, Wanted
from jobfleet.api.native.templates import KINDS
from jobfleet.model.resource_errors import StepTypeUnknownError, VariableTypeUnknownError
from jobfleet.model.scope import parse_scope
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import Action, NewTemplate, TemplateStep, Variable
from jobfleet.model.template_checks import MAX_STEPS, MAX_VARIABLES
from jobfleet.model.variable import VariableType

KnownId = Annotated[int, Meta(ge=0, le=2**63 - 1)]
SeenAt = Annotated[int, Meta(ge=0, le=2**63 - 1, description="The `modified_at` that was seen; 409 if it is another")]
_ACTIONS: dict[str, type[Action]] = {kind.name.lower(): action for action, kind in KINDS.items()}
_TYPES = {kind.name.lower(): kind for kind in VariableType}


class StepWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Give a step; `id` 0 makes a new one. `definition` has the members of its `kind`, as they are shown."""

    name: str
    kind: str
    definition: dict[str, Any]
    ignore_error: bool = False
    id: KnownId = 0


class VariableWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Give a variable; `id` 0 makes a new one. `hosts` are a host list's, `value` is the others'."""

    name: str
    type: str
    value: str = ""
    hosts: TargetSpec = TargetSpec()
    changeable: bool = True
    required: bool = False
    description: str = ""
    id: KnownId = 0


class CreateTemplate(Wanted, frozen=True):
    """Ask for a template; `tags` are ids."""

    scope: ScopeText
    name: str
    steps: Annotated[list[StepWords], Meta(max_length=MAX_STEPS)]
    variables: Annotated[tuple[VariableWords, ...], Meta(max_length=MAX_VARIABLES)] = ()
    description: str = ""
    tags: list[Id] | None = None


class UpdateTemplate(CreateTemplate, frozen=True, kw_only=True):
    """Replace a template by what is given; `******` stands for a secret that stays, no `tags` for those that are."""

    template_id: Id
    seen_at: SeenAt | None = None


def new_template(wanted: CreateTemplate) -> NewTemplate:
    """Return what a request asks for.

    Raises:
        StepTypeUnknownError, VariableTypeUnknownError: There is no such kind of step or variable.
        FieldError: A member of a step is unknown, or has the wrong type; it is named.
    """
    return NewTemplate(
        scope=parse_scope(wanted.scope),
        name=wanted.name,
        steps=tuple(_step(f"steps[{index}]", one) for index, one in enumerate(wanted.steps)),
        variables=tuple(_variable(one) for one in wanted.variables),
        description=wanted.description,
        tags=None if wanted.tags is None else tuple(wanted.tags),
        seen_at=wanted.seen_at if isinstance(wanted, UpdateTemplate) else None,
    )


def _step(where: str, one: StepWords) -> TemplateStep:
    return TemplateStep(one.name, _action(f"{where}.definition", one), one.ignore_error, one.id)


def _action(where: str, one: StepWords) -> Action:
    kind = _ACTIONS.get(one.kind)
    if kind is None:
        raise StepTypeUnknownError(one.kind)
    if unknown := one.definition.keys() - set(kind.__struct_fields__):
        raise FieldError(f"{where}.{min(unknown)}", "is unknown")
    try:
        return msgspec.convert(one.definition, kind)
    except msgspec.ValidationError as error:
        raise FieldError(where, str(error)) from error


def _variable(one: VariableWords) -> Variable:
    kind = _TYPES.get(one.type)
    if kind is None:
        raise VariableTypeUnknownError(one.type)
    members = {name: getattr(one, name) for name in Variable.__struct_fields__ if name != "type"}
    return Variable(type=kind, **members)
