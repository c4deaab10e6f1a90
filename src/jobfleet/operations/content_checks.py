"""Check contents of files anew when somebody says that they are damaged."""

import asyncio
from pathlib import Path

from jobfleet.store.blobs import Blobs


class ContentChecks:
    """Let a content be read by one check at a time: many targets miss it at the same moment."""

    def __init__(self) -> None:
        self._running: dict[Path, asyncio.Task[bool]] = {}

    async def check(self, blobs: Blobs, content_hash: str) -> bool:
        """Tell whether a content is there and right; drop it when it is not."""
        path = blobs.path(content_hash)
        running = self._running.get(path)
        if running is None:
            running = asyncio.create_task(asyncio.to_thread(blobs.check, content_hash))
            self._running[path] = running
            running.add_done_callback(lambda _: self._running.pop(path))
        return await asyncio.shield(running)  # whoever waits may go away and come again
