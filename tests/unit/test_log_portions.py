"""In which portions the output of a job's hosts is read."""

from tests.unit.api.views import task

from jobfleet.operations.log_text import READ_AT_ONCE, READ_AT_ONCE_BYTES, portions

LARGE = READ_AT_ONCE_BYTES // 4


def test_what_is_read_at_once_is_bounded_by_its_size() -> None:
    rows = [task(number, output_bytes=LARGE) for number in range(10)]
    found = list(portions(rows))
    assert [len(portion) for portion in found] == [4, 4, 2]
    assert [row for portion in found for row in portion] == rows


def test_output_that_is_larger_than_a_portion_is_read_alone() -> None:
    rows = [task(1), task(2, output_bytes=READ_AT_ONCE_BYTES + 1), task(3)]
    assert [len(portion) for portion in portions(rows)] == [1, 1, 1]


def test_hosts_that_print_little_are_read_together() -> None:
    rows = [task(number) for number in range(READ_AT_ONCE + 1)]
    assert [len(portion) for portion in portions(rows)] == [READ_AT_ONCE, 1]
