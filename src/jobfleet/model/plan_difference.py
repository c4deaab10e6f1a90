"""How a plan differs from what its template would make of it: steps and variables, one by one."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from itertools import count
from typing import Generic, TypeVar

import msgspec

from jobfleet.model.plan_sync import sync_steps, sync_variables
from jobfleet.model.template import Plan, PlanStep, PlanVariable, Template
from jobfleet.model.variable import VariableType

Part = TypeVar("Part", PlanStep, PlanVariable)
Members = Callable[[Part], Mapping[str, object]]


class PartEffect(StrEnum):
    """Say what synchronising does to a step or variable."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"
    UNCHANGED = "unchanged"


class PartDifference(msgspec.Struct, Generic[Part], frozen=True):
    """Say what becomes of one step or variable; `before` or `after` is None for what comes or goes.

    `fields` names the members that differ, those of what a step does as `definition.NAME`.
    """

    effect: PartEffect
    before: Part | None
    after: Part | None
    fields: tuple[str, ...] = ()


class PlanDifference(msgspec.Struct, frozen=True):
    """Say what synchronising a plan would change, in the template's order; what goes stands at the end."""

    steps: tuple[PartDifference[PlanStep], ...]
    variables: tuple[PartDifference[PlanVariable], ...]


def synced(plan: Plan, template: Template) -> Plan:
    """Return what synchronising would make of a plan; what is new has an id below 0.

    Source: docs/reference/plans.md, «Synchronise».
    """
    fresh = count(-1, -1)
    return msgspec.structs.replace(
        plan,
        steps=sync_steps(plan.steps, template.steps, fresh),
        variables=sync_variables(plan.variables, template.variables, fresh),
    )


def difference(plan: Plan, after: Plan) -> PlanDifference:
    """Return how a plan and what synchronising makes of it differ; both are in clear, or secrets look alike."""
    return PlanDifference(
        tuple(_differences(plan.steps, after.steps, _step_members)),
        tuple(_differences(plan.variables, after.variables, _variable_members)),
    )


def shown_with(found: PlanDifference, plan: Plan, after: Plan) -> PlanDifference:
    """Return a difference with the parts of other forms of the same two plans, such as with secrets hidden."""
    return PlanDifference(
        tuple(_replaced(one, plan.steps, after.steps) for one in found.steps),
        tuple(_replaced(one, plan.variables, after.variables) for one in found.variables),
    )


def _replaced(one: PartDifference[Part], old: Sequence[Part], new: Sequence[Part]) -> PartDifference[Part]:
    return PartDifference(one.effect, _same(one.before, old), _same(one.after, new), one.fields)


def _same(part: Part | None, among: Sequence[Part]) -> Part | None:
    return None if part is None else next(one for one in among if one.id == part.id)


def lost_values(found: PlanDifference) -> frozenset[str]:
    """Return the names of variables whose values mean nothing any more: gone, or of another kind."""
    gone = {one.before.variable.name for one in found.variables if one.before and one.after is None}
    turned = {
        one.before.variable.name
        for one in found.variables
        if one.before and one.after and (_is_list(one.before) is not _is_list(one.after))
    }
    return frozenset(gone | turned)


def _is_list(one: PlanVariable) -> bool:
    return one.variable.type is VariableType.HOSTS


def _differences(old: Sequence[Part], new: Sequence[Part], members: Members[Part]) -> list[PartDifference[Part]]:
    known = {one.id: one for one in old}
    kept = {one.id for one in new if one.id in known}
    places = {one: place for place, one in enumerate(one.id for one in old if one.id in kept)}
    now = {one: place for place, one in enumerate(one.id for one in new if one.id in kept)}
    found: list[PartDifference[Part]] = [
        _one(known.get(one.id), one, members, moved=places.get(one.id) != now.get(one.id)) for one in new
    ]
    found.extend(PartDifference(PartEffect.REMOVED, one, None) for one in old if one.id not in kept)
    return found


def _one(before: Part | None, after: Part, members: Members[Part], *, moved: bool) -> PartDifference[Part]:
    if before is None:
        return PartDifference(PartEffect.ADDED, None, after)
    old, new = members(before), members(after)
    fields = tuple(name for name in {**old, **new} if old.get(name) != new.get(name))
    if fields:
        return PartDifference(PartEffect.CHANGED, before, after, fields)
    return PartDifference(PartEffect.MOVED if moved else PartEffect.UNCHANGED, before, after)


def _step_members(one: PlanStep) -> Mapping[str, object]:
    own: dict[str, object] = {
        "name": one.step.name,
        "kind": type(one.step.action),
        "ignore_error": one.step.ignore_error,
    }
    return own | {f"definition.{name}": value for name, value in msgspec.structs.asdict(one.step.action).items()}


def _variable_members(one: PlanVariable) -> Mapping[str, object]:
    return {name: value for name, value in msgspec.structs.asdict(one.variable).items() if name != "id"}
