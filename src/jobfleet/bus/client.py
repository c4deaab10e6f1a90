"""The broker's client, with what its library gets wrong put right."""

import time

from nats.aio.client import Client

_FLUSH_TIMEOUT_S = 5


class BusClient(Client):
    """A client that knows since when it is connected: epoch milliseconds, 0 before the first time."""

    connected_at = 0

    @property
    def has_reconnected(self) -> bool:
        """Say whether the connection was lost before."""
        return bool(self.stats["reconnects"])

    async def flush(self, timeout: int = _FLUSH_TIMEOUT_S) -> None:  # noqa: ASYNC109 - the library's own parameter
        """Wait until the broker has taken everything that was given to this client (seconds).

        nats-py 2.16 asks ahead of what it has not written yet, so that only the second answer tells.
        """
        await super().flush(timeout)
        await super().flush(timeout)

    def note_connected(self) -> None:
        """Take now as the time of the connection."""
        self.connected_at = time.time_ns() // 1_000_000
