"""How many streams a user reads on one server: each costs a look at the record every few seconds."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from jobfleet.model.signin_errors import TooManyStreamsError

MAX_STREAMS = 50
"""Streams of one user on one server; a console reads one a window."""


class Seats:
    """Count the streams that users read."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    def check(self, name: str) -> None:
        """Do nothing when a user may read one more stream.

        Raises:
            TooManyStreamsError: The user reads MAX_STREAMS.
        """
        if self._taken[name] >= MAX_STREAMS:
            raise TooManyStreamsError(MAX_STREAMS)

    @contextmanager
    def taken(self, name: str) -> Iterator[None]:
        """Count one more stream of a user until it ends."""
        self._taken[name] += 1
        try:
            yield
        finally:
            self._taken[name] -= 1
            self._taken += Counter()  # forget those who read none
