"""Which paths are taken, and what macros of a target path become."""

from datetime import UTC, datetime

import pytest

from jobfleet.model.definition import TransferMode
from jobfleet.model.paths import MAX_FILE_NAME_BYTES, is_file_name, is_valid_path, resolve_target, source_ip_name

AT = datetime(2024, 5, 1, 13, 7, 9, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "path",
    ["/a", "/", "/a b/*.log", "/a/REGEX:x.*", "C:\\a\\b", "c:/a", "D:\\a\\REGEX:a|b", "${dir}/x", "x${dir}"],
)
def test_absolute_paths_and_variables_are_taken(path: str) -> None:
    assert is_valid_path(path)


@pytest.mark.parametrize("path", ["", "a", "./a", "~/a", "C:", "C:a", "C:\\a|b", "C:\\a:b", "/a\0b", "[FILESRCIP]/a"])
def test_other_paths_are_refused(path: str) -> None:
    assert not is_valid_path(path)


@pytest.mark.parametrize("name", ["a", ".a", "...", "a b.txt", "中文.log", "x" * MAX_FILE_NAME_BYTES])
def test_names_of_files_are_taken(name: str) -> None:
    assert is_file_name(name)


@pytest.mark.parametrize(
    "name", ["", " ", ".", "..", " .. ", "a/b", "a\\b", "a\0", "x" * (MAX_FILE_NAME_BYTES + 1), "文" * 86]
)
def test_what_is_no_name_of_a_file_is_refused(name: str) -> None:
    assert not is_file_name(name)


@pytest.mark.parametrize(
    ("path", "resolved"),
    [
        ("/a", "/a/"),
        ("/a/", "/a/"),
        ("C:\\a", "C:\\a\\"),
        ("C:/a", "C:/a/"),
        ("/a/[FILESRCIP]", "/a/0_10.0.0.1/"),
        ("/a/[DATE:yyyy-MM-dd]", "/a/2024-05-01/"),
        ("/a/[DATE:yyyyMMddHHmmssSSS]", "/a/20240501130709250/"),
        ("/a/[DATE:'day' dd]", "/a/day 01/"),
        ("/a/[DATE:nonsense]", "/a/[DATE:nonsense]/"),
        ("/a/[DATEFMT:%Y_%j]", "/a/2024_122/"),
        ("/a/[OTHER]", "/a/[OTHER]/"),
    ],
)
def test_macros_of_a_target_path_are_replaced(path: str, resolved: str) -> None:
    assert resolve_target(path, TransferMode.FORCE, "0_10.0.0.1", AT) == resolved


def test_the_safe_modes_give_each_source_a_directory_of_its_own() -> None:
    source = source_ip_name(2, "fd00::1")
    assert resolve_target("/a", TransferMode.SAFE_BY_IP, source, AT) == "/a/2_fd00__1/"
    assert resolve_target("/a", TransferMode.SAFE_BY_DATE, source, AT) == "/a/20240501_2_fd00__1/"
