"""The records of files: made of what agents told, completed by how their tasks ended."""

import msgspec
import pytest

from jobfleet.model.definition import FileItem, FileKind, FileSource, FileSpec
from jobfleet.model.file_log import FileLog, Told, file_logs
from jobfleet.model.status import TaskStatus
from jobfleet.model.target import Target
from jobfleet.model.transfer import Direction, FileStatus, Progress

SOURCE = Target(-1, 7, 0, "Default Area", "10.0.0.7", None, "0:10.0.0.7", "linux", True, TaskStatus.WAITING)
TARGET = msgspec.structs.replace(SOURCE, ordinal=0, host_id=8, ip="10.0.0.8")
SPEC = FileSpec(
    sources=(
        FileSource(FileKind.HOST, (FileItem("/a/x"), FileItem("/a/*.log")), "root", 1, (7,)),
        FileSource(FileKind.CONTENT, (FileItem("a.conf", "0" * 64, 3),)),
    ),
    target_path="/t",
    account="root",
    account_id=1,
    account_alias="root",
    timeout_s=60,
)


def progress(status: FileStatus, done: int = 0, **more: object) -> Progress:
    first = Progress(1_714_536_000_000, Direction.DOWNLOAD, 7, "/a/x", "/t/x", status, 2048, done, 512)
    return msgspec.structs.replace(first, **more)


def records(
    *news: Progress, status: TaskStatus = TaskStatus.RUNNING, message: str = "", tail: bytes = b""
) -> list[FileLog]:
    output = b"".join(msgspec.json.encode(one) + b"\n" for one in news) + tail
    told = Told(TARGET, False, status, 1_714_536_060_000, message, output)
    return file_logs(told, SPEC, {7: SOURCE}, "Asia/Shanghai")


def test_news_of_one_file_are_one_record_with_a_line_each() -> None:
    [record] = records(progress(FileStatus.DOWNLOADING), progress(FileStatus.DOWNLOADING, 1024), tail=b'{"at": 17')
    assert (record.status, record.size, record.speed, record.process) == (3, "2.0 KB", "512 KB/s", "50%")
    assert (record.source, record.target, record.dest) == (SOURCE, TARGET, "/t/x")
    first, second = record.text.splitlines()
    assert first == (
        "[2024-05-01 12:00:00] FileName: /t/x FileSize: 2.0 KB Status: downloading StatusDesc: Downloading "
        "Speed: -- Progress: 0% Detail: --"
    )
    assert second.endswith("Speed: 512 KB/s Progress: 50% Detail: --")


@pytest.mark.parametrize("line", [b'{"path": "\xff"}\n', b"[" * 100_000 + b"\n"], ids=["no UTF-8", "too deep"])
def test_a_line_that_is_no_news_hides_no_other(line: bytes) -> None:
    last = msgspec.json.encode(progress(FileStatus.FINISHED, 2048)) + b"\n"
    [record] = records(progress(FileStatus.DOWNLOADING), tail=line + last)
    assert (record.status, len(record.text.splitlines())) == (FileStatus.FINISHED, 2)


@pytest.mark.parametrize(
    "lie", [{"at": 2**62}, {"at": -1}, {"status": 6}, {"mode": 2}, {"size_bytes": -1}, {"error_code": 10**30}]
)
def test_what_no_host_can_mean_is_left_out(lie: dict[str, int]) -> None:
    told = msgspec.structs.replace(progress(FileStatus.FINISHED, 2048), **lie)
    [record] = records(progress(FileStatus.DOWNLOADING), told)
    assert (record.status, len(record.text.splitlines())) == (FileStatus.DOWNLOADING, 1)


def test_a_finished_file_is_whole() -> None:
    [record] = records(progress(FileStatus.FINISHED, 2048), status=TaskStatus.SUCCEEDED)
    assert (record.status, record.process) == (FileStatus.FINISHED, "100%")


def test_a_file_on_its_way_has_failed_when_its_task_ended() -> None:
    [record] = records(progress(FileStatus.DOWNLOADING, 1024), status=TaskStatus.KILLED, message="ended on request")
    assert record.status is FileStatus.FAILED
    assert record.text.splitlines()[-1].endswith("Detail: ended on request")


@pytest.mark.parametrize(
    ("task", "status"), [(TaskStatus.WAITING, FileStatus.WAITING), (TaskStatus.AGENT_UNREACHABLE, FileStatus.FAILED)]
)
def test_files_that_nobody_told_of_wait_or_failed_with_their_task(task: TaskStatus, status: FileStatus) -> None:
    found = records(status=task, message="the agent is not connected")
    assert [(one.path, one.status) for one in found] == [("/a/x", status), ("/a/*.log", status), ("a.conf", status)]
    assert found[2].source is None


@pytest.mark.parametrize("done", [0, 1024])
def test_a_file_whose_end_was_not_told_has_arrived_when_its_task_succeeded(done: int) -> None:
    [record] = records(progress(FileStatus.DOWNLOADING, done), status=TaskStatus.SUCCEEDED)
    assert (record.status, record.process, record.last.done_bytes) == (FileStatus.FINISHED, "100%", 2048)
    assert record.text.splitlines()[-1].startswith("[2024-05-01 12:01:00] FileName: /t/x FileSize: 2.0 KB")


def test_files_of_a_task_that_succeeded_have_arrived_though_nothing_is_kept_of_it() -> None:
    found = records(status=TaskStatus.SUCCEEDED)
    assert [(one.path, one.status, one.size, one.speed) for one in found] == [
        (path, FileStatus.FINISHED, "--", "--") for path in ("/a/x", "/a/*.log", "a.conf")
    ]
    assert all("FileSize: --" in one.text and "not kept" in one.text for one in found)


def test_a_task_that_failed_tells_when_its_words_are_not_kept() -> None:
    told = Told(TARGET, False, TaskStatus.FILE_UNREADABLE, 1_714_536_060_000, "no such file", b"", is_kept=False)
    assert "no such file (what was told of it is not kept)" in file_logs(told, SPEC, {}, "UTC")[0].text


@pytest.mark.parametrize(
    ("failed", "status"), [(0, TaskStatus.SUCCEEDED), (2, TaskStatus.FILE_UNREADABLE), (0, TaskStatus.RUNNING)]
)
def test_what_found_no_room_is_counted_in_one_record_more(failed: int, status: TaskStatus) -> None:
    counts = [b'{"more_finished":%d,"more_failed":%d}\n' % pair for pair in ((1, 0), (27, failed))]
    record, rest = records(progress(FileStatus.FINISHED, 2048), status=status, tail=b'{"at"\n' + b"".join(counts))
    assert (record.status, rest.path, rest.size) == (FileStatus.FINISHED, f"({27 + failed} more)", "--")
    assert rest.status is (FileStatus.FAILED if failed else FileStatus.FINISHED)
    assert f"27 finished and {failed} failed" in rest.text


def test_a_source_that_told_nothing_has_a_record_of_each_of_its_files() -> None:
    told = Told(SOURCE, True, TaskStatus.AGENT_UNREACHABLE, 1_714_536_060_000, "gone", b"")
    found = file_logs(told, SPEC, {7: SOURCE}, "Asia/Shanghai")
    assert [(one.mode, one.path, one.dest, one.target) for one in found] == [
        (Direction.UPLOAD, "/a/x", None, None),
        (Direction.UPLOAD, "/a/*.log", None, None),
    ]
