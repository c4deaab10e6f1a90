"""Real shells run wrapped scripts: what they get, what they leave, and that they do not notice the wrapper."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.waiting import WITHIN_S

from jobfleet.agent import wrapper
from jobfleet.agent.left import Left, read_left
from jobfleet.agent.shells import interpreter_of, with_variables
from jobfleet.agent.wrapper import Beside
from jobfleet.model.arrays import render_array
from jobfleet.model.order import ScriptVariable
from jobfleet.model.variable import VariableType, array_of

STRING, ASSOCIATIVE, INDEXED = VariableType.STRING, VariableType.ASSOCIATIVE, VariableType.INDEXED
SHELLS = ["bash", "ksh93", "mksh"]
TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=12)


class Ran:
    """A wrapped script that has run."""

    def __init__(
        self, directory: Path, script: str, *variables: ScriptVariable, shebang: str = "", params: str = ""
    ) -> None:
        content = f"#!{shebang}\n{script}" if shebang else script
        beside = Beside(directory / "bk_gse_script_1_2.sh")
        beside.script.write_text(content)
        shell = with_variables(interpreter_of(content.encode(), 1, shutil.which), shutil.which)
        known = wrapper.understood(variables, shell.kind)
        beside.declarations.write_bytes(wrapper.declarations(known))
        beside.wrapper.write_bytes(wrapper.wrapper(shell, beside, params, known))
        beside.left.write_bytes(b"")
        self.argv = wrapper.shell_command(shell, beside)
        ran = subprocess.run(self.argv, capture_output=True, check=False, timeout=WITHIN_S, cwd=directory)
        self.code = ran.returncode
        self.out, self.err = ran.stdout.decode(errors="replace"), ran.stderr.decode(errors="replace")
        self.left: Left = read_left(beside.left, known)


def kept(name: str, value: str, kind: VariableType = STRING) -> ScriptVariable:
    return ScriptVariable(name, kind, value, is_kept=True)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("x=new", 0),
        ("x=new; exit 3", 3),
        ("set -e; x=new; false; x=never", 1),
        ("set -eu; x=new; echo $no_such; x=never", 1),
        ("x=new; return 4", 4),
        ("f() { x=new; exit 5; }; f", 5),
        ("trap 'x=new' EXIT; exit 6", 6),
        ("trap 'x=new; exit 7' EXIT; x=new; exit 6", 7),
        ("trap 'echo ended $?' 0 INT; x=new; exit 8", 8),
        ("trap 'x=no' EXIT; trap - EXIT; x=new", 0),
        ("trap -- 'x=new' EXIT TERM; exit 9", 9),
        ("x=new; ( trap 'echo inner' EXIT; exit 1 ); exit 2", 2),
        ("x=new; y=$(exit 3)", 3),
        ("set -x; x=new", 0),
        ("set -C; IFS=e; x=new; cd /; umask 777", 0),
        ("x=new; exec 1>&- 2>&-", 0),
        ("x=new; set -f; set -- a b; shift; exit 0", 0),
        ("x=new; true &\nwait", 0),
    ],
)
def test_a_script_leaves_its_variable_and_ends_as_it_would_alone(
    tmp_path: Path, shell: str, script: str, code: int
) -> None:
    alone = tmp_path / "alone.sh"
    alone.write_text(f"x=old; {script}".replace("return", "exit"))
    ran = Ran(tmp_path, script, kept("x", "old"), shebang=f"/usr/bin/env {shell}")
    expected = subprocess.run([shell, alone], capture_output=True, check=False, timeout=WITHIN_S, cwd=tmp_path)
    assert (ran.code, ran.code) == (code, expected.returncode)
    assert ran.left == Left({"x": "new"})
    assert ran.out == expected.stdout.decode()


@pytest.mark.parametrize("shell", SHELLS)
def test_a_traced_script_shows_no_value_of_ours(tmp_path: Path, shell: str) -> None:
    secret = kept("password", "s3cr3t-value")
    for script, shebang in (("set -x; true", f"/usr/bin/env {shell}"), ("true", f"{shutil.which(shell)} -x")):
        ran = Ran(tmp_path, script, secret, shebang=shebang)
        assert ("s3cr3t" in ran.err, "true" in ran.err) == (False, True)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_end_of_a_subshell_is_its_own(tmp_path: Path, shell: str) -> None:
    script = "trap 'echo outer' EXIT; ( trap 'echo inner' EXIT; x=2; exit 1 ); x=1"
    ran = Ran(tmp_path, script, kept("x", "0"), shebang=f"/usr/bin/env {shell}")
    assert (ran.out, ran.left.values) == ("inner\nouter\n", {"x": "1"})


@pytest.mark.parametrize("shell", SHELLS)
@settings(max_examples=15, deadline=None)
@given(text=TEXTS, listed=st.lists(TEXTS, max_size=4))
def test_values_come_and_go_as_they_are(
    tmp_path_factory: pytest.TempPathFactory, shell: str, text: str, listed: list[str]
) -> None:
    rendered = render_array({str(place): one for place, one in enumerate(listed)}, associative=False)
    script = 'y=$x; m=("${l[@]}")' if shell == "bash" else 'y=$x; set -A m -- "${l[@]}"'
    ran = Ran(
        tmp_path_factory.mktemp("values"),
        script,
        kept("x", text),
        kept("y", "-"),
        kept("l", rendered, INDEXED),
        kept("m", '("-")', INDEXED),
        shebang=f"/usr/bin/env {shell}",
    )
    expected = {"y": text, "m": rendered}
    assert (ran.code, ran.err) == (0, "")
    assert ran.left == Left({name: value for name, value in expected.items() if value not in {"-", '("-")'}})


@settings(max_examples=15, deadline=None)
@given(items=st.dictionaries(TEXTS.filter(bool), TEXTS, max_size=4))
def test_associative_arrays_come_and_go_as_they_are(
    tmp_path_factory: pytest.TempPathFactory, items: dict[str, str]
) -> None:
    given_array = kept("a", render_array(items, associative=True), ASSOCIATIVE)
    script = 'for k in "${!a[@]}"; do b[$k]=${a[$k]}; done; c=${#a[@]}'
    ran = Ran(tmp_path_factory.mktemp("arrays"), script, given_array, kept("b", "()", ASSOCIATIVE), kept("c", ""))
    found = dict(ran.left.values)
    assert (ran.code, ran.err, found.pop("c")) == (0, "", str(len(items)))
    assert [array_of(ASSOCIATIVE, value) for value in found.values()] == ([items] if items else [])


def test_a_script_sees_its_own_name_arguments_and_source(tmp_path: Path) -> None:
    script = 'echo "$0 ${BASH_SOURCE[0]} $# $1 $2"'
    ran = Ran(tmp_path, script, kept("x", "1"), params="'a b'  \"$x-c\"")
    name = f"{tmp_path}/bk_gse_script_1_2.sh"
    assert (ran.out, ran.err) == (f"{name} {name} 2 a b 1-c\n", "")
    assert "a b" not in " ".join(ran.argv)


def test_parameters_that_are_no_command_line_end_the_script_before_it_starts(tmp_path: Path) -> None:
    ran = Ran(tmp_path, "echo ran; x=2", kept("x", "1"), params="'open")
    assert (ran.code, ran.out, ran.left) == (2, "", Left({}))


def test_values_are_in_no_environment(tmp_path: Path) -> None:
    ran = Ran(tmp_path, "env; cat /proc/$$/environ /proc/$$/cmdline", kept("x", "s3cr3t"), params="s3cr3t")
    assert (ran.code, "s3cr3t" in ran.out) == (0, False)


def test_other_shells_scripts_run_as_bash(tmp_path: Path) -> None:
    ran = Ran(tmp_path, "echo ${BASH_VERSION:+bash}; x=2", kept("x", "1"), shebang="/bin/sh -e")
    assert (ran.out, ran.left.values) == ("bash\n", {"x": "2"})


def test_only_what_is_kept_is_taken_back(tmp_path: Path) -> None:
    ran = Ran(tmp_path, "x=2; y=2; z=2; unset w", ScriptVariable("x", STRING, "1"), kept("y", "1"), kept("w", "1"))
    assert ran.left.values == {"y": "2"}
