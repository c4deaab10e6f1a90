"""What of templates and plans the record keeps sealed: contents, sensitive parameters, passwords."""

from collections.abc import Callable

import msgspec

from jobfleet.engine.sealing import Sealer
from jobfleet.model.difference import MASK
from jobfleet.model.errors import InternalError
from jobfleet.model.file_job import NewContent
from jobfleet.model.scope import scope_text
from jobfleet.model.template import (
    Action,
    FileAction,
    Plan,
    PlanStep,
    PlanVariable,
    ScriptAction,
    SqlAction,
    Template,
    TemplateStep,
    Variable,
    digest_of,
)
from jobfleet.model.variable import VariableType

_Content = Callable[[bytes, str], bytes]
_Text = Callable[[str, str], str]


class _Way(msgspec.Struct, frozen=True):
    """Turn bytes and texts into others, for a purpose: seal them, open them, or hide them."""

    content: _Content
    text: _Text


def seal_template(sealer: Sealer, template: Template) -> Template:
    """Return a template as the record keeps it."""
    sealed = _template(_Way(sealer.seal, sealer.seal_text), template)
    return msgspec.structs.replace(sealed, seal=sealer.mac(*_parts(sealed, _digest(sealed))))


def open_template(sealer: Sealer, template: Template) -> Template:
    """Return a template of the record in clear.

    Raises:
        InternalError: It was changed in the database.
    """
    _check(sealer, template)
    return _template(_Way(sealer.open, sealer.open_text), msgspec.structs.replace(template, seal=b"", digest=b""))


def seal_plan(sealer: Sealer, plan: Plan) -> Plan:
    """Return a plan as the record keeps it."""
    sealed = _plan(_Way(sealer.seal, sealer.seal_text), plan)
    return msgspec.structs.replace(sealed, seal=sealer.mac(*_parts(sealed, _digest(sealed))))


def open_plan(sealer: Sealer, plan: Plan) -> Plan:
    """Return a plan of the record in clear.

    Raises:
        InternalError: It was changed in the database.
    """
    _check(sealer, plan)
    return _plan(_Way(sealer.open, sealer.open_text), msgspec.structs.replace(plan, seal=b"", digest=b""))


def mask_template(template: Template) -> Template:
    """Return a template in clear as people may see it: passwords and sensitive parameters hidden."""
    return _template(_HIDDEN, template)


def mask_plan(plan: Plan) -> Plan:
    """Return a plan in clear as people may see it: passwords and sensitive parameters hidden."""
    return _plan(_HIDDEN, plan)


def _check(sealer: Sealer, kept: Template | Plan) -> None:
    if not sealer.matches(kept.seal, *_parts(kept, kept.digest)):
        raise InternalError(detail=f"{_owner(kept)} was changed in the database")


def _parts(kept: Template | Plan, digest: bytes) -> tuple[bytes, ...]:
    """Return what the seal of a template or plan covers, so that a changed database runs nothing else."""
    return _owner(kept).encode(), scope_text(kept.scope).encode(), digest


def _digest(sealed: Template | Plan) -> bytes:
    return digest_of(msgspec.to_builtins(sealed.steps), msgspec.to_builtins(sealed.variables))


def _owner(kept: Template | Plan) -> str:
    if isinstance(kept, Template):
        return f"template {kept.id}"
    return f"debug plan {kept.id}" if kept.debug else f"plan {kept.id}"


_HIDDEN = _Way(lambda content, _: content, lambda text, _: MASK if text else "")


def _template(way: _Way, template: Template) -> Template:
    owner = _owner(template)
    return msgspec.structs.replace(
        template,
        steps=tuple(_step(way, f"{owner} step {step.id}", step) for step in template.steps),
        variables=tuple(_variable(way, f"{owner} variable {one.id}", one) for one in template.variables),
    )


def _plan(way: _Way, plan: Plan) -> Plan:
    owner = _owner(plan)
    return msgspec.structs.replace(
        plan,
        steps=tuple(_plan_step(way, f"{owner} step {one.id}", one) for one in plan.steps),
        variables=tuple(_plan_variable(way, f"{owner} variable {one.id}", one) for one in plan.variables),
    )


def _plan_step(way: _Way, purpose: str, one: PlanStep) -> PlanStep:
    return msgspec.structs.replace(one, step=_step(way, purpose, one.step))


def _plan_variable(way: _Way, purpose: str, one: PlanVariable) -> PlanVariable:
    return msgspec.structs.replace(one, variable=_variable(way, purpose, one.variable))


def _step(way: _Way, purpose: str, step: TemplateStep) -> TemplateStep:
    return msgspec.structs.replace(step, action=_action(way, purpose, step.action))


def _action(way: _Way, purpose: str, action: Action) -> Action:
    match action:
        case ScriptAction():
            params = way.text(action.params, f"{purpose} params") if action.sensitive else action.params
            return msgspec.structs.replace(action, content=_some(way, action.content, purpose), params=params)
        case SqlAction():
            return msgspec.structs.replace(action, content=_some(way, action.content, purpose))
        case FileAction():
            files = enumerate(action.contents)
            contents = tuple(NewContent(one.name, way.content(one.content, f"{purpose} file {n}")) for n, one in files)
            return msgspec.structs.replace(action, contents=contents)
    return action


def _some(way: _Way, content: bytes, purpose: str) -> bytes:
    return way.content(content, f"{purpose} content") if content else b""


def _variable(way: _Way, purpose: str, variable: Variable) -> Variable:
    if variable.type is not VariableType.PASSWORD:
        return variable
    value = way.text(variable.value, purpose) if variable.value else ""
    return msgspec.structs.replace(variable, value=value)
