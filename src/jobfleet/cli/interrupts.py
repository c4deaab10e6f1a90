"""Ctrl-C while a job is followed: counted, and felt only where waiting happens."""

import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self, TypeVar

Result = TypeVar("Result")


class Interrupts:
    """Count Ctrl-C for the length of a block; each one ends the wait that it meets, and nothing else."""

    def __init__(self) -> None:
        self.count = 0
        self._is_waiting = False
        self._former: Any = None

    def __enter__(self) -> Self:
        self._former = signal.signal(signal.SIGINT, self._take)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        signal.signal(signal.SIGINT, self._former)

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self._is_waiting:
            raise KeyboardInterrupt

    def wait_for(self, work: Callable[[], Result]) -> Result | None:
        """Return what `work` returns, or None when a Ctrl-C ended it."""
        self._is_waiting = True
        try:
            return work()
        except KeyboardInterrupt:
            return None
        finally:
            self._is_waiting = False
