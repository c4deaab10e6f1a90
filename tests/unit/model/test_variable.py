"""Rules on variables: what may be one, what scripts may make of it, and where `${name}` is replaced."""

from datetime import UTC, datetime

import pytest

from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.expansion import expand, expand_params, imports, texts
from jobfleet.model.variable import (
    MAX_TROUBLE,
    MAX_VALUE_BYTES,
    MAX_VALUES_BYTES,
    JobVariable,
    VariableType,
    acceptable,
    canonical,
    check_variables,
    overlaid,
    same_value,
)

STRING, NAMESPACE, HOSTS = VariableType.STRING, VariableType.NAMESPACE, VariableType.HOSTS
MOMENT = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("${a} $a ${b} ${a}", "1 $a ${b} 1"),
        ("${a", "${a"),
        ("$${a}", "$1"),
        ("${ref}", "${a}"),
        ("${a-b} ${1} ${}", "${a-b} ${1} ${}"),
    ],
)
def test_names_with_a_value_are_replaced_once_and_nothing_else(text: str, expanded: str) -> None:
    assert expand(text, {"a": "1", "ref": "${a}"}, 100) == expanded


def test_the_time_is_not_read_from_values() -> None:
    values = {"a": "[DATEFMT:%Y]"}
    assert expand_params("${a} [DATEFMT:%Y-%m-%d %H] [DATEFMT:", values, MOMENT) == (
        "[DATEFMT:%Y] 2026-02-03 04 [DATEFMT:"
    )


def test_only_strings_stand_for_something() -> None:
    assert texts(JobVariable(kind, kind.name, kind, "x") for kind in VariableType) == {"STRING": "x"}


def test_imports_are_lines_of_comment_and_told_once() -> None:
    script = (
        b"#!/bin/bash\n# job_import {{a}}\n  #job_import {{ b }} # why\necho # job_import {{c}}\n# job_import {{a}}\n"
    )
    assert imports(script + b"# job_import {{$(id)}}\n# job_import {d}") == ["a", "b"]


def test_what_scripts_may_not_change_is_not_overlaid() -> None:
    before = [
        JobVariable(1, "a", STRING, "1"),
        JobVariable(2, "b", STRING, "2", changeable=False),
        JobVariable(3, "c", NAMESPACE, "3"),
        JobVariable(4, "d", HOSTS, "0:127.0.0.1"),
    ]
    after = overlaid(before, dict.fromkeys("abcdef", "x"))
    assert [one.value for one in after] == ["x", "2", "3", "0:127.0.0.1"]


def test_as_much_as_may_be_is_taken_of_a_task_and_no_more() -> None:
    size = MAX_VALUES_BYTES // 4 - 2
    full = {f"v{number}": "x" * size for number in range(4)}
    assert acceptable(full) == (full, [])
    kept, trouble = acceptable({**full, "w": ""})
    assert (kept, trouble) == (full, ["variable 'w' is not kept: all are too long together"])
    for count in (MAX_TROUBLE, MAX_TROUBLE + 1):
        assert len(acceptable({f"-{number}": "" for number in range(count)})[1]) == MAX_TROUBLE


def test_values_may_be_as_long_as_is_said() -> None:
    values = [
        JobVariable(n, f"v{n}", STRING, "x" * MAX_VALUE_BYTES) for n in range(MAX_VALUES_BYTES // MAX_VALUE_BYTES)
    ]
    check_variables(values)
    check_variables([*values, JobVariable(9, "hosts", HOSTS, "h" * MAX_VALUES_BYTES)])
    with pytest.raises(IllegalParameterReasonError):
        check_variables([*values, JobVariable(9, "more", STRING, "x")])


def test_a_text_that_is_no_unicode_is_refused_by_name() -> None:
    with pytest.raises(IllegalParameterReasonError, match="variable odd"):
        check_variables([JobVariable(1, "odd", STRING, "\udc80")])


def test_arrays_are_the_same_however_they_are_written() -> None:
    assert same_value(VariableType.INDEXED, "(a [1]='b')", '("a" "b")')
    assert not same_value(STRING, "(a)", '("a")')
    assert canonical(VariableType.ASSOCIATIVE, "([k]=v )") == '(["k"]="v")'
