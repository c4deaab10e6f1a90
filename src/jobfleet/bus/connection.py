"""Connections to the broker: who connects, how, and that they come back by themselves."""

import asyncio
import base64
import random
import ssl
from collections.abc import Awaitable, Callable

import msgspec

from jobfleet.bus.client import BusClient
from jobfleet.bus.identity import Identity, sign

_RECONNECT_S = (0.2, 1.2)
"""Bounds of the pause between two attempts; every connection draws its own, so that a fleet spreads out."""

_CONNECT_TIMEOUT_S = 5
_PING_INTERVAL_S = 20

Callback = Callable[[], Awaitable[None]]


class Endpoint(msgspec.Struct, frozen=True):
    """Where the broker is and who we are there.

    `urls` are `nats://host:port` or `tls://host:port`; `ca` is the PEM text of the authority that signed the
    broker's certificate, "" for the system's; `inbox_prefix` must be one the identity may listen on.
    """

    urls: list[str]
    identity: Identity
    name: str
    ca: str = ""
    inbox_prefix: str = "_INBOX"


class Callbacks(msgspec.Struct, frozen=True):
    """What to call as a connection changes.

    `closed` is final: the broker refused us (revoked, account gone) or we closed; only a new connect helps.
    """

    connected_again: Callback | None = None
    lost: Callback | None = None
    closed: Callback | None = None
    failed: Callable[[Exception], Awaitable[None]] | None = None


_NO_CALLBACKS = Callbacks()


class IdentityRefusedError(Exception):
    """The broker does not know the identity, or it was revoked; the message is the broker's."""


async def connect(endpoint: Endpoint, callbacks: Callbacks = _NO_CALLBACKS) -> BusClient:
    """Connect, and reconnect for ever when the broker goes away.

    Waits until the broker is there; bound it with `asyncio.timeout` where that is not wanted.

    Raises:
        IdentityRefusedError: The broker does not know the identity, or it was revoked.
    """
    client = BusClient()
    refusal = asyncio.Event()
    words: list[str] = []

    async def failed(error: Exception) -> None:
        if not client.is_connected and is_refusal(error):
            words.append(str(error))
            refusal.set()
        if callbacks.failed is not None:
            await callbacks.failed(error)

    attempt = asyncio.create_task(_attempt(client, endpoint, msgspec.structs.replace(callbacks, failed=failed)))
    if await _first(attempt, refusal):
        return client
    await client.close()
    raise IdentityRefusedError(words[0])


def is_refusal(error: Exception) -> bool:
    """Say whether a transport error means that the broker will not have this identity."""
    text = str(error).lower()
    return "authorization" in text or "authentication" in text


async def _first(attempt: asyncio.Task[None], refusal: asyncio.Event) -> bool:
    """Wait for one of the two; return whether it was the attempt, and leave nothing running."""
    refused = asyncio.create_task(refusal.wait())
    try:
        await asyncio.wait((attempt, refused), return_when=asyncio.FIRST_COMPLETED)
        if attempt.done():
            attempt.result()
            return True
        return False
    finally:
        attempt.cancel()
        refused.cancel()
        await asyncio.gather(attempt, refused, return_exceptions=True)


async def _attempt(client: BusClient, endpoint: Endpoint, callbacks: Callbacks) -> None:
    """Connect; nats-py tries for ever, even when the broker knows us and will not have us."""

    def signature(nonce: str) -> bytes:
        return base64.b64encode(sign(endpoint.identity.seed, nonce.encode()))

    async def connected_again() -> None:
        client.note_connected()
        if callbacks.connected_again is not None:
            await callbacks.connected_again()

    await client.connect(
        servers=endpoint.urls,
        name=endpoint.name,
        user_jwt_cb=lambda: bytearray(endpoint.identity.jwt, "ascii"),
        signature_cb=signature,
        inbox_prefix=endpoint.inbox_prefix,
        tls=tls_context(endpoint.ca) if _wants_tls(endpoint) else None,
        max_reconnect_attempts=-1,
        reconnect_time_wait=random.uniform(*_RECONNECT_S),  # type: ignore[arg-type]  # noqa: S311 (no secret)
        connect_timeout=_CONNECT_TIMEOUT_S,
        ping_interval=_PING_INTERVAL_S,
        reconnected_cb=connected_again,
        disconnected_cb=callbacks.lost,
        closed_cb=callbacks.closed,
        error_cb=callbacks.failed,
    )
    client.note_connected()


def tls_context(ca: str) -> ssl.SSLContext:
    """Return a context that checks certificates against `ca` (PEM text), or the system's when it is ""."""
    return ssl.create_default_context(cadata=ca or None)


def _wants_tls(endpoint: Endpoint) -> bool:
    return bool(endpoint.ca) or any(url.startswith("tls://") for url in endpoint.urls)
