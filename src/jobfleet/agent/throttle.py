"""Keep a transfer below a rate, by waiting."""

import time
from collections.abc import Callable

BURST_S = 0.1
"""How much of a second's bytes may go at once."""


class Throttle:
    """Let bytes through at a rate of KiB a second; 0 is no limit. `clock` and `sleep` count in seconds."""

    def __init__(
        self,
        limit_kib_s: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = limit_kib_s * 1024
        self._clock = clock
        self._sleep = sleep
        self._free_at = clock()

    @property
    def portion_bytes(self) -> int:
        """Return how many bytes to take at a time, so that they flow evenly."""
        return min(256 * 1024, max(1024, int(self._rate * BURST_S))) if self._rate else 256 * 1024

    def take(self, count: int) -> None:
        """Wait until `count` bytes may go."""
        if not self._rate:
            return
        now = self._clock()
        self._free_at = max(self._free_at, now - BURST_S) + count / self._rate
        if self._free_at > now:
            self._sleep(self._free_at - now)
