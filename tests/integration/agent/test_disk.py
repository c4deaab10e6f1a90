"""What the agent keeps on disk and how it reads it back."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.agent.server import run_order

from jobfleet.agent.files import Begun, TaskFiles
from jobfleet.agent.journal import TOMBSTONE_MS, Journal, Tombstone
from jobfleet.agent.output import OutputReader, OutputWriter, truncation_marker

NOW = 1_800_000_000_000


def written(path: Path, *pieces: tuple[int, bytes], cap: int = 10_000) -> OutputReader:
    writer = OutputWriter(path, cap)
    for stream, data in pieces:
        writer.add(stream, NOW, data)
        writer.flush()
    return OutputReader(path)


def text(reader: OutputReader, offset: int = 0, limit: int = 1_000_000) -> bytes:
    return b"".join(segment.data for segment in reader.read(offset, limit))


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(min_size=1, max_size=20)), max_size=10),
    limit=st.integers(1, 30),
    jump=st.integers(0, 100),
)
def test_output_reads_the_same_from_any_offset_in_any_steps(
    tmp_path: Path, pieces: list[tuple[int, bytes]], limit: int, jump: int
) -> None:
    path = tmp_path / "output"
    path.unlink(missing_ok=True)
    reader, whole = written(path, *pieces), b"".join(data for _, data in pieces)
    found = b""
    while step := text(reader, len(found), limit):
        assert len(step) <= limit
        found += step
    assert found == whole
    assert text(reader, min(jump, len(whole))) == whole[jump:]
    assert OutputReader(path).read(min(jump, len(whole)), limit) == reader.read(min(jump, len(whole)), limit)
    assert reader.size_bytes() == len(whole)


def test_a_frame_that_is_still_being_written_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "output"
    reader = written(path, (1, b"whole"), (2, b"torn"))
    os.truncate(path, path.stat().st_size - 1)
    assert text(reader) == b"whole"
    assert reader.size_bytes() == 5


def test_output_past_the_cap_ends_with_one_marker(tmp_path: Path) -> None:
    reader = written(tmp_path / "output", (1, b"12345"), (2, b"6789"), (1, b"more"), cap=7)
    assert text(reader) == b"1234567" + truncation_marker(7)


def test_a_disk_that_takes_no_more_ends_the_output_at_a_whole_frame(tmp_path: Path) -> None:
    writer = OutputWriter(tmp_path / "output", 10_000)
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, usual[1]))
    try:
        writer.add(1, NOW, b"kept")
        assert writer.flush()
        writer.add(1, NOW, b"x" * 200)
        assert not writer.flush()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    writer.add(1, NOW, b"more")
    assert not writer.flush()
    assert (text(OutputReader(tmp_path / "output")), writer.size_bytes) == (b"kept", 4)
    assert "output from byte 4 on is lost" in writer.trouble


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file take any byte more."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def test_a_task_whose_beginning_a_full_disk_does_not_take_stays_free(tmp_path: Path) -> None:
    files = TaskFiles(tmp_path)
    with full_disk(), pytest.raises(OSError, match="too large"):
        files.begin(Begun(runner_pid=1, started_at=NOW))
    assert files.begin(Begun(runner_pid=2, started_at=NOW))
    assert files.begun() == Begun(runner_pid=2, started_at=NOW)


def test_an_order_that_a_full_disk_does_not_take_leaves_nothing(tmp_path: Path) -> None:
    order = run_order("true")
    journal = Journal(tmp_path)
    journal.open(NOW)
    with full_disk(), pytest.raises(OSError, match="too large"):
        journal.accept(order, NOW)
    assert list((tmp_path / "tasks").iterdir()) == []


def test_a_tombstone_that_a_full_disk_does_not_take_makes_room_and_is_kept_for_later(tmp_path: Path) -> None:
    order = run_order("true")
    journal = Journal(tmp_path)
    journal.open(NOW)
    files, _ = journal.accept(order, NOW)
    files.output.write_bytes(b"much")
    stone = journal.bury(order.task_id, NOW, ran=True)
    with full_disk(), pytest.raises(OSError, match="too large"):
        journal.settle(stone)
    assert (files.output.exists(), files.entry() is not None, journal.unsettled()) == (False, True, [stone])
    journal.settle(*journal.unsettled())
    assert (files.directory.exists(), journal.unsettled()) == (False, [])


def test_a_tombstone_behind_a_torn_one_is_remembered(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.open(NOW)
    (tmp_path / "tombstones").write_bytes(b"\n2 1800")
    journal.settle(journal.bury(3, NOW, ran=False))
    again = Journal(tmp_path)
    again.open(NOW)
    assert (again.tombstone(2), again.tombstone(3)) == (None, Tombstone(task_id=3, at=NOW, ran=False))


def test_a_task_is_taken_by_one_runner_only(tmp_path: Path) -> None:
    files = TaskFiles(tmp_path)
    assert files.begin(Begun(runner_pid=1, started_at=NOW))
    assert not files.begin(Begun(runner_pid=2, started_at=NOW))
    assert files.begun() == Begun(runner_pid=1, started_at=NOW)


def test_a_lock_is_held_by_one_and_seen_by_others(tmp_path: Path) -> None:
    files = TaskFiles(tmp_path)
    handle = files.lock()
    assert handle is not None
    assert files.is_running()
    os.close(handle)
    assert not files.is_running()


def test_an_accepted_task_is_there_after_a_restart(tmp_path: Path) -> None:
    order = run_order("true")
    journal = Journal(tmp_path)
    assert journal.open(NOW) == []
    _, entry = journal.accept(order, NOW)
    assert [found for _, found in Journal(tmp_path).open(NOW)] == [entry]
    assert entry.order == order


def test_a_tombstone_is_remembered_for_a_day(tmp_path: Path) -> None:
    order = run_order("true")
    journal = Journal(tmp_path)
    journal.open(NOW)
    files, _ = journal.accept(order, NOW)
    journal.settle(journal.bury(order.task_id, NOW, ran=True))
    assert not files.directory.exists()
    again = Journal(tmp_path)
    assert again.open(NOW + TOMBSTONE_MS - 1) == []
    assert again.tombstone(order.task_id) is not None
    again.forget_old(NOW + TOMBSTONE_MS)
    assert again.tombstone(order.task_id) is None
    later = Journal(tmp_path)
    later.open(NOW)
    assert later.tombstone(order.task_id) is None


def test_files_that_outlived_their_tombstone_are_removed_at_the_next_start(tmp_path: Path) -> None:
    order = run_order("true")
    journal = Journal(tmp_path)
    journal.open(NOW)
    files, entry = journal.accept(order, NOW)
    journal.settle(journal.bury(order.task_id, NOW, ran=True))
    files.write_entry(entry)
    assert Journal(tmp_path).open(NOW) == []
    assert not files.directory.exists()


def test_a_torn_line_of_tombstones_hides_no_other(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.open(NOW)
    journal.settle(journal.bury(1, NOW, ran=True))
    with (tmp_path / "tombstones").open("ab") as file:
        file.write(b"2 1800")
    again = Journal(tmp_path)
    again.open(NOW)
    assert again.tombstone(1) is not None
    assert again.tombstone(2) is None
