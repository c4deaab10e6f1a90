"""Plans as values: what runs are given, what synchronising keeps, what templates may say."""

from collections.abc import Iterator
from itertools import count

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobfleet.model.definition import ApprovalSpec, FileKind
from jobfleet.model.file_job import NewContent, NewSource
from jobfleet.model.job_errors import HostVariableNotFoundError
from jobfleet.model.plan_sync import sync_steps, sync_variables
from jobfleet.model.plan_values import host_lists, merge, with_hosts
from jobfleet.model.rolling import Rolling
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.script import HIGHEST_TIMEOUT_S, MAX_PARAM_BYTES, MAX_SENSITIVE_PARAM_BYTES
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import (
    FileAction,
    GivenValue,
    NewTemplate,
    PlanStep,
    PlanVariable,
    ScriptAction,
    SqlAction,
    TemplateStep,
    Variable,
    digest_of,
)
from jobfleet.model.template_checks import (
    MAX_CONTENTS_BYTES,
    MAX_DESCRIPTION_CHARACTERS,
    MAX_NAMED,
    MAX_STEPS,
    MAX_VARIABLES,
    check_template,
)
from jobfleet.model.variable import MAX_VALUE_BYTES, VariableType

SCOPE = Scope(ScopeType.BUSINESS, 2)
HOST = TargetSpec((1,))
STRING, HOSTS = VariableType.STRING, VariableType.HOSTS
ACTION = ScriptAction(target=HOST, account_alias="root", content=b"true")

template_steps = st.lists(
    st.builds(TemplateStep, st.text(max_size=3), st.just(ApprovalSpec("?")), st.booleans(), st.integers(1, 9)),
    unique_by=lambda step: step.id,
)
variables = st.lists(
    st.builds(
        Variable,
        name=st.text(max_size=3),
        type=st.sampled_from([STRING, VariableType.PASSWORD]),
        value=st.text(max_size=3),
        id=st.integers(1, 9),
    ),
    unique_by=lambda variable: variable.id,
)


def fresh() -> Iterator[int]:
    return count(1000)


@given(old=template_steps, chosen=st.sets(st.integers(1, 9)), current=template_steps)
def test_synchronising_takes_the_templates_steps_and_keeps_what_was_enabled(
    old: list[TemplateStep], chosen: set[int], current: list[TemplateStep]
) -> None:
    plan = [PlanStep(100 + step.id, step.id in chosen, step) for step in old]
    synced = sync_steps(plan, current, fresh())
    assert [one.step for one in synced] == current
    known = {step.id for step in old}
    assert [one.enabled for one in synced] == [step.id in known & chosen for step in current]
    assert all((one.id == 100 + one.step.id) is (one.step.id in known) for one in synced)
    assert sync_steps(synced, current, fresh()) == synced


@given(old=variables, follows=st.sets(st.integers(1, 9)), current=variables)
def test_synchronising_keeps_own_values_but_where_the_template_is_followed_or_has_another_type(
    old: list[Variable], follows: set[int], current: list[Variable]
) -> None:
    plan = [PlanVariable(100 + one.id, one, one.id in follows) for one in old]
    synced = sync_variables(plan, current, fresh())
    before = {one.id: one for one in old}
    for one, wanted in zip(synced, current, strict=True):
        own = before.get(wanted.id)
        keeps = own is not None and wanted.id not in follows and own.type is wanted.type
        expected = msgspec.structs.replace(wanted, value=own.value) if own is not None and keeps else wanted
        assert one.variable == expected
    assert sync_variables(synced, current, fresh()) == synced


X = PlanVariable(7, Variable("x", STRING, "plan's"))
Y = PlanVariable(8, Variable("y", STRING, "plan's"))
WEB = PlanVariable(9, Variable("web", HOSTS, hosts=HOST))
OTHER = TargetSpec((2,))


@pytest.mark.parametrize(
    ("entries", "x", "y", "web"),
    [
        ([], "plan's", "plan's", HOST),
        ([GivenValue(7, "y", "id")], "id", "plan's", HOST),
        ([GivenValue(None, "y", "name")], "plan's", "name", HOST),
        ([GivenValue(8, "", "id"), GivenValue(None, "y", "name")], "plan's", "id", HOST),
        ([GivenValue(None, "x", "one"), GivenValue(None, "x", "two")], "two", "plan's", HOST),
        ([GivenValue(99, "x", "id of none")], "plan's", "plan's", HOST),
        ([GivenValue(None, "x", "")], "", "plan's", HOST),
        ([GivenValue(None, "x")], "plan's", "plan's", HOST),
        ([GivenValue(None, "web", hosts=OTHER), GivenValue(None, "x", hosts=OTHER)], "plan's", "plan's", OTHER),
        ([GivenValue(None, "web", "text")], "plan's", "plan's", HOST),
    ],
)
def test_values_are_given_by_id_else_by_name(entries: list[GivenValue], x: str, y: str, web: TargetSpec) -> None:
    merged = merge((X, Y, WEB), entries)
    assert [one.variable.value for one in merged[:2]] == [x, y]
    assert merged[2].variable.hosts == web


def test_a_target_that_names_a_host_list_gets_its_hosts() -> None:
    lists = host_lists((X, WEB))
    assert with_hosts(TargetSpec(variable="web"), lists) == HOST
    assert with_hosts(OTHER, lists) == OTHER
    with pytest.raises(HostVariableNotFoundError, match="x"):
        with_hosts(TargetSpec(variable="x"), lists)


def test_a_digest_heeds_every_value_and_no_order_of_members() -> None:
    assert digest_of([{"a": 1, "b": [2, 3]}], []) == digest_of([{"b": [2, 3], "a": 1}], [])
    assert digest_of([{"a": 1, "b": [2, 3]}], []) != digest_of([{"a": 1, "b": [3, 2]}], [])
    assert digest_of([1], []) != digest_of([], [1])


def problems(*steps: TemplateStep, variables: tuple[Variable, ...] = (), name: str = "t") -> list[str]:
    return [str(mistake) for mistake in check_template(NewTemplate(SCOPE, name, steps, variables))]


def of(**changes: object) -> TemplateStep:
    return TemplateStep("one", msgspec.structs.replace(ACTION, **changes))


def named(count_: int) -> tuple[Variable, ...]:
    return tuple(Variable(f"v{number}", STRING) for number in range(count_))


def test_what_is_within_the_limits_is_taken() -> None:
    assert problems(*[of()] * MAX_STEPS, variables=named(MAX_VARIABLES), name="n" * 60) == []
    assert problems(of(timeout_s=HIGHEST_TIMEOUT_S), of(params="p" * MAX_PARAM_BYTES)) == []
    assert problems(of(), variables=(Variable("x", STRING, "v" * MAX_VALUE_BYTES),)) == []
    people = ApprovalSpec("m" * MAX_DESCRIPTION_CHARACTERS, ("n" * MAX_NAMED,) * MAX_NAMED)
    described = (Variable("x", STRING, description="d" * MAX_DESCRIPTION_CHARACTERS),)
    assert problems(TemplateStep("ask", people), variables=described) == []
    files = FileAction(target=HOST, target_path="/x/", account_alias="root", contents=(_content(MAX_CONTENTS_BYTES),))
    assert problems(TemplateStep("one", files)) == []


def _content(size: int) -> NewContent:
    return NewContent("f", bytes(size))


SOURCE = NewSource(FileKind.HOST, ("/a",), None, "root", HOST)
FILES = FileAction(target=HOST, target_path="/x/", account_alias="root", sources=(SOURCE,))


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        (TemplateStep(" ", ACTION), "steps[0].name: is not 1 to 60 characters long"),
        (of(target=TargetSpec()), "steps[0].targets: name no host"),
        (of(target=TargetSpec(variable="web")), "steps[0].targets: web is no host list of this template"),
        (of(account_alias=""), "steps[0].account: is missing"),
        (of(content=b""), "steps[0].script: give either a text or script_version"),
        (of(script_version_id=3), "steps[0].script: give either a text or script_version"),
        (of(timeout_s=0), "steps[0].timeout_s: is not between 1 and 2592000"),
        (of(timeout_s=HIGHEST_TIMEOUT_S + 1), "steps[0].timeout_s: is not between 1 and 2592000"),
        (of(language=6), "steps[0].language: is no script language"),
        (of(params="p" * (MAX_PARAM_BYTES + 1)), "steps[0].params: are longer than 65535 bytes"),
        (
            of(params="p" * (MAX_SENSITIVE_PARAM_BYTES + 1), sensitive=True),
            "steps[0].params: are longer than 48128 bytes",
        ),
        (of(params="\0"), "steps[0].action.params: holds a NUL character"),
        (of(rolling=Rolling("0")), "steps[0].rolling.expression: '0' is no rolling expression"),
        (of(rolling=Rolling("1", wait_random_min_ms=2)), "steps[0].rolling: has waits that"),
        (TemplateStep("a", ApprovalSpec("m" * 4097)), "steps[0].message: is longer than 4096"),
        (TemplateStep("a", ApprovalSpec("?", ("n",) * 101)), "steps[0].users: 101 of them; 0 to 100 are taken"),
        (TemplateStep("a", ApprovalSpec("?", (), ("n" * 101,))), "steps[0].roles: hold a name longer than 100"),
        (TemplateStep("s", SqlAction(target=HOST, content=b"SELECT 1")), "steps[0].db_account: is missing"),
        (TemplateStep("f", msgspec.structs.replace(FILES, sources=())), "steps[0].sources: are missing"),
        (TemplateStep("f", msgspec.structs.replace(FILES, target_path="x")), "steps[0].target_path: is not an abs"),
        (
            TemplateStep("f", msgspec.structs.replace(FILES, contents=(_content(MAX_CONTENTS_BYTES + 1),))),
            "steps: hold more than 20971520 bytes of scripts and files",
        ),
        (
            TemplateStep("f", msgspec.structs.replace(FILES, sources=(msgspec.structs.replace(SOURCE, paths=("a",)),))),
            "steps[0].sources[0].files: 'a' is not an absolute path",
        ),
    ],
)
def test_a_mistake_of_a_step_is_named_with_its_place(step: TemplateStep, problem: str) -> None:
    assert [text for text in problems(step) if text.startswith(problem)]


@pytest.mark.parametrize(
    ("variable", "problem"),
    [
        (Variable("1x", STRING), "variables[0].name: is not letters"),
        (Variable("x" * 61, STRING), "variables[0].name: is not letters"),
        (Variable("x", STRING, "v" * (MAX_VALUE_BYTES + 1)), "variables[0].value: its value is longer"),
        (Variable("x", STRING, description="d" * 4097), "variables[0].description: is longer than 4096"),
        (Variable("x", STRING, hosts=HOST), "variables[0].hosts: are given to a variable that is no host list"),
        (Variable("x", HOSTS, "v"), "variables[0].value: is given to a host list"),
        (Variable("x", HOSTS, hosts=TargetSpec(variable="y")), "variables[0].hosts: name another variable"),
        (Variable("x", VariableType.INDEXED, "$(reboot)"), "variables[0].value: its value is no array"),
    ],
)
def test_a_mistake_of_a_variable_is_named_with_its_place(variable: Variable, problem: str) -> None:
    assert [text for text in problems(of(), variables=(variable,)) if text.startswith(problem)]


def test_too_many_and_none_are_refused() -> None:
    assert problems(*[of()] * (MAX_STEPS + 1)) == [f"steps: {MAX_STEPS + 1} of them; 1 to {MAX_STEPS} are taken"]
    assert problems() == [f"steps: 0 of them; 1 to {MAX_STEPS} are taken"]
    assert len(problems(of(), variables=named(MAX_VARIABLES + 1))) == 1
    twice = problems(of(), variables=(Variable("x", STRING), Variable("x", STRING)))
    assert twice == ["variables[1].name: x is declared by variables[0] already"]
