"""Scripts with variables and secret parameters, with a real agent and real processes."""

import os
import signal
import stat
from pathlib import Path

import pytest
from tests.integration.agent.server import Site, run_order, until
from tests.walking import content_of, files_below

from jobfleet.agent.command import NoInterpreterError
from jobfleet.agent.left import MAX_FILE_BYTES
from jobfleet.agent.shells import Interpreter, Kind, with_variables
from jobfleet.model.order import ScriptVariable
from jobfleet.model.outcome import ErrorCode, Outcome
from jobfleet.model.variable import MAX_VALUE_BYTES, MAX_VALUES_BYTES, VariableType

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may run scripts as others")
STRING = VariableType.STRING


def kept(name: str, value: str, kind: VariableType = STRING) -> ScriptVariable:
    return ScriptVariable(name, kind, value, is_kept=True)


def names_in(directory: str) -> list[str]:
    return sorted(path.name for path in Path(directory).iterdir())


async def test_a_script_gets_its_variables_and_what_it_leaves_is_reported(shared: Site) -> None:
    variables = (kept("x", "it's $x"), kept("y", "same"), kept("l", '("a" "b")', VariableType.INDEXED))
    order = run_order('echo "$x"; x=new; l+=(c); exit 3', variables=variables)
    result = await shared.host.run(order)
    assert (result.outcome, result.exit_code, result.message) == (Outcome.FAILED, 3, "")
    assert result.left == {"x": "new", "l": '("a" "b" "c")'}
    assert shared.host.output(order.task_id) == b"it's $x\n"


@AS_ROOT
async def test_what_is_beside_a_script_is_its_accounts_alone_and_gone_afterwards(
    shared: Site, other_account: str
) -> None:
    script = 'd=${0%/*}; stat -c "%U %a" "$d" "$d"/*; echo "$d"; ls "$d"; x=new'
    order = run_order(script, account=other_account, variables=(kept("x", "old"),))
    result = await shared.host.run(order)
    printed = shared.host.output(order.task_id).decode().splitlines()
    assert printed[:5] == [f"{other_account} {mode}" for mode in ("700", "500", "600", "600", "600")]
    stem = "bk_gse_script_11_12"
    assert printed[6:] == [
        f"{stem}.sh",
        f"{stem}_params_input.env",
        f"{stem}_params_output.env",
        f"{stem}_wrapper.sh",
    ]
    assert result.left == {"x": "new"}
    await until(lambda: not Path(printed[5]).exists())


@AS_ROOT
async def test_the_values_are_taken_away_when_the_script_ends_though_others_print_on(
    shared: Site, other_account: str
) -> None:
    script = 'echo "${0%/*}"; setsid sleep 60 & echo $!'
    order = run_order(script, account=other_account, variables=(kept("x", "s3cr3t"),))
    await shared.host.run(order)
    directory, sleeper = shared.host.output(order.task_id).decode().split()
    try:
        assert names_in(directory) == ["bk_gse_script_11_12.sh"]
    finally:
        os.kill(int(sleeper), signal.SIGKILL)


async def test_values_outlive_the_death_of_the_agent(own: Site) -> None:
    order = run_order("x=new; echo up; until [ -e $0.go ]; do sleep 0.05; done", variables=(kept("x", "old"),))
    assert (await own.host.order(order)).accepted
    await until(lambda: own.host.output(order.task_id))  # the start alone is told before its files are there
    [script] = (own.agent.data_dir / "tasks" / str(order.task_id)).glob("*_12.sh")
    await own.agent.stop(signal.SIGKILL)
    os.close(os.open(f"{script}.go", os.O_CREAT))
    await own.agent.start()
    result = await own.host.result(order.task_id)
    assert (result.exit_code, result.left) == (0, {"x": "new"})


async def test_a_script_that_was_killed_leaves_nothing(shared: Site) -> None:
    order = run_order("x=new; trap '' TERM; while :; do sleep 0.1; done", variables=(kept("x", "old"),), timeout_s=1)
    result = await shared.host.run(order)
    assert (result.outcome, result.left) == (Outcome.TIMED_OUT, {})


async def test_a_value_may_be_as_long_as_is_said_and_no_longer(shared: Site) -> None:
    script = f"x=$(printf '%*s' {MAX_VALUE_BYTES} ''); y=\"$x \"; z=$'\\xff'"
    result = await shared.host.run(run_order(script, variables=tuple(kept(name, "old") for name in "xyz")))
    assert result.left == {"x": " " * MAX_VALUE_BYTES}
    assert f"variable y is not kept: its value is longer than {MAX_VALUE_BYTES} bytes" in result.message
    assert "variable z is not kept: its value is not UTF-8 text" in result.message
    assert result.exit_code == 0


async def test_all_values_of_a_task_may_be_as_long_as_is_said_and_no_longer(shared: Site) -> None:
    count = MAX_VALUES_BYTES // MAX_VALUE_BYTES
    names = [f"v{number}" for number in range(count)]
    script = f"x=$(printf '%*s' {MAX_VALUE_BYTES} ''); for n in {' '.join(names)}; do printf -v $n %s \"$x\"; done; w=1"
    variables = tuple(kept(name, "old") for name in [*names, "w"])
    result = await shared.host.run(run_order(script, variables=variables))
    assert set(result.left) == set(names)
    assert "variable w is not kept" in result.message


async def test_a_flood_of_values_is_not_read(shared: Site) -> None:
    script = f"x=$(printf '%*s' {MAX_FILE_BYTES} '')"
    result = await shared.host.run(run_order(script, variables=(kept("x", "old"),)))
    assert (result.left, "none is kept" in result.message) == ({}, True)


@pytest.mark.parametrize("forged", ["ln -s /etc/hostname", "mkfifo", "mkdir"])
async def test_what_is_no_plain_file_is_not_read(shared: Site, forged: str) -> None:
    script = f'trap - EXIT; f="${{0%.sh}}_params_output.env"; rm "$f"; {forged} "$f"; kill -9 $$'
    result = await shared.host.run(run_order(script, variables=(kept("x", "old"),)))
    assert (result.exit_code, result.left) == (137, {})


@pytest.mark.parametrize(
    "written",
    [b"", b"x\0s\0new\0", b"x\0a\0" + b"9" * 30 + b"\0.\0end\0", b"x\0?\0new\0.\0end\0", b"no\0s\0v\0.\0end\0"],
)
async def test_what_no_wrapper_wrote_is_not_taken(shared: Site, written: bytes) -> None:
    text = "".join(f"\\x{byte:02x}" for byte in written)
    script = f"printf '{text}' > \"${{0%.sh}}_params_output.env\"; kill -9 $$"
    result = await shared.host.run(run_order(script, variables=(kept("x", "old"),)))
    assert result.left == {}


SECRET = "s3cr3t-parameter"
SHOW = "import os; print(os.sys.argv[1:], open('/proc/self/cmdline').read(), open('/proc/self/environ').read())"


@pytest.mark.parametrize(
    ("language", "script", "printed"),
    [
        (1, 'echo "$# $1|$2"; cat /proc/$$/cmdline /proc/$$/environ', "2 s3cr3t-parameter|two three"),
        (1, '#!/bin/sh\necho "$# $1|$2"; cat /proc/$$/cmdline /proc/$$/environ', "2 s3cr3t-parameter|two three"),
        (
            3,
            'print "$0 @ARGV|", <DATA>; exec("cat", "/proc/$$/environ")\n__DATA__\nread',
            " s3cr3t-parameter two three|read",
        ),
        (4, f"{SHOW}; print(__name__, __file__)", "['s3cr3t-parameter', 'two three']"),
        (4, "#!/usr/bin/env -S python3 -u\nimport sys; print(sys.argv[1:])", "['s3cr3t-parameter', 'two three']"),
    ],
)
async def test_secret_parameters_arrive_and_are_in_no_list_of_processes(
    shared: Site, language: int, script: str, printed: str
) -> None:
    order = run_order(script, language=language, params=f"{SECRET} 'two three'", is_private=True)
    result = await shared.host.run(order)
    output = shared.host.output(order.task_id).decode()
    assert (result.exit_code, result.message) == (0, "")
    assert printed in output
    assert output.count("s3cr3t") == 1


async def test_secret_parameters_are_refused_where_they_would_be_seen(shared: Site) -> None:
    result = await shared.host.run(run_order("#!/usr/bin/awk -f\nBEGIN {}", params="x", is_private=True))
    assert (result.error_code, "sensitive parameters" in result.message) == (ErrorCode.CANNOT_START, True)


async def test_a_script_of_another_language_gets_no_variables(shared: Site) -> None:
    order = run_order("#!/usr/bin/env python3\nimport os; print('x' in os.environ)", variables=(kept("x", "1"),))
    await shared.host.run(order)
    assert shared.host.output(order.task_id) == b"False\n"


def test_a_host_without_bash_says_so() -> None:
    with pytest.raises(NoInterpreterError, match="need bash"):
        with_variables(Interpreter(Kind.SHELL, "/bin/sh"), lambda _name: None)


async def test_the_journal_is_its_owners_alone(own: Site) -> None:
    order = run_order("echo up; sleep 60", variables=(kept("x", "s3cr3t"),))
    await own.host.order(order)
    await until(lambda: own.host.output(order.task_id))
    directory = own.agent.data_dir / "tasks" / str(order.task_id)
    holding = {path.name: state for path, state in files_below(directory) if b"s3cr3t" in content_of(path)}
    assert set(holding) == {"entry", "bk_gse_script_11_12_params_input.env"}
    assert {stat.S_IMODE(state.st_mode) for state in holding.values()} == {0o600}
    await own.host.kill(order.task_id)
    await own.host.result(order.task_id)
