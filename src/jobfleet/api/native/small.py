"""Answers that are large and much alike: encoded once, and sent compressed."""

import asyncio
import gzip

import msgspec

from jobfleet.api.native.route import Call, Ready

LEVEL = 4
"""How hard answers are compressed: what more would save takes longer than sending it."""

SMALL_BYTES = 1_400


async def compressed(call: Call, answer: msgspec.Struct) -> Ready:
    """Return an answer as it is sent: compressed when it is large and the caller takes that."""
    body = msgspec.json.encode(answer)
    if len(body) <= SMALL_BYTES or "gzip" not in call.request.headers.get("accept-encoding", ""):
        return Ready(body, {"Vary": "Accept-Encoding"})
    small = await asyncio.to_thread(gzip.compress, body, LEVEL, mtime=0)
    return Ready(small, {"Vary": "Accept-Encoding", "Content-Encoding": "gzip"})
