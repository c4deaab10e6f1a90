"""What a transfer tells of many files in little room: how they ended comes first, the rest is counted."""

from collections.abc import Callable
from contextlib import closing

import pytest

from jobfleet.agent.telling import FileTeller, News
from jobfleet.model.definition import FileItem, FileKind, FileSource, FileSpec
from jobfleet.model.file_log import FileLog, Told, file_logs
from jobfleet.model.status import TaskStatus
from jobfleet.model.target import Target
from jobfleet.model.transfer import Direction, FailedItem, FileStatus, Progress

CAP_BYTES = 4096
TARGET = Target(0, 8, 0, "Default Area", "10.0.0.8", None, "0:10.0.0.8", "linux", True, TaskStatus.WAITING)
SOURCE = FileSource(FileKind.HOST, (FileItem("/a/*.log"),), "root", 1, (7,))
SPEC = FileSpec((SOURCE,), "/t", "root", 1, "root", timeout_s=60)


@pytest.fixture
def written(capfd: pytest.CaptureFixture[str]) -> Callable[[], bytes]:
    """Give what has been written to standard output since."""

    def read() -> bytes:
        return capfd.readouterr().out.encode()

    return read


def first(number: int) -> Progress:
    name = f"{number}.log"
    return Progress(1, Direction.DOWNLOAD, 7, f"/a/{name}", f"/t/{name}", FileStatus.DOWNLOADING, 2048)


def records(output: bytes, status: TaskStatus) -> list[FileLog]:
    return file_logs(Told(TARGET, False, status, 1, "it broke", output), SPEC, {}, "UTC")


def test_forty_files_that_arrive_are_told_or_counted(written: Callable[[], bytes]) -> None:
    with closing(News(CAP_BYTES)) as news:
        for number in range(40):
            teller = FileTeller(first(number), news)
            teller.begin()
            teller.add(2048)
            teller.finish()
    output = written()
    *told, rest = records(output, TaskStatus.SUCCEEDED)
    assert len(output) <= CAP_BYTES
    assert {one.status for one in told} == {FileStatus.FINISHED}
    assert [one.path for one in told] == [f"/a/{number}.log" for number in range(len(told))]
    assert rest.path == f"({40 - len(told)} more)"
    assert 10 < len(told) < 40


def test_a_file_that_was_told_of_is_told_to_its_end(written: Callable[[], bytes]) -> None:
    with closing(News(CAP_BYTES)) as news:
        early = FileTeller(first(0), news)
        early.begin()
        for number in range(1, 40):
            FileTeller(first(number), news).finish()
        early.finish()
    *told, rest = records(written(), TaskStatus.FILE_UNREADABLE)
    assert {one.status for one in told} == {FileStatus.FINISHED}
    assert rest.path == f"({40 - len(told)} more)"


def test_there_is_room_for_failures_when_there_is_none_for_others(written: Callable[[], bytes]) -> None:
    with closing(News(CAP_BYTES)) as news:
        for number in range(100):
            FileTeller(first(number), news).finish()
        news.tell_failed(FailedItem("/a/none", 320, "no such file"), Direction.DOWNLOAD, 7, "/t/")
        FileTeller(first(100), news).begin()
    *told, failed, rest = records(written(), TaskStatus.FILE_UNREADABLE)
    assert (failed.path, failed.status) == ("/a/none", FileStatus.FAILED)
    assert {one.status for one in told} == {FileStatus.FINISHED}
    assert (rest.path, rest.status) == (f"({100 - len(told)} more)", FileStatus.FINISHED)


def test_news_of_a_file_on_its_way_leave_room_for_its_end(
    written: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter(range(10_000))
    monkeypatch.setattr("time.monotonic", lambda: next(seconds))
    with closing(News(CAP_BYTES)) as news:
        teller = FileTeller(first(0), news)
        teller.begin()
        for _ in range(1000):
            teller.add(2)
        teller.fail(707, "what came does not fit its checksum")
    output = written()
    [record] = records(output, TaskStatus.FILE_TRANSFER_FAILED)
    assert record.text.splitlines()[-1].endswith("Detail: 707 what came does not fit its checksum")
    assert CAP_BYTES / 8 < len(output) < CAP_BYTES / 2
