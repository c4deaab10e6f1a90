"""What an edit made of a template or a plan, for the audit trail: facts without secrets, and no script."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from jobfleet.model.difference import MASK
from jobfleet.model.template import FileAction, Plan, PlanStep, PlanVariable, Template, TemplateStep, Variable
from jobfleet.model.variable import VariableType

Facts = dict[str, Any]
Thing = Template | Plan

MAX_TOLD = 100
"""So many steps and variables of one edit are told of; what is left out is counted."""

_SECRET, _HASHED, _COUNTED, _SOURCES = "params", "content", "contents", "sources"


def kept_change(before: Thing, after: Thing) -> Mapping[str, Any]:
    """Return what an edit changed: a pair for each name, text, step and variable that became another.

    A step or variable that is new or gone has null on one side. Scripts are told by the beginning of their SHA-256,
    secrets as ******.

    Source: docs/reference/audit.md.
    """
    pairs = [(name, getattr(before, name, None), getattr(after, name, None)) for name in ("name", "description")]
    found: Facts = {name: [was, now] for name, was, now in pairs if was != now}
    found |= _parts("step", before.steps, after.steps, _step)
    found |= _parts("variable", before.variables, after.variables, _variable)
    if len(found) <= MAX_TOLD:
        return found
    told = dict(list(found.items())[:MAX_TOLD])
    return told | {"more": [None, len(found) - MAX_TOLD]}


def _parts(what: str, before: Sequence[Any], after: Sequence[Any], facts: Callable[[Any], Facts]) -> Facts:
    old, new = {one.id: one for one in before}, {one.id: one for one in after}
    names: Facts = {}
    for part_id in [*new, *(one for one in old if one not in new)]:
        was, now = (None if part_id not in some else facts(some[part_id]) for some in (old, new))
        pair = _differing(was, now)
        if pair is not None:
            names[f"{what} {(now or was or {})['name']}"] = pair
    order = [[facts(one)["name"] for one in some] for some in (before, after)]
    kept = [[one for one in some if one in other] for some, other in ((order[0], order[1]), (order[1], order[0]))]
    return names | ({f"{what}s": order} if kept[0] != kept[1] else {})


def _differing(was: Facts | None, now: Facts | None) -> list[Any] | None:
    """Return what differs between the facts of a part, shown; None where nothing does."""
    if was is None or now is None:
        return [was and _shown(was), now and _shown(now)]
    names = [name for name in {**was, **now} if was.get(name) != now.get(name)]
    return [_shown({name: some.get(name) for name in names}) for some in (was, now)] if names else None


def _shown(facts: Facts) -> Facts:
    """Return facts as they are told: what is empty is left out, what is secret is masked."""
    return {name: MASK if isinstance(value, _Secret) else value for name, value in facts.items() if value}


class _Secret(msgspec.Struct, frozen=True):
    """Hold what is compared and never told."""

    text: str

    def __bool__(self) -> bool:
        return bool(self.text)


def _step(one: TemplateStep | PlanStep) -> Facts:
    if isinstance(one, PlanStep):
        return _step(one.step) | {"enabled": one.enabled}
    facts: Facts = msgspec.to_builtins(one.action, builtin_types=(bytes,))
    kind, target = facts.pop("type", ""), facts.pop("target", None)
    if facts.pop("sensitive", False):
        facts[_SECRET] = _Secret(facts[_SECRET])
    if facts.get(_HASHED):
        facts[_HASHED] = _digest(facts[_HASHED])
    if isinstance(one.action, FileAction):
        facts[_SOURCES] = [_text(source) for source in facts.get(_SOURCES, ())]
        facts[_COUNTED] = [f"{given.name} {_digest(given.content)}" for given in one.action.contents]
    return {"name": one.name, "kind": kind, "ignore_error": one.ignore_error, "target": _text(target)} | facts


def _variable(one: Variable | PlanVariable) -> Facts:
    if isinstance(one, PlanVariable):
        return _variable(one.variable) | {"follows": one.follows}
    facts: Facts = msgspec.to_builtins(one)
    del facts["id"]
    facts["hosts"] = _text(facts["hosts"])
    if one.type is VariableType.PASSWORD:
        facts["value"] = _Secret(one.value)
    return facts


def _digest(content: bytes) -> str:
    return "sha256 " + hashlib.sha256(content).hexdigest()[:12]


def _text(target: Facts | None) -> str:
    """Return hosts that are named as a short text: lists of ten thousand are no reading."""
    named = {name: value for name, value in (target or {}).items() if value}
    text = msgspec.json.encode(named).decode() if named else ""
    return text if len(text) <= 200 else f"{text[:200]}… sha256 {hashlib.sha256(text.encode()).hexdigest()[:12]}"
