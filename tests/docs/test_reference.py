"""The reference misses nothing that the code has."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

from jobfleet.model import errors
from jobfleet.model.caller import PLATFORM_NEEDS, SCOPE_NEEDS, Action, Role
from jobfleet.model.job import JobOperation, StepOperation
from jobfleet.model.messages import TEXTS
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.settings import FIELDS, allowed, description_of, flag_of

REFERENCE = Path(__file__).parents[2] / "docs/reference"


def page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def all_errors(root: type[errors.JobfleetError]) -> Iterator[type[errors.JobfleetError]]:
    yield root
    for child in root.__subclasses__():
        yield from all_errors(child)


@pytest.mark.parametrize("name", list(FIELDS))
def test_every_setting_is_in_the_reference_with_its_values_default_and_meaning(name: str) -> None:
    line = next(line for line in page("settings.md").splitlines() if line.startswith(f"| `{name}` |"))
    assert f"`--{flag_of(name)}`" in line
    assert f"`JOBFLEET_{name.upper()}`" in line
    assert f"| {allowed(name)} |" in line
    assert "None" not in line
    assert description_of(name) in line
    default = FIELDS[name].default
    if default not in (msgspec.NODEFAULT, ""):
        assert f"`{str(default).lower() if isinstance(default, bool) else default}`" in line


def test_the_reference_has_no_setting_that_is_gone() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", page("settings.md"), re.MULTILINE)) == set(FIELDS)


@pytest.mark.parametrize("status", [*RunStatus, *TaskStatus], ids=str)
def test_every_status_is_in_the_reference(status: int) -> None:
    assert re.search(rf"^\| *{int(status)} *\|", page("status-codes.md"), re.MULTILINE)


@pytest.mark.parametrize("operation", [*JobOperation, *StepOperation], ids=str)
def test_every_operation_is_in_the_reference(operation: int) -> None:
    assert re.search(rf"^\| *{int(operation)} *\|", page("status-codes.md"), re.MULTILINE)


@pytest.mark.parametrize("code", sorted({error.code for error in (*TEXTS, *all_errors(errors.JobfleetError))}))
def test_every_error_code_is_in_the_reference(code: int) -> None:
    assert str(code) in page("error-codes.md")


@pytest.mark.parametrize(
    ("heading", "needs"), [("In a business or business set", SCOPE_NEEDS), ("On the platform", PLATFORM_NEEDS)]
)
def test_every_action_is_in_the_reference_with_the_role_that_it_needs(
    heading: str, needs: Mapping[Action, Role]
) -> None:
    [section] = [part for part in page("permissions.md").split("\n## ") if part.startswith(heading)]
    told = dict(re.findall(r"^\| `([\w-]+)` \| (\w+) \|", section, re.MULTILINE))
    assert told == {action.value: role.value for action, role in needs.items()}


def test_every_action_is_needed_somewhere() -> None:
    assert {*SCOPE_NEEDS, *PLATFORM_NEEDS} == set(Action)
