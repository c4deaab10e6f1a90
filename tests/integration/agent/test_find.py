"""What source paths mean on a host; a real directory, for the rules are about directories."""

import os
from pathlib import Path

import pytest

from jobfleet.agent.find import FileError, find
from jobfleet.model.outcome import ErrorCode


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "d/below").mkdir(parents=True)
    (tmp_path / "d/empty").mkdir()
    for name in ("a.log", "b.log", "c.txt", "d/one", "d/below/two"):
        (tmp_path / name).write_text(name)
    (tmp_path / "d/broken").symlink_to("nowhere")
    (tmp_path / "d.log").mkdir()
    return tmp_path


def names(place: Path, path: str) -> list[str]:
    return [found.name for found in find(f"{place}/{path}")]


def test_a_path_means_one_file(place: Path) -> None:
    assert names(place, "a.log") == ["a.log"]


def test_a_pattern_means_the_files_that_fit_and_no_directories(place: Path) -> None:
    assert names(place, "*.log") == ["a.log", "b.log"]
    assert names(place, "?.txt") == ["c.txt"]


def test_a_regular_expression_fits_the_whole_name(place: Path) -> None:
    assert names(place, "REGEX:[ac]\\.(log|txt)") == ["a.log", "c.txt"]


def test_a_directory_means_everything_in_it(place: Path) -> None:
    [found] = find(f"{place}/d/")
    assert found.name == "d/"
    assert [name for name, _ in found.files] == ["d/one", "d/below/two"]
    assert found.directories == ("d/", "d/below/", "d/empty/")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("none", ErrorCode.FILE_MISSING),
        ("none/", ErrorCode.FILE_MISSING),
        ("*.none", ErrorCode.FILE_MISSING),
        ("REGEX:[", ErrorCode.FILE_MISSING),
        ("d", ErrorCode.FILE_UNREADABLE),
        ("a.log/b", ErrorCode.FILE_UNREADABLE),
    ],
)
def test_a_path_that_means_nothing_says_why(place: Path, path: str, code: ErrorCode) -> None:
    with pytest.raises(FileError) as failed:
        find(f"{place}/{path}")
    assert failed.value.error_code == code


@pytest.mark.parametrize("below", ["below", ""])
def test_a_name_that_is_no_text_fails_its_path_by_name(place: Path, below: str) -> None:
    Path(os.fsdecode(bytes(place / "d" / below / "no") + b"\xff")).mkdir()
    with pytest.raises(FileError, match=r"no\\udcff': the name is not UTF-8") as failed:
        find(f"{place}/d/")
    assert failed.value.error_code == ErrorCode.FILE_UNREADABLE
    assert names(place, "a.log") == ["a.log"]
