"""A plan as a file: what its TOML may say, and what becomes of it."""

from pathlib import Path

import pytest

from jobfleet.model.declared_plan import LocalFiles, local_names, parse_declaration
from jobfleet.model.definition import ApprovalSpec, FileKind, TransferMode
from jobfleet.model.difference import MASK
from jobfleet.model.errors import DeclarationError
from jobfleet.model.plan_reader import Reader
from jobfleet.model.rolling import Rolling, RollingMode
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.script import Language
from jobfleet.model.target import Address, TargetSpec
from jobfleet.model.template import FileAction, NewTemplate, ScriptAction, SqlAction, Template, TemplateStep, Variable
from jobfleet.model.template_checks import check_template
from jobfleet.model.variable import VariableType

SCOPE = Scope(ScopeType.BUSINESS, 2)
EXAMPLE = Path(__file__).parents[3] / "examples/release.toml"
FILES = LocalFiles({}, {"release/app.sh": "stored/app.sh"})


def read(text: str, files: LocalFiles = FILES, old: Template | None = None) -> NewTemplate:
    """Return the template of a text that has no mistakes."""
    reader = Reader(files, 1)
    made = reader.template(SCOPE, parse_declaration(text), old)
    assert [*reader.mistakes, *check_template(made)] == []
    return made


def mistakes(text: str) -> list[str]:
    """Return the mistakes of a text, as people are told."""
    try:
        declared = parse_declaration(text)
    except DeclarationError as error:
        return list(error.mistakes)
    reader = Reader(LocalFiles(), 1)
    reader.template(SCOPE, declared, None)
    return [str(mistake) for mistake in reader.mistakes]


def test_the_example_has_every_kind_of_step_and_every_type_of_variable() -> None:
    made = read(EXAMPLE.read_text())
    assert {type(step.action) for step in made.steps} == {ScriptAction, SqlAction, FileAction, ApprovalSpec}
    assert {one.type for one in made.variables} == set(VariableType)
    values = {one.name: one.value for one in made.variables}
    assert (values["ports"], values["features"]) == ('(["web"]="8080" ["admin"]="9090")', '("search" "dark mode")')
    assert any(step.ignore_error for step in made.steps)
    install = next(step.action for step in made.steps if step.name == "install")
    assert isinstance(install, ScriptAction)
    assert install.rolling == Rolling("1 100%", RollingMode.PAUSE_ON_FAILURE)
    assert (install.account_id, install.target) == (1, TargetSpec(variable="web"))
    send = next(step.action for step in made.steps if isinstance(step.action, FileAction))
    assert [source.kind for source in send.sources] == [FileKind.HOST, FileKind.UPLOAD]
    assert [one.content for one in send.contents] == [b"mode = production\n"]


def test_the_local_files_of_a_file_are_known() -> None:
    assert local_names(parse_declaration(EXAMPLE.read_text())) == (set(), {"release/app.sh"})
    text = HEAD + STEP.replace('script = "true"', 'script_file = "a.sh"')
    assert local_names(parse_declaration(text)) == ({"a.sh"}, set())
    [step] = read(text, LocalFiles({"a.sh": b"echo"})).steps
    assert isinstance(step.action, ScriptAction)
    assert step.action.content == b"echo"


HEAD = '[template]\nname = "t"\n'
STEP = '[[steps]]\nkind = "script"\nname = "one"\ntargets = ["10.0.0.1", "group:g"]\nscript = "true"\n'
SEND = '[[steps]]\nkind = "file"\nname = "one"\ntargets = ["1"]\ntarget_path = "/x"\nmode = "by_ip"\n'


def test_words_become_what_the_engine_knows() -> None:
    [step] = read(HEAD + STEP + 'language = "python"\naccount = "web"\nsensitive_params = "-p 1"').steps
    assert isinstance(step.action, ScriptAction)
    assert step.action.language == Language.PYTHON
    assert (step.action.params, step.action.sensitive) == ("-p 1", True)
    assert (step.action.account_id, step.action.account_alias) == (None, "web")
    assert step.action.target == TargetSpec(addresses=(Address(0, "10.0.0.1"),), dynamic_groups=("g",))
    source = '[[steps.sources]]\nfile_source = "s3"\nfiles = ["bucket/a"]\n'
    [sent] = read(HEAD + SEND + source).steps
    assert isinstance(sent.action, FileAction)
    assert sent.action.mode == TransferMode.SAFE_BY_IP
    assert sent.action.sources[0].file_source_code == "s3"


def test_what_keeps_its_name_keeps_its_id_and_a_password_that_is_left_out_stays() -> None:
    password = '[[variables]]\nname = "p"\ntype = "password"\n'
    old = Template(
        id=1,
        scope=SCOPE,
        name="t",
        description="",
        version="v",
        steps=(TemplateStep("one", ApprovalSpec("?"), id=11),),
        variables=(Variable("p", VariableType.PASSWORD, "secret", id=12),),
        creator="",
        created_at=0,
        modifier="",
        modified_at=0,
    )
    made = read(HEAD + password + STEP + STEP.replace('"one"', '"two"'), old=old)
    assert [step.id for step in made.steps] == [11, 0]
    assert [(one.id, one.value) for one in made.variables] == [(12, MASK)]
    assert read(HEAD + password + STEP).variables[0].value == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x", "not TOML: "),
        ("[other]", "other: unknown table; known are template, plan, variables, steps"),
        ("[template]", "template.name: is missing"),
        (HEAD + "[steps]", "steps: write it as an array of tables: [[steps]]"),
        (HEAD + "[[steps]]\nname = 'x'", "steps[0].kind: is none of script, sql, file, approval"),
        (HEAD + STEP + "timeout = 3", "steps[0].timeout: unknown field"),
        (HEAD + STEP + "timeout_s = 'x'", "steps[0].timeout_s: expected `int | null`, got `str`"),
        (HEAD + STEP + "rolling = { mode = 'ask' }", "steps[0].rolling.expression: is missing"),
        (HEAD + STEP.replace("10.0.0.1", "host one"), "steps[0].targets: 'host one' is no address"),
        (HEAD + STEP + STEP, "steps[1].name: 'one' is declared already"),
        (HEAD + STEP + 'params = "a"\nsensitive_params = "b"', "steps[0].sensitive_params: are given beside params"),
        (HEAD + STEP + 'script_file = "a"', "steps[0].script_file: is given beside script"),
        (HEAD + STEP.replace("script =", "script_file ="), "steps[0].script_file: true was not sent along"),
        (HEAD + SEND + "[[steps.sources]]", "steps[0].sources[0]: give one of"),
        (HEAD + SEND + "[[steps.sources]]\ncontent = 'x'\nfiles = ['/a']", "steps[0].sources[0].name: is missing"),
        (HEAD + "[[variables]]\nname = 'x'\nvalue = ['a']\n" + STEP, "variables[0].value: is no value of type string"),
        (HEAD + "[[variables]]\nname = 'x'\ntype = 'map'\n" + STEP, "variables[0].type: invalid enum value 'map'"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, told: str) -> None:
    assert [mistake for mistake in mistakes(text) if mistake.startswith(told)], mistakes(text)
