"""How much output fits into one answer."""

from jobfleet.operations.log_text import Room


def test_output_fits_up_to_the_limit_and_not_beyond() -> None:
    room = Room(100)
    assert [room.take(size) for size in (60, 40, 1, 0)] == [True, True, False, True]


def test_what_does_not_fit_leaves_room_for_what_does() -> None:
    room = Room(100)
    assert [room.take(size) for size in (60, 50, 40)] == [True, False, True]


def test_the_first_host_is_always_shown() -> None:
    assert Room(10).take(11)
