"""What a script's result and output are, with a real agent and real processes."""

import os
import pwd
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.agent.gate import Gate
from tests.integration.agent.server import AS_IT_IS, Broker, Site, run_order, site, until
from tests.walking import files_below

from jobfleet.agent import kill
from jobfleet.agent.account import find
from jobfleet.agent.output import truncation_marker
from jobfleet.model.order import STDERR, STDOUT
from jobfleet.model.outcome import ErrorCode, Outcome

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may run scripts as others")

PATIENT = """
import jobfleet.agent.reports, jobfleet.agent.runner
jobfleet.agent.reports.Reporter.add.__defaults__ = (600.0,)
jobfleet.agent.runner.STRAGGLER_S = 600.0
"""
"""An agent for which no moment passes by itself: it reports a script at its end, and waits for what prints after it."""


@pytest.fixture(scope="module")
async def patient(open_broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """Give an agent with waits that no busy machine outlasts."""
    place = tmp_path_factory.mktemp("patient") / "agent"
    async with site(place, open_broker, host_id=8, code=PATIENT + AS_IT_IS) as found:
        yield found


@pytest.mark.parametrize("code", [1, 2, 126, 127, 255])
async def test_a_failed_script_reports_its_exit_code(shared: Site, code: int) -> None:
    result = await shared.host.run(run_order(f"exit {code}"))
    assert (result.outcome, result.exit_code, result.error_code) == (Outcome.FAILED, code, ErrorCode.OK)


async def test_a_successful_script_costs_one_report_with_start_output_tag_and_result(patient: Site) -> None:
    order = run_order("echo hello\necho 'job_success:[all good]'")
    before = len(patient.host.reports)
    result = await patient.host.run(order)
    [report] = patient.host.reports[before:]
    assert (result.outcome, result.exit_code, result.tag) == (Outcome.SUCCEEDED, 0, "all good")
    assert patient.host.output(order.task_id) == b"hello\njob_success:[all good]\n"
    assert [started.task_id for started in report.started] == [order.task_id]
    assert result.started_at <= result.ended_at <= time.time_ns() // 1_000_000


async def test_a_script_ended_by_a_signal_reports_128_and_its_number(shared: Site) -> None:
    result = await shared.host.run(run_order("kill -9 $$"))
    assert (result.outcome, result.exit_code) == (Outcome.FAILED, 137)


@pytest.mark.parametrize(
    ("language", "script", "printed"),
    [
        (1, "echo ${BASH_VERSION:+bash}", b"bash\n"),
        (1, "#!/bin/sh\necho $0 | sed 's/.*bk_gse/bk_gse/'", b"bk_gse_script_11_12.sh\n"),
        (3, 'print "perl $ARGV[0]\\n"', b"perl one\n"),
        (4, "import sys\nprint('python', *sys.argv[1:])", b"python one two three\n"),
        (4, "#!/usr/bin/env perl\nprint 'shebang wins'", b"shebang wins"),
    ],
)
async def test_shebang_or_language_chooses_the_interpreter(
    shared: Site, language: int, script: str, printed: bytes
) -> None:
    order = run_order(script, language=language, params="one\n'two three'")
    await shared.host.run(order)
    assert shared.host.output(order.task_id) == printed


async def test_parameters_are_read_as_on_a_command_line(shared: Site) -> None:
    order = run_order('for a in "$@"; do echo "<$a>"; done', params="a 'b c'\n\"d  e\" $HOME")
    await shared.host.run(order)
    home = pwd.getpwuid(os.geteuid()).pw_dir
    assert shared.host.output(order.task_id).decode() == f"<a>\n<b c>\n<d  e>\n<{home}>\n"


@AS_ROOT
async def test_a_script_runs_as_its_account_in_its_home_with_its_groups(shared: Site, other_account: str) -> None:
    order = run_order('id -un; id -Gn; echo "$USER $LOGNAME $HOME"; pwd', account=other_account)
    result = await shared.host.run(order)
    name, groups, environment, directory = shared.host.output(order.task_id).decode().splitlines()
    assert result.exit_code == 0
    assert (name, environment.split()[:2]) == (other_account, [other_account] * 2)
    assert "root" not in groups.split()
    assert directory == find(other_account).working_directory


@AS_ROOT
async def test_another_account_may_write_to_dev_stdout_and_stderr(shared: Site, other_account: str) -> None:
    order = run_order("echo out > /dev/stdout; echo err > /dev/stderr", account=other_account)
    result = await shared.host.run(order)
    assert result.exit_code == 0
    assert shared.host.output(order.task_id) == b"out\nerr\n"


async def test_an_unknown_account_is_named_with_code_122(shared: Site) -> None:
    result = await shared.host.run(run_order("true", account="no-such-account"))
    assert (result.outcome, result.error_code, result.exit_code) == (Outcome.FAILED, ErrorCode.ACCOUNT_MISSING, None)
    assert "no-such-account" in result.message


@pytest.mark.parametrize("script", ["#!/no/such/program\n", "#!/bin/sh\r\necho\r\n", "#!\n"])
async def test_a_script_that_cannot_be_started_says_why_with_code_105(shared: Site, script: str) -> None:
    result = await shared.host.run(run_order(script))
    assert (result.outcome, result.error_code) == (Outcome.FAILED, ErrorCode.CANNOT_START)
    assert "interpreter" in result.message


async def test_parameters_that_no_command_line_can_hold_are_refused(shared: Site) -> None:
    result = await shared.host.run(run_order("true", params="a\0b"))
    assert (result.error_code, result.exit_code) == (ErrorCode.CANNOT_START, None)


async def test_the_time_limit_ends_the_script_and_all_it_started(shared: Site) -> None:
    order = run_order("echo $$; setsid sleep 300 & sleep 300", timeout_s=1)
    result = await shared.host.run(order)
    assert (result.outcome, result.error_code) == (Outcome.TIMED_OUT, ErrorCode.OK)
    assert result.ended_at - result.started_at >= 1_000
    assert "time limit of 1 s" in result.message
    assert result.survivors == []


async def test_both_streams_come_in_the_order_in_which_they_were_written(shared: Site) -> None:
    order = run_order("for i in $(seq 200); do echo out $i; echo err $i >&2; done")
    await shared.host.run(order)
    printed = shared.host.output(order.task_id).decode().splitlines()
    assert printed == [f"{stream} {i}" for i in range(1, 201) for stream in ("out", "err")]
    streams = {segment.stream: segment.data[:3] for segment in shared.host.segments[order.task_id]}
    assert streams == {STDOUT: b"out", STDERR: b"err"}


async def test_each_line_has_the_time_at_which_it_came(shared: Site, gate: Gate) -> None:
    order = run_order(f"echo one; read -r _ < {gate}; echo two")
    ordered_at = time.time_ns() // 1_000_000
    await shared.host.order(order)
    await until(lambda: shared.host.output(order.task_id))
    opened_at = time.time_ns() // 1_000_000
    gate.open()
    await shared.host.result(order.task_id)
    first, second = shared.host.segments[order.task_id]
    assert (first.data, second.data) == (b"one\n", b"two\n")
    assert ordered_at <= first.at <= opened_at <= second.at <= time.time_ns() // 1_000_000


async def test_invalid_utf8_and_nul_come_through_byte_by_byte(shared: Site) -> None:
    order = run_order(r"printf '\000\377\376caf\351\r\n\000'; printf 'job_fail:[\377]\n'; exit 3")
    result = await shared.host.run(order)
    assert shared.host.output(order.task_id) == b"\0\xff\xfecaf\xe9\r\n\0job_fail:[\xff]\n"
    assert result.tag == "�"


@pytest.mark.parametrize(("extra", "is_cut"), [(-1, False), (0, False), (1, True)])
async def test_output_is_cut_past_its_cap_and_not_before(shared: Site, extra: int, is_cut: bool) -> None:
    cap = 100_000
    order = run_order(f"head -c {cap + extra} /dev/zero; exit 7", output_cap_bytes=cap)
    result = await shared.host.run(order)
    expected = b"\0" * min(cap, cap + extra) + (truncation_marker(cap) if is_cut else b"")
    assert shared.host.output(order.task_id) == expected
    assert (result.exit_code, result.output_bytes) == (7, len(expected))


async def test_a_gibibyte_of_output_keeps_memory_flat_and_the_exit_code_right(own: Site) -> None:
    order = run_order("head -c 1G /dev/zero; exit 5", output_cap_bytes=1_000_000)
    reply = await own.host.order(order)
    assert reply.accepted
    peaks: dict[int, int] = {}
    while order.task_id not in own.host.results:
        peaks |= {pid: max(peaks.get(pid, 0), kib) for pid, kib in resident_kib(own.agent.pid).items()}
        await own.host.client.flush()
    assert own.host.results[order.task_id].exit_code == 5
    assert max(peaks.values()) < 60 * 1024
    assert len(own.host.output(order.task_id)) == 1_000_000 + len(truncation_marker(1_000_000))


async def test_a_script_without_output_is_no_output(shared: Site) -> None:
    order = run_order("true")
    result = await shared.host.run(order)
    assert (result.output_bytes, shared.host.output(order.task_id)) == (0, b"")


async def test_the_result_does_not_wait_for_a_daemon_that_keeps_the_output_open(shared: Site, gate: Gate) -> None:
    order = run_order(f"(read -r _ < {gate}; echo late) & echo early")
    await shared.host.run(order)
    gate.open()
    assert shared.host.output(order.task_id) == b"early\n"


async def test_a_daemon_may_go_on_printing_after_its_script_ended(shared: Site, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    await shared.host.run(run_order(f"(sleep 0.5; echo late && touch {witness}) &"))
    await until(witness.exists)


async def test_what_a_pipeline_prints_just_after_the_script_ended_is_kept(patient: Site) -> None:
    order = run_order("exec > >(sleep 0.02; tr a-z A-Z); echo loud")
    await patient.host.run(order)
    assert patient.host.output(order.task_id) == b"LOUD\n"


async def test_a_running_script_shows_its_output_before_it_ends(shared: Site, gate: Gate) -> None:
    order = run_order(f"echo begun; read -r _ < {gate}; echo done")
    await shared.host.order(order)
    await until(lambda: shared.host.output(order.task_id) == b"begun\n")
    assert order.task_id in shared.host.started
    assert order.task_id not in shared.host.results
    gate.open()
    await shared.host.result(order.task_id)
    assert shared.host.output(order.task_id) == b"begun\ndone\n"


async def test_large_output_comes_in_chunks_of_bounded_size(shared: Site) -> None:
    script = "head -c 1000000 /dev/urandom > /tmp/$$.bin; cat /tmp/$$.bin; rm /tmp/$$.bin"
    order = run_order(script)
    result = await shared.host.run(order)
    chunks = [c for report in shared.host.reports for c in report.chunks if c.task_id == order.task_id]
    assert result.output_bytes == 1_000_000 == len(shared.host.output(order.task_id))
    assert max(chunk.size_bytes for chunk in chunks) <= 256 * 1024


async def test_many_tasks_at_once_all_end_with_their_own_output(shared: Site) -> None:
    orders = [run_order(f"echo {i}; exit {i % 3}") for i in range(60)]
    for order in orders:
        assert (await shared.host.order(order)).accepted
    results = [await shared.host.result(order.task_id) for order in orders]
    assert [result.exit_code for result in results] == [i % 3 for i in range(60)]
    assert [shared.host.output(order.task_id) for order in orders] == [b"%d\n" % i for i in range(60)]


async def test_the_script_does_not_see_the_agents_descriptors_or_input(shared: Site) -> None:
    order = run_order("ls /proc/$$/fd; cat")
    await shared.host.run(order)
    assert set(shared.host.output(order.task_id).decode().split()) <= {"0", "1", "2", "255"}


async def test_a_stored_task_leaves_no_files_behind(own: Site) -> None:
    order = run_order("echo kept until stored")
    await own.host.run(order)
    await until(lambda: not (own.agent.data_dir / "tasks" / str(order.task_id)).exists())
    assert str(order.task_id) in (own.agent.data_dir / "tombstones").read_text()


async def test_what_may_hold_secrets_is_for_the_agents_account_alone(own: Site) -> None:
    order = run_order("echo up; sleep 60")
    await own.host.order(order)
    directory = own.agent.data_dir / "tasks" / str(order.task_id)
    await until(lambda: own.host.output(order.task_id))
    modes = {path.name: state.st_mode & 0o077 for path, state in files_below(directory)}
    assert {"entry", "begun", "output"} <= set(modes)
    assert {*modes.values(), directory.stat().st_mode & 0o077} == {0}, modes
    assert (own.agent.data_dir / "identity.toml").stat().st_mode & 0o777 == 0o600
    await own.host.kill(order.task_id)
    await own.host.result(order.task_id)


async def test_the_agents_own_memory_stays_under_40_mib(own: Site) -> None:
    await own.host.run(run_order("true"))
    assert resident_kib(own.agent.pid)[own.agent.pid] <= 40 * 1024


def resident_kib(root: int) -> dict[int, int]:
    """Return the resident memory of a process and of those below it that are agents too."""
    found = {}
    for pid in (root, *kill.descendants(root)):
        place = Path("/proc", str(pid))
        try:
            text = (place / "status").read_text()
            command = (place / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        fields = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
        if b"jobfleet.agent" in command and "VmRSS" in fields:
            found[pid] = int(fields["VmRSS"].split()[0])
    return found
