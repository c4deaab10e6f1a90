"""Keep requests to file sources away from where they must not go: every connection is checked where it leads.

The library that speaks with object stores finds addresses and follows redirects by itself. So it is given a proxy on
this machine's loopback, which connects to checked addresses only.
"""

import asyncio
import base64
import hmac
import secrets
import socket
from contextlib import suppress
from urllib.parse import urlsplit

from jobfleet.model.callback import CallbackPolicy, refusal_of
from jobfleet.model.resource_errors import EndpointRefusedError

HEAD_BYTES = 64 * 1024
CONNECT_S = 10.0
_BLOCK_BYTES = 256 * 1024
REFUSED_STATUS = 451
REFUSED = "JobfleetAddressRefused"
"""What an answer of the guard holds that refuses an address; the reason follows after a colon."""


class RefusedAddressError(Exception):
    """Say why a connection may not be made."""


async def check_endpoint(policy: CallbackPolicy, url: str) -> None:
    """Do nothing when a file source may be at an address; a name that leads nowhere yet may pass.

    Raises:
        EndpointRefusedError: It may not.
    """
    parts = urlsplit(url)
    try:
        await checked_address(policy, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
    except RefusedAddressError as error:
        raise EndpointRefusedError(url, str(error)) from error
    except OSError:  # it is looked at again whenever files are fetched
        return


async def checked_address(policy: CallbackPolicy, host: str, port: int) -> str:
    """Return an address of a host that may be connected to.

    Raises:
        RefusedAddressError: The policy forbids it.
        OSError: The host is not found.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise RefusedAddressError("the host is no name that could be found") from error
    addresses = [str(entry[4][0]) for entry in found]
    reason = refusal_of(policy, host, addresses)
    if reason:
        raise RefusedAddressError(reason)
    return addresses[0]


class Guard:
    """An HTTP proxy for this process alone, that connects to allowed addresses only."""

    def __init__(self, policy: CallbackPolicy) -> None:
        self._policy = policy
        self._word = secrets.token_urlsafe(24)
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def url(self) -> str:
        """Return the proxy's address with the word that opens it; the first call starts it."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=HEAD_BYTES)
        port = self._server.sockets[0].getsockname()[1]
        return f"http://guard:{self._word}@127.0.0.1:{port}"

    async def close(self) -> None:
        """Take no more connections, and cut those that are open."""
        if self._server is not None:
            self._server.close()
            self._server = None
        open_ones = list(self._connections)
        for connection in open_ones:
            connection.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(self._answer(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            await self._forward(head, reader, writer)
        except RefusedAddressError as error:
            await _say(writer, REFUSED_STATUS, f"{REFUSED}: {error}")
        except OSError as error:
            await _say(writer, 502, f"{error.strerror or error}")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, ValueError) as error:
            await _say(writer, 502, type(error).__name__)
        finally:
            writer.close()

    async def _forward(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *rest = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        if not self._knows_word(rest):
            raise RefusedAddressError("the store leads to another address")  # what follows a redirect lacks the word
        is_tunnel = method == "CONNECT"
        parts = urlsplit(f"//{target}" if is_tunnel else target)
        host, port = parts.hostname or "", parts.port or (443 if is_tunnel else 80)
        address = await checked_address(self._policy, host, port)
        async with asyncio.timeout(CONNECT_S):
            there, back = await asyncio.open_connection(address, port)
        if is_tunnel:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            kept = [line for line in rest if not line.lower().startswith("proxy-")]
            origin = target.split("/", 3)[3] if target.count("/") > 2 else ""
            back.write("\r\n".join([f"{method} /{origin} HTTP/1.1", *kept]).encode("latin-1"))
        await _join(reader, back, there, writer)

    def _knows_word(self, lines: list[str]) -> bool:
        wanted = base64.b64encode(f"guard:{self._word}".encode()).decode()
        given = next((line for line in lines if line.lower().startswith("proxy-authorization:")), "")
        return hmac.compare_digest(given.rpartition(" ")[2].encode(), wanted.encode())


async def _join(
    reader: asyncio.StreamReader, back: asyncio.StreamWriter, there: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Pass bytes on in both directions until the far side has said everything, or either is gone."""
    sending = asyncio.create_task(_pass(reader, back))
    try:
        await _pass(there, writer)
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        back.close()


async def _pass(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while block := await source.read(_BLOCK_BYTES):
            sink.write(block)
            await sink.drain()
        if sink.can_write_eof():
            sink.write_eof()


async def _say(writer: asyncio.StreamWriter, status: int, text: str) -> None:
    body = text.encode()
    with suppress(OSError):
        writer.write(
            f"HTTP/1.1 {status} Refused\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
        )
        await writer.drain()
