"""How a plan differs from what its template would make of it."""

from itertools import count

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from jobfleet.model.definition import ApprovalSpec
from jobfleet.model.plan_difference import PartEffect, difference, lost_values, synced
from jobfleet.model.plan_sync import behind, sync_steps, sync_variables
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.template import Plan, Template, TemplateStep, Variable
from jobfleet.model.variable import VariableType

SCOPE = Scope(ScopeType.BUSINESS, 2)


def template(steps: list[tuple[int, str]], variables: list[Variable] | None = None) -> Template:
    made = tuple(TemplateStep(f"step {id_}", ApprovalSpec(message), id=id_) for id_, message in steps)
    return Template(1, SCOPE, "t", "", "v", made, tuple(variables or ()), "li", 1, "li", 1)


def plan_of(of: Template) -> Plan:
    fresh = count(100)
    bare = Plan(1, 1, SCOPE, "p", "v", (), (), "li", 1, "li", 1)
    steps = tuple(msgspec.structs.replace(one, enabled=True) for one in sync_steps((), of.steps, fresh))
    return msgspec.structs.replace(bare, steps=steps, variables=sync_variables((), of.variables, fresh))


def effects(before: Template, after: Template) -> list[tuple[PartEffect, tuple[str, ...]]]:
    plan = plan_of(before)
    return [(one.effect, one.fields) for one in difference(plan, synced(plan, after)).steps]


def test_steps_come_go_change_and_move() -> None:
    found = effects(template([(1, "a"), (2, "b"), (3, "c")]), template([(3, "c"), (1, "x"), (4, "d")]))
    assert found == [
        (PartEffect.MOVED, ()),
        (PartEffect.CHANGED, ("definition.message",)),
        (PartEffect.ADDED, ()),
        (PartEffect.REMOVED, ()),
    ]


def test_an_own_value_stays_and_one_of_another_kind_is_lost() -> None:
    old = template([(1, "a")], [Variable("w", VariableType.STRING, "1", id=7), Variable("h", VariableType.HOSTS, id=8)])
    new = template(
        [(1, "a")], [Variable("w", VariableType.STRING, "2", id=7), Variable("h", VariableType.STRING, "x", id=8)]
    )
    plan = plan_of(old)
    found = difference(plan, synced(plan, new))
    assert [one.effect for one in found.variables] == [PartEffect.UNCHANGED, PartEffect.CHANGED]
    assert lost_values(found) == {"h"}
    assert found.variables[0].after is not None
    assert found.variables[0].after.variable.value == "1"


ids = st.lists(st.integers(1, 9), unique=True, max_size=7)


@given(ids, ids, st.sets(st.integers(1, 9)))
def test_a_synchronised_plan_differs_in_nothing_any_more(old: list[int], new: list[int], changed: set[int]) -> None:
    before = template([(one, "same") for one in old])
    after = template([(one, "other" if one in changed else "same") for one in new])
    plan = plan_of(before)
    coming = synced(plan, after)
    found = difference(plan, coming).steps
    assert [one.after.step.id for one in found if one.after] == new
    assert {one.before.step.id for one in found if one.effect is PartEffect.REMOVED and one.before} == {*old} - {*new}
    again = difference(coming, synced(coming, after)).steps
    assert {one.effect for one in again} <= {PartEffect.UNCHANGED}


@given(st.integers(0, 9), st.integers(1, 9))
def test_a_plan_of_another_version_is_at_least_one_behind(own: int, current: int) -> None:
    assert behind(("a", own), ("a", current)) == 0
    assert behind(("a", own), ("b", current)) == max(1, current - own)
