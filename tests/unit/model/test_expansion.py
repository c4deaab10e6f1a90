"""What variables make of parameters and paths, and that it is never made too long."""

import tracemalloc
from datetime import UTC, datetime

import pytest

from jobfleet.model.definition import FileItem, FileKind, FileSource, FileSpec
from jobfleet.model.expansion import expand, expand_files, expand_params, shown_files, shown_params
from jobfleet.model.paths import MAX_PATH_BYTES, is_valid_path
from jobfleet.model.script import MAX_PARAM_BYTES

AT = datetime(2024, 2, 29, 12, 0, tzinfo=UTC)


def test_names_with_a_value_are_replaced_once() -> None:
    assert expand("${a} ${b} ${c}", {"a": "${b}", "b": "x"}, 20) == "${b} x ${c}"
    assert expand_params("[DATEFMT:%Y] ${a}", {"a": "1"}, AT) == "2024 1"


@pytest.mark.parametrize("value", ["y" * 65_536, "é" * 40_000])
def test_what_would_be_too_long_is_refused_before_it_is_made(value: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=str(MAX_PARAM_BYTES)):
            expand_params("${v}" * 3000, {"v": value}, AT)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_parameters_are_as_long_as_they_may_be_and_no_longer() -> None:
    most = {"v": "y" * (MAX_PARAM_BYTES - 2)}
    assert len(expand_params("${v} z", most, AT)) == MAX_PARAM_BYTES
    with pytest.raises(ValueError, match="longer"):
        expand_params("${v} zz", most, AT)
    assert shown_params("${v} zz", most) == "${v} zz"


def test_paths_are_as_long_as_they_may_be_and_no_longer() -> None:
    item = FileItem("/${v}")
    spec = FileSpec((FileSource(FileKind.HOST, (item,)),), "/t/", "root", 1, "root", 1)
    most = expand_files(spec, {"v": "y" * (MAX_PATH_BYTES - 1)})
    assert len(most.sources[0].items[0].path) == MAX_PATH_BYTES
    with pytest.raises(ValueError, match=str(MAX_PATH_BYTES)):
        expand_files(spec, {"v": "y" * MAX_PATH_BYTES})
    assert shown_files(spec, {"v": "y" * MAX_PATH_BYTES}) == spec
    assert is_valid_path("/" + "y" * (MAX_PATH_BYTES - 1))
    assert not is_valid_path("/" + "é" * (MAX_PATH_BYTES // 2))
