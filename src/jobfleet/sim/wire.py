"""A lean connection to the broker: one object and one socket, so that one process carries ten thousand.

It speaks what an agent needs of the NATS client protocol: log in with a user JWT, subscribe, publish, receive.
The client library of the real agent costs three tasks and several buffers a connection.
"""

import asyncio
import base64
from collections.abc import Callable, Sequence
from typing import cast
from urllib.parse import urlsplit

import msgspec

from jobfleet.bus.identity import Identity, sign
from jobfleet.sim.frames import Control, Delivery, cut

_LOGIN_S = 30.0
_DEFAULT_PORT = 4222


class BrokerRefusedError(Exception):
    """The broker refused a connection or ended it; the message is the broker's."""


class Login(msgspec.Struct, frozen=True):
    """Who connects, and on which subjects it listens."""

    identity: Identity
    name: str
    subjects: Sequence[str]


class _Greeting(msgspec.Struct, frozen=True):
    """What is needed of the broker's INFO; without a nonce it asks for no signature."""

    nonce: str = ""
    tls_required: bool = False


class Wire(asyncio.Protocol):
    """One connection; `on_message` is called with every message as it arrives."""

    def __init__(self, login: Login, on_message: Callable[[Delivery], None]) -> None:
        loop = asyncio.get_running_loop()
        self._login = login
        self._on_message = on_message
        self._rest = b""
        self._transport: asyncio.Transport | None = None
        self._ready: asyncio.Future[None] = loop.create_future()
        self._closed: asyncio.Future[None] = loop.create_future()
        self._complaint = ""

    @property
    def open(self) -> bool:
        """Say whether messages can be sent."""
        return self._ready.done() and not self._closed.done()

    def publish(self, subject: str, payload: bytes, reply: str = "") -> None:
        """Send a message, unless the connection is gone: then nothing is sent and nothing is kept."""
        if self._transport is not None and not self._closed.done():
            to = f"{subject} {reply}" if reply else subject
            self._transport.write(b"PUB %b %d\r\n%b\r\n" % (to.encode("ascii"), len(payload), payload))

    async def logged_in(self) -> None:
        """Wait until the broker has accepted the login and knows the subscriptions.

        Raises:
            BrokerRefusedError: It refused, hung up, or did not answer in time.
        """
        try:
            await asyncio.wait_for(asyncio.shield(self._ready), _LOGIN_S)
        except TimeoutError as error:
            raise BrokerRefusedError("the broker did not answer the login") from error

    async def closed(self) -> None:
        """Wait until the connection is gone."""
        await asyncio.shield(self._closed)

    def close(self) -> None:
        """Hang up after what was sent has left."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; the broker speaks first."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take bytes off the socket and act on each whole frame in them."""
        frames, self._rest = cut(self._rest + data if self._rest else data)
        for frame in frames:
            if isinstance(frame, Delivery):
                self._on_message(frame)
            else:
                self._control(frame)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake everybody who waits for this connection."""
        if not self._closed.done():
            self._closed.set_result(None)
        if not self._ready.done():
            self._ready.set_exception(BrokerRefusedError(self._complaint or str(exc or "the broker hung up")))

    def _control(self, frame: Control) -> None:
        match frame.verb:
            case "PING":
                self._write(b"PONG\r\n")
            case "PONG" if not self._ready.done():
                self._ready.set_result(None)
            case "INFO" if not self._ready.done():
                self._greet(msgspec.json.decode(frame.text, type=_Greeting))
            case "-ERR":
                self._complaint = frame.text.strip("'")

    def _greet(self, greeting: _Greeting) -> None:
        """Log in and subscribe in one write; the broker's PONG then says that it took all of it."""
        if greeting.tls_required:
            self._complaint = "the broker wants TLS, which the simulated fleet does not speak"
            self.close()
            return
        lines = [f"SUB {subject} {number}" for number, subject in enumerate(self._login.subjects, 1)]
        self._write("\r\n".join([f"CONNECT {self._credentials(greeting)}", *lines, "PING", ""]).encode())

    def _credentials(self, greeting: _Greeting) -> str:
        signature = sign(self._login.identity.seed, greeting.nonce.encode()) if greeting.nonce else b""
        options: dict[str, object] = {
            "jwt": self._login.identity.jwt,
            "sig": base64.urlsafe_b64encode(signature).decode("ascii").rstrip("="),
            "name": self._login.name,
            "lang": "jobfleet-sim",
            "version": "1",
            "protocol": 1,
            "verbose": False,
            "pedantic": False,
            "headers": True,
            "no_responders": True,
        }
        return msgspec.json.encode(options).decode()

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


async def connect(url: str, login: Login, on_message: Callable[[Delivery], None]) -> Wire:
    """Connect to a broker at `nats://host:port` and return the connection once the login is accepted.

    Raises:
        BrokerRefusedError: The broker refused the login.
        OSError: Nobody listens there.
    """
    host, port = address(url)
    loop = asyncio.get_running_loop()
    _, wire = await loop.create_connection(lambda: Wire(login, on_message), host, port)
    await wire.logged_in()
    return wire


def address(url: str) -> tuple[str, int]:
    """Return host and port of a broker's address.

    Raises:
        ValueError: It is not a `nats://` address.
    """
    parts = urlsplit(url)
    if parts.scheme != "nats" or parts.hostname is None:
        raise ValueError(f"the simulated fleet connects to nats://host:port, not to {url}")
    return parts.hostname, parts.port or _DEFAULT_PORT
