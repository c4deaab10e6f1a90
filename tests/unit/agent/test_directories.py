"""Directories that files are put into."""

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jobfleet.agent import directories
from jobfleet.agent.find import FileError
from jobfleet.model.outcome import ErrorCode

ROUNDS = 400
AT_ONCE = 4


@pytest.fixture
def restless() -> Iterator[None]:
    """Let threads take turns as often as they can, as agents of one machine do."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("restless")
def test_a_directory_that_many_make_at_once_is_there_for_each_of_them(tmp_path: Path) -> None:
    start = threading.Barrier(AT_ONCE)

    def have(number: int) -> None:
        start.wait()
        directories.have(f"{tmp_path}/{number}/there/", create=True)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        for number in range(ROUNDS):
            for done in [threads.submit(have, number) for _ in range(AT_ONCE)]:
                done.result()
    assert len(list(tmp_path.glob("*/there"))) == ROUNDS


@pytest.mark.parametrize(
    ("name", "create", "code"),
    [
        ("missing", False, ErrorCode.DIRECTORY_MISSING),
        ("file", False, ErrorCode.NO_DIRECTORY),
        ("file", True, ErrorCode.NO_DIRECTORY),
        ("file/below", True, ErrorCode.NO_DIRECTORY),
        ("dangling", True, ErrorCode.NO_DIRECTORY),
    ],
)
def test_what_is_no_directory_is_told(tmp_path: Path, name: str, create: bool, code: ErrorCode) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere" / "at all")
    with pytest.raises(FileError) as refused:
        directories.have(f"{tmp_path}/{name}/", create=create)
    assert refused.value.error_code is code
