"""What the audit trail tells of an edit of a template or a plan."""

import msgspec

from jobfleet.model.kept_change import kept_change
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import Plan, PlanStep, ScriptAction, Template, TemplateStep, Variable
from jobfleet.model.variable import VariableType

ON = TargetSpec(variable="web")
INSTALL = TemplateStep("install", ScriptAction(target=ON, content=b"echo one", params="canary", sensitive=True), id=1)
CHECK = TemplateStep("check", ScriptAction(target=ON, content=b"true"), id=2)
PIN = Variable("pin", VariableType.PASSWORD, "canary", id=1)
BEFORE = Template(7, Scope(ScopeType.BUSINESS, 2), "Release", "", "v", (INSTALL, CHECK), (PIN,), "li", 1, "li", 1)


def edited(step: TemplateStep, **changes: object) -> TemplateStep:
    return msgspec.structs.replace(step, action=msgspec.structs.replace(step.action, **changes))


def test_each_thing_that_became_another_is_told_without_secrets_and_scripts() -> None:
    install = edited(INSTALL, content=b"echo two", params="another canary", timeout_s=60)
    smoke = msgspec.structs.replace(CHECK, name="smoke", id=3)
    pin = msgspec.structs.replace(PIN, value="the last canary")
    after = msgspec.structs.replace(BEFORE, name="Release 2", steps=(install, smoke), variables=(pin,))
    told = kept_change(BEFORE, after)
    assert "canary" not in str(told)
    assert "echo" not in str(told)
    assert told["name"] == ["Release", "Release 2"]
    [was, now] = told["step install"]
    assert (was["params"], now["params"]) == ("******", "******")
    assert was["content"].startswith("sha256 ")
    assert was["content"] != now["content"]
    assert (was.get("timeout_s"), now["timeout_s"]) == (None, 60)
    assert (told["step check"][1], told["step smoke"][0]) == (None, None)
    assert told["step smoke"][1]["target"] == '{"variable":"web"}'
    assert told["variable pin"] == [{"value": "******"}, {"value": "******"}]
    assert set(told) == {"name", "step install", "step smoke", "step check", "variable pin"}


def test_an_order_and_what_a_plan_leaves_out_are_told() -> None:
    assert kept_change(BEFORE, msgspec.structs.replace(BEFORE, steps=(CHECK, INSTALL))) == {
        "steps": [["install", "check"], ["check", "install"]]
    }
    steps = (PlanStep(1, True, INSTALL), PlanStep(2, True, CHECK))
    plan = Plan(9, 7, BEFORE.scope, "all", "v", steps, (), "li", 1, "li", 1)
    fewer = msgspec.structs.replace(plan, steps=(steps[0], PlanStep(2, False, CHECK)))
    assert kept_change(plan, fewer) == {"step check": [{"enabled": True}, {}]}
    assert kept_change(plan, plan) == {}


def test_an_edit_of_more_than_can_be_read_is_counted() -> None:
    many = tuple(msgspec.structs.replace(CHECK, name=f"s{n}", id=n) for n in range(10, 160))
    told = kept_change(BEFORE, msgspec.structs.replace(BEFORE, steps=(*BEFORE.steps, *many)))
    assert told["more"] == [None, 50]
    assert len(told) == 101
