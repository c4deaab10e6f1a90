"""The agent's one connection: to NATS under its own identity, come back to for ever."""

import asyncio
import base64
import logging
import random
import ssl
from collections.abc import Awaitable, Callable

import nats.errors
from nats.aio.client import Server
from nats.aio.msg import Msg

from jobfleet.agent.identity import Identity
from jobfleet.bus import subjects
from jobfleet.bus.client import BusClient
from jobfleet.bus.nkey import private_key

REFUSED_WAIT_S = 30.0
"""How long an agent waits before it tries again when the broker does not know it (any more)."""

_LOST_WAIT_S = 1.0
_LONGEST_WAIT_S = 10.0
_PING_S = 20
_REFUSALS = ("authorization", "authentication", "revoked", "expired")

Answer = Callable[[bytes], Awaitable[bytes]]
OnError = Callable[[Exception], Awaitable[None]]

log = logging.getLogger(__name__)


class Connection:
    """A connection that takes orders, carries reports and comes back by itself."""

    def __init__(self, identity: Identity, answer: Answer, on_connected: Callable[[], Awaitable[None]]) -> None:
        """Take orders for `answer`; call `on_connected` after every connect and reconnect."""
        self._identity = identity
        self._answer = answer
        self._on_connected = on_connected
        self._client: BusClient | None = None
        self._asking: set[asyncio.Task[Msg]] = set()
        self._answering: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Stay connected until cancelled."""
        while True:
            error = await self._session()
            wait_s = _wait_s(error)
            _log_end(error, wait_s)
            await asyncio.sleep(wait_s)

    async def ask(self, payload: bytes, wait_s: float) -> bytes:
        """Send a report and return the answer.

        Raises:
            OSError: Nobody is there (ConnectionError) or nobody answered in time (TimeoutError).
        """
        client = self._connected()
        request = asyncio.create_task(client.request(subjects.report(self._identity.host_id), payload, timeout=wait_s))
        self._asking.add(request)
        request.add_done_callback(self._asking.discard)
        return await _answer_of(request)

    async def say(self, subject: str, payload: bytes) -> None:
        """Publish a message that needs no answer.

        Raises:
            ConnectionError: There is no connection.
        """
        try:
            await self._connected().publish(subject, payload)
        except nats.errors.Error as error:
            raise ConnectionError(str(error)) from error

    async def close(self) -> None:
        """Close the connection; `run` must have been cancelled."""
        for task in [*self._answering, *self._asking]:
            task.cancel()
        if self._client is not None:
            await self._client.close()

    def _connected(self) -> BusClient:
        if self._client is None or not self._client.is_connected:
            raise ConnectionError("not connected to NATS")
        return self._client

    async def _session(self) -> Exception | None:
        """Connect and stay connected until the broker refuses or closes; return why it was over.

        nats-py by itself would ask a broker that refuses it again and again without a pause.
        """
        over = asyncio.Event()
        errors: list[Exception] = []

        async def on_error(error: Exception) -> None:
            log.warning("connection-error error=%r", str(error))
            errors.append(error)
            if _is_refusal(error):
                over.set()

        async def on_closed() -> None:
            over.set()

        client = BusClient()
        entering = asyncio.create_task(self._enter(client, on_error, on_closed))
        ending = asyncio.create_task(over.wait())
        try:
            await asyncio.wait({entering, ending}, return_when=asyncio.FIRST_COMPLETED)
            if entering.done() and entering.exception() is None:
                await ending
        finally:
            self._client = None
            for task in (entering, ending):
                task.cancel()
            await asyncio.gather(entering, ending, return_exceptions=True)
            await client.close()
        return errors[-1] if errors else client.last_error

    async def _enter(self, client: BusClient, on_error: OnError, on_closed: Callable[[], Awaitable[None]]) -> None:
        await client.connect(
            servers=self._identity.nats_urls,
            name=f"jobfleet-agent-{self._identity.host_id}",
            max_reconnect_attempts=-1,
            reconnect_to_server_handler=_next_server,
            ping_interval=_PING_S,
            connect_timeout=5,
            inbox_prefix=subjects.inbox_prefix(self._identity.host_id),
            tls=_tls(self._identity),
            error_cb=on_error,
            disconnected_cb=self._on_disconnected,
            reconnected_cb=self._on_connected,
            closed_cb=on_closed,
            user_jwt_cb=_jwt_of(self._identity),
            signature_cb=_signer_of(self._identity),
        )
        await client.subscribe(subjects.orders(self._identity.host_id), cb=self._take)
        await client.flush()
        self._client = client
        await self._on_connected()

    async def _take(self, message: Msg) -> None:
        task = asyncio.create_task(self._reply(message))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _reply(self, message: Msg) -> None:
        answer = await self._answer(message.data)
        try:
            if message.reply:
                await message.respond(answer)
        except nats.errors.Error as error:
            log.warning("reply-lost error=%r", str(error))  # the server asks again; the journal knows the answer

    async def _on_disconnected(self) -> None:
        log.warning("disconnected")
        for request in self._asking:
            request.cancel()


async def _answer_of(request: "asyncio.Task[Msg]") -> bytes:
    try:
        return (await request).data
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            request.cancel()
            raise
        raise ConnectionResetError("the connection to NATS was lost") from None
    except nats.errors.TimeoutError:
        raise
    except nats.errors.Error as error:
        raise ConnectionError(str(error)) from error


def _jwt_of(identity: Identity) -> Callable[[], bytes] | None:
    """Return what shows who the client is; None when the broker asks nobody."""
    return identity.user_jwt.encode if identity.user_jwt else None


def _signer_of(identity: Identity) -> Callable[[str], bytes] | None:
    """Return what proves who the client is; None when the broker asks nobody."""
    if not identity.user_jwt:
        return None
    key = private_key(identity.seed)
    return lambda nonce: base64.b64encode(key.sign(nonce.encode()))


def _tls(identity: Identity) -> ssl.SSLContext | None:
    if not any(url.startswith(("tls://", "wss://")) for url in identity.nats_urls):
        return None
    return ssl.create_default_context(cadata=identity.nats_ca or None)


def _next_server(servers: list[Server], _facts: dict[str, object]) -> tuple[Server, float]:
    """Choose a server at random and wait longer from try to try, so that a fleet does not come back at once."""
    chosen = random.choice(servers)  # noqa: S311 — spreads load, hides nothing
    longest = min(_LONGEST_WAIT_S, 0.25 * 2.0 ** min(chosen.reconnects, 8))
    return chosen, random.uniform(0.05, longest)  # noqa: S311


def _wait_s(error: Exception | None) -> float:
    base = REFUSED_WAIT_S if error is not None and _is_refusal(error) else _LOST_WAIT_S
    return base * random.uniform(0.5, 1.5)  # noqa: S311


def _is_refusal(error: Exception) -> bool:
    return any(word in str(error).lower() for word in _REFUSALS)


def _log_end(error: Exception | None, wait_s: float) -> None:
    if error is not None and _is_refusal(error):
        hint = "this agent was revoked or replaced; remove its identity and enrol it again"
        log.error("refused-by-broker error=%r retry_s=%.0f hint=%r", str(error), wait_s, hint)
    else:
        log.warning("connection-closed error=%r retry_s=%.1f", str(error or ""), wait_s)
