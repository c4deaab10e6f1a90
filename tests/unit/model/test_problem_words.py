"""Whatever a refusal says is wrong with a request is said in Chinese, too."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobfleet.model.errors import DeclarationError
from jobfleet.model.messages import message_of, mistakes_of
from jobfleet.model.problems import in_chinese
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import NewTemplate, ScriptAction, TemplateStep, Variable
from jobfleet.model.template_checks import check_template
from jobfleet.model.variable import VariableType, value_trouble

SOURCES = Path(__file__).parents[3] / "src/jobfleet"
SAYING = {"IllegalParameterError", "IllegalParameterReasonError", "BadRequestError", "FieldError", "Mistake"}
ALONE = {"IllegalRequestError"}
"""Errors whose last argument is what is wrong, and those whose only one is."""

ELSEWHERE = ("cli/", "agent/", "sim/", "model/declared", "operations/declare.py")
"""What people read on the command line, in English."""

FILLED = "7"


def said() -> Iterator[tuple[str, str]]:
    """Yield where and what sources say is wrong with a request, every hole filled."""
    for path in SOURCES.rglob("*.py"):
        name = str(path.relative_to(SOURCES))
        if not name.startswith(ELSEWHERE):
            yield from ((f"{name}:{line}", text) for line, text in said_in(ast.parse(path.read_text())))


def said_in(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            is_told = (node.func.id in SAYING and len(node.args) > 1) or node.func.id in ALONE
            text = text_of(node.args[-1]) if is_told else None
            if text is not None and text.strip(f"{FILLED} "):
                yield node.lineno, text


def text_of(node: ast.expr) -> str | None:
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else FILLED for part in parts)
    return None


def test_every_problem_that_is_written_down_has_words_in_chinese() -> None:
    everything = list(said())
    assert len(everything) > 200
    assert [one for one in everything if in_chinese(one[1]) == one[1]] == []


def test_mistakes_of_a_template_keep_their_places() -> None:
    step = TemplateStep("", ScriptAction(target=TargetSpec(variable="hosts"), timeout_s=0, interpreter="/bin/x"))
    variables = (Variable("1x", VariableType.STRING), Variable("1x", VariableType.ASSOCIATIVE, "x"))
    wrong = NewTemplate(Scope(ScopeType.BUSINESS, 2), "", (step,), variables)
    error = DeclarationError([str(one) for one in check_template(wrong)])
    told = mistakes_of(error, "zh")
    assert [one.partition(":")[0] for one in told] == [one.partition(":")[0] for one in error.mistakes]
    assert all(one.isascii() for one in mistakes_of(error, "en"))
    assert not any(one.isascii() for one in told)
    assert message_of(error, "zh") == "请求不合法，原因：" + "；".join(told)


@pytest.mark.parametrize("value", ["x", "(a", "([a])", "(\\)"])
def test_what_is_wrong_with_a_value_is_said_in_chinese(value: str) -> None:
    problem = value_trouble(VariableType.ASSOCIATIVE, value)
    assert problem
    assert not in_chinese(problem).isascii()
