"""What a transfer asks of the server's store of contents, over one HTTP connection that it comes back to."""

import encodings.idna  # noqa: F401 - loaded before the account changes: it may not be able to read it then
import hashlib
import http.client
import ssl
import time
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jobfleet.agent import elsewhere
from jobfleet.agent.files import now_ms
from jobfleet.agent.identity import Identity
from jobfleet.bus import agent_http
from jobfleet.bus.nkey import private_key
from jobfleet.model.transfer import Kept

TIMEOUT_S = 120.0
PATIENCE_S = 300.0
"""How long the server may be away before a transfer gives up, if its time limit does not end it before."""

_FIRST_PAUSE_S, _LAST_PAUSE_S = 0.2, 5.0
_kept = msgspec.json.Decoder(Kept)


class DepotError(Exception):
    """Say that the server refuses, or has been away for too long; `status` is its HTTP code or 0."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Depot:
    """The server's store as one task of one host sees it; every request is signed with the agent's key."""

    def __init__(self, identity: Identity, task_id: int) -> None:
        parts = urlsplit(identity.server)
        self._host, self._port = parts.hostname or "", parts.port
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._prefix = parts.path
        self._host_id = identity.host_id
        self._key: Ed25519PrivateKey = private_key(identity.seed)
        self._root = f"/api/agent/v1/tasks/{task_id}"
        self._connection: http.client.HTTPConnection | None = None
        self._lost_at: float | None = None
        self._stays_here = False

    def stored(self, content_hash: str, size_bytes: int) -> Kept:
        """Return how much of a content the server has."""
        query = f"?offset=0&size={size_bytes}"
        return _kept.decode(self._ask("PUT", f"{self._root}/contents/{content_hash}", query, b""))

    def append(self, content_hash: str, size_bytes: int, offset: int, count: int, piece: Iterable[bytes]) -> Kept:
        """Send `count` bytes of a content from an offset on; return how much the server has then.

        A connection that is lost meanwhile leaves what had come.
        """
        path, query = f"{self._root}/contents/{content_hash}", f"?offset={offset}&size={size_bytes}"
        try:
            kept = _kept.decode(self._answer("PUT", path, query, {"Content-Length": str(count)}, piece).read())
        except (OSError, http.client.HTTPException) as error:
            self._lost_at = self._pause(self._lost_at, error)
            return self.stored(content_hash, size_bytes)
        self._lost_at = None
        return kept

    def offer(self, manifest_hash: str, manifest: bytes) -> None:
        """Tell the server what this host offers."""
        self._ask("PUT", f"{self._root}/manifest/{manifest_hash}", "", manifest)

    def listed(self, content_hash: str) -> bytes:
        """Return a list that belongs to an order: what a source offers, many paths, many parts.

        Raises:
            DepotError: What came does not have this hash.
        """
        written = self._ask("GET", f"/api/agent/v1/content/{content_hash}", "", b"")
        if hashlib.sha256(written).hexdigest() != content_hash:
            raise DepotError(0, "what the server sent does not fit the signed hash")
        return written

    def read(self, content_hash: str, offset: int, portion_bytes: int, *, checked: bool = False) -> Iterator[bytes]:
        """Yield a content from an offset on; a connection that is lost meanwhile is taken up where it was.

        Args:
            checked: What came before did not fit its hash: the server is to look at what it has first.
        """
        path, lost_at = f"{self._root}/contents/{content_hash}", None
        while True:
            try:
                answer = self._content(path, offset, checked=checked)
                while block := answer.read(portion_bytes):
                    offset, lost_at = offset + len(block), None
                    yield block
                if not answer.length:
                    return
                raise http.client.IncompleteRead(b"")
            except (OSError, http.client.HTTPException) as error:
                lost_at = self._pause(lost_at, error)

    def _content(self, path: str, offset: int, *, checked: bool) -> http.client.HTTPResponse:
        """Ask for a content from the server, or from where it says; from the server itself if that is out of reach."""
        wanted = {"Range": f"bytes={offset}-"}
        answer = self._answer(
            "GET", path, "?check=1" if checked else "?here=1" if self._stays_here else "", wanted, b""
        )
        if answer.status != http.client.TEMPORARY_REDIRECT:
            return answer
        answer.read()
        try:
            return elsewhere.fetch(answer.headers.get("Location", ""), offset)
        except (OSError, http.client.HTTPException):
            self._stays_here = True
            return self._answer("GET", path, "?here=1", wanted, b"")

    def _ask(self, method: str, path: str, query: str, body: bytes) -> bytes:
        lost_at = None
        while True:
            try:
                return self._answer(method, path, query, {}, body).read()
            except (OSError, http.client.HTTPException) as error:
                lost_at = self._pause(lost_at, error)

    def _answer(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes | Iterable[bytes]
    ) -> http.client.HTTPResponse:
        connection = self._connected()
        target = self._prefix + path
        proof = agent_http.sign(self._key, self._host_id, now_ms(), method, target)
        connection.request(method, target + query, body, headers | {agent_http.HEADER: proof})
        answer = connection.getresponse()
        if answer.status < 400:
            return answer
        text = answer.read(1000).decode(errors="replace")
        if answer.status >= 500 and answer.status != 507:
            raise ConnectionError(f"the server answered {answer.status}: {text}")
        raise DepotError(answer.status, _told(text))

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            if self._tls is None:
                self._connection = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)
            else:
                self._connection = http.client.HTTPSConnection(
                    self._host, self._port, timeout=TIMEOUT_S, context=self._tls
                )
        return self._connection

    def _pause(self, lost_at: float | None, error: Exception) -> float:
        """Drop the connection and wait a while; return when the server was first missed."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        now = time.monotonic()
        missed_at = now if lost_at is None else lost_at
        if now - missed_at > PATIENCE_S:
            raise DepotError(0, f"the server cannot be reached: {error}") from error
        time.sleep(min(_LAST_PAUSE_S, max(_FIRST_PAUSE_S, (now - missed_at) / 2)))
        return missed_at


def _told(text: str) -> str:
    try:
        return str(msgspec.json.decode(text)["message"])
    except (msgspec.MsgspecError, KeyError, TypeError):
        return text.strip()
