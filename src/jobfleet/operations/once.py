"""The same request of the same caller starts one job, however often it comes."""

import hashlib
from collections.abc import Awaitable, Callable

import msgspec

from jobfleet.model.caller import Caller
from jobfleet.model.job import StartedJob
from jobfleet.model.job_errors import IdempotencyConflictError
from jobfleet.operations.platform import Platform
from jobfleet.store import idempotency
from jobfleet.store.database import Transaction


async def once(
    tx: Transaction,
    platform: Platform,
    caller: Caller,
    key: str,
    request: msgspec.Struct,
    start: Callable[[], Awaitable[StartedJob]],
) -> StartedJob:
    """Return what the same request started before under its idempotency key, or what it starts now.

    Args:
        key: What the caller gave; "" starts a job every time.
        request: What was asked for, without the key and without anything that differs from one sending to the next.

    Raises:
        IdempotencyConflictError: The key was used with another request.

    Source: docs/reference/api.md, «Idempotency».
    """
    if not key:
        return await start()
    owner, asked = _owner(caller), _hash(request)
    kept = await idempotency.reserve(tx, owner, key, asked, platform.engine.clock())
    if kept is None:
        started = await start()
        await idempotency.keep(tx, owner, key, started)
        return started
    if kept.request_hash != asked:
        raise IdempotencyConflictError("the Idempotency-Key was used with another request")
    return kept.started


def _owner(caller: Caller) -> str:
    """Return whose keys a caller uses; no two callers share one, whatever their names are."""
    return f"{len(caller.app_code)}:{caller.app_code}/{caller.username}"


def _hash(request: msgspec.Struct) -> bytes:
    """Return what makes a request the same as another one."""
    return hashlib.sha256(type(request).__name__.encode() + b"\x00" + msgspec.msgpack.encode(request)).digest()
