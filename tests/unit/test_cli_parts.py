"""The parts of the command line that decide: exit codes, lines, folding, durations, which server."""

from pathlib import Path

import msgspec
import pytest

from jobfleet.cli import exits, results
from jobfleet.cli.agent_admin import seconds
from jobfleet.cli.http import Api, CommandError, exit_code_of
from jobfleet.cli.lines import MAX_LINE_BYTES, Lines
from jobfleet.cli.output import host_name, show_duration, style
from jobfleet.cli.place import Place, find_place, scope_of
from jobfleet.cli.wire import Chunk, Counters, Job, JobAnswer, Refusal, Segment, Step, Target, Task
from jobfleet.model.status import RunStatus, TaskStatus


def job(status: RunStatus, *, finished: bool = True) -> Job:
    return Job(
        id=1,
        scope="biz:2",
        name="x",
        operator="li",
        status=status.name.lower(),
        status_code=status,
        label="",
        finished=finished,
        current_step_id=1,
        created_at=0,
        total_ms=1,
    )


def task(status: TaskStatus, number: int = 1, exit_code: int | None = 0) -> Task:
    return Task(
        id=number,
        log_task_id=number,
        batch=0,
        step_id=1,
        host=Target(number, 0, f"10.0.0.{number}", None),
        status=status.name.lower(),
        status_code=status,
        label="",
        tag="",
        exit_code=exit_code,
        error_code=0,
        message="",
        survivors=[],
        started_at=0,
        ended_at=0,
        total_ms=0,
    )


GOOD, BAD, LATE = TaskStatus.SUCCEEDED, TaskStatus.NONZERO_EXIT, TaskStatus.SCRIPT_TIMED_OUT


@pytest.mark.parametrize(
    ("status", "hosts", "code"),
    [
        (RunStatus.SUCCEEDED, [GOOD, GOOD], exits.SUCCEEDED),
        (RunStatus.SUCCEEDED, [GOOD, TaskStatus.SUCCEEDED_BEFORE], exits.SUCCEEDED),
        (RunStatus.FAILED, [GOOD, BAD], exits.FAILED),
        (RunStatus.FAILED, [GOOD, TaskStatus.AGENT_UNREACHABLE], exits.FAILED),
        (RunStatus.FAILED, [GOOD, LATE], exits.UNKNOWN),
        (RunStatus.FAILED, [TaskStatus.RESULT_LOST], exits.UNKNOWN),
        (RunStatus.FAILED, [TaskStatus.UNKNOWN], exits.UNKNOWN),
        (RunStatus.FAILED, [BAD, LATE], exits.FAILED),
        (RunStatus.ABNORMAL, [GOOD], exits.UNKNOWN),
        (RunStatus.STOPPED, [GOOD, BAD, LATE], exits.STOPPED),
        (RunStatus.FAILED, [], exits.FAILED),
        (RunStatus.SUCCEEDED, [BAD], exits.FAILED),
    ],
)
def test_a_finished_job_has_its_exit_code(status: RunStatus, hosts: list[TaskStatus], code: int) -> None:
    assert results.exit_code_of(job(status), [task(host) for host in hosts]) == code


def step(number: int, status: str) -> Step:
    return Step(number, "s", "script", status, "", True, 0, Counters(1, 0, 1, 0, 0), 1)


def test_hosts_of_steps_that_were_passed_over_count_only_where_there_is_no_other_step() -> None:
    one, two = task(BAD, 1), msgspec.structs.replace(task(GOOD, 2), step_id=2)
    ignored = JobAnswer(job(RunStatus.SUCCEEDED), [step(1, "ignored"), step(2, "succeeded")], [one, two])
    assert results.counted(ignored) == [two]
    alone = JobAnswer(job(RunStatus.SUCCEEDED), [step(1, "ignored")], [one])
    assert results.counted(alone) == [one]


def test_a_job_that_is_not_over_is_unknown() -> None:
    assert results.exit_code_of(job(RunStatus.RUNNING, finished=False), [task(TaskStatus.RUNNING)]) == exits.UNKNOWN


@pytest.mark.parametrize("status", list(TaskStatus))
def test_every_host_status_that_is_no_success_gives_a_code_that_is_none(status: TaskStatus) -> None:
    code = results.exit_code_of(job(RunStatus.SUCCEEDED), [task(GOOD), task(status)])
    assert (code == exits.SUCCEEDED) == (status in {GOOD, TaskStatus.SUCCEEDED_BEFORE})


@pytest.mark.parametrize(
    ("http_status", "refusal", "code"),
    [
        (400, Refusal(1240003, ""), exits.USAGE),
        (400, Refusal(1241012, "", mistakes=["x"]), exits.USAGE),
        (400, Refusal(1241012, ""), exits.REFUSED),
        (400, Refusal(1244001, ""), exits.NO_TARGET),
        (400, Refusal(1244028, ""), exits.NO_TARGET),
        (400, Refusal(1244030, ""), exits.NO_TARGET),
        (404, Refusal(1211003, ""), exits.NO_TARGET),
        (401, Refusal(1247001, ""), exits.REFUSED),
        (403, Refusal(9900403, ""), exits.REFUSED),
        (404, Refusal(1244006, ""), exits.REFUSED),
        (409, Refusal(1241012, ""), exits.REFUSED),
        (500, Refusal(1240002, ""), exits.UNREACHABLE),
        (503, Refusal(1240002, ""), exits.UNREACHABLE),
    ],
)
def test_a_refusal_has_its_exit_code(http_status: int, refusal: Refusal, code: int) -> None:
    assert exit_code_of(http_status, refusal) == code


def chunk(data: bytes, stream: int = 1, task_id: int = 1) -> Chunk:
    return Chunk(task_id, 0, [Segment(stream, data)])


def test_lines_are_whole_whatever_the_chunks() -> None:
    lines = Lines()
    parts = [chunk(b"a\nb"), chunk(b"x", stream=2), chunk(b"c\xe4\xbd"), chunk(b"\xa0\n\n"), chunk(b"\xff")]
    found = [line for part in parts for line in lines.take(part)]
    assert [(line.stream, line.text) for line in found] == [(1, "a"), (1, "bc你"), (1, "")]
    assert {(line.stream, line.text) for line in lines.rest()} == {(2, "x"), (1, "\ufffd")}
    assert list(lines.rest()) == []


def test_a_line_without_an_end_does_not_fill_the_memory() -> None:
    lines = Lines()
    assert not list(lines.take(chunk(b"x" * MAX_LINE_BYTES)))
    [line] = lines.take(chunk(b"x"))
    assert len(line.text) == MAX_LINE_BYTES + 1


def test_tasks_are_folded_by_result_and_output() -> None:
    tasks = [task(BAD, 1, 3), task(GOOD, 2), task(GOOD, 3), task(GOOD, 4)]
    folded = results.fold(tasks, {1: b"x", 2: b"x", 3: b"x", 4: b"y"})
    assert [([one.id for one in members], output) for members, output in folded] == [
        ([2, 3], b"x"),
        ([1], b"x"),
        ([4], b"y"),
    ]


@pytest.mark.parametrize(("text", "expected"), [("90s", 90), ("15m", 900), ("1h", 3600), ("7d", 604_800)])
def test_a_duration_is_read(text: str, expected: int) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "1", "h", "-1h", "0h", "1.5h", "1w", "1h "])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(CommandError) as caught:
        seconds(text)
    assert caught.value.exit_code == exits.USAGE


def installation(directory: Path) -> Path:
    directory.mkdir()
    (directory / "address").write_text("http://127.0.0.1:8080")
    (directory / "credentials.toml").write_text('admin_password = "geheim"')
    return directory


def login(directory: Path) -> dict[str, str]:
    (directory / "jobfleet").mkdir()
    (directory / "jobfleet" / "cli.toml").write_text('server = "http://kept"\ntoken = "kept"')
    return {"XDG_CONFIG_HOME": str(directory)}


def test_a_given_server_and_token_win(tmp_path: Path) -> None:
    place = find_place("http://given/", "given", installation(tmp_path / "data"), login(tmp_path))
    assert (place.server, place.token, place.admin_password) == ("http://given", "given", "")


def test_a_token_is_never_sent_to_another_server_than_its_own(tmp_path: Path) -> None:
    place = find_place("http://other", "", None, login(tmp_path))
    assert (place.server, place.token) == ("http://other", "")


def test_a_local_installation_wins_over_a_login(tmp_path: Path) -> None:
    place = find_place("", "", installation(tmp_path / "data"), login(tmp_path))
    assert (place.server, place.admin_password) == ("http://127.0.0.1:8080", "geheim")


def test_a_login_is_used_when_nothing_else_is_said(tmp_path: Path) -> None:
    place = find_place("", "", None, login(tmp_path))
    assert (place.server, place.token) == ("http://kept", "kept")


def test_an_installation_in_the_working_directory_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installation(tmp_path / "jobfleet-data")
    monkeypatch.chdir(tmp_path)
    assert find_place("", "", None, {"XDG_CONFIG_HOME": str(tmp_path)}).server == "http://127.0.0.1:8080"


def test_nothing_said_is_wrong_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError) as caught:
        find_place("", "", None, {"XDG_CONFIG_HOME": str(tmp_path)})
    assert caught.value.exit_code == exits.USAGE


def test_no_secret_is_in_the_text_of_a_place() -> None:
    assert "geheim" not in repr(Place("http://x", "geheim", "geheim"))


def test_a_host_is_named_by_its_address_and_cloud_area() -> None:
    assert host_name(Target(1, 0, "10.0.0.1", None)) == "10.0.0.1"
    assert host_name(Target(1, 3, None, "fe80::1")) == "3:fe80::1"
    assert host_name(Target(7, 0, None, None)) == "host 7"


def test_no_colour_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b" in style("x", bold=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert style("x", bold=True) == "x"


def test_a_duration_is_shown_in_seconds() -> None:
    assert (show_duration(1234), show_duration(None)) == ("1.23 s", "-")


def test_a_scope_that_is_none_is_refused_in_words() -> None:
    server = Api("http://127.0.0.1:9", "")
    assert [scope_of(server, text) for text in ("2", "biz:2", "biz_set:9")] == ["biz:2", "biz:2", "biz_set:9"]
    for text in ("foo", "biz:", "0", "tenant:1"):
        with pytest.raises(CommandError, match=f"^{text} is no scope: biz:2, biz_set:9991001, or just 2$"):
            scope_of(server, text)
