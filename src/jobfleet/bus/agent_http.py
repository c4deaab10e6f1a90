"""How an agent proves over HTTP who it is: a header signed with its NATS key."""

import base64
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jobfleet.bus.nkey import user_key

HEADER = "X-Jobfleet-Agent"
WINDOW_MS = 60_000
"""How far the clock of an agent may be from the server's."""

_PREFIX = b"jobfleet agent http v1\x00"
_FORM = re.compile(r"([1-9][0-9]{0,17})\.([1-9][0-9]{0,17})\.([A-Za-z0-9_-]{86})")
"""Host id and time that fit a column, and the 64 bytes of a signature."""


class AgentProofError(Exception):
    """Refuse a request that does not prove which agent sent it."""


def sign(key: Ed25519PrivateKey, host_id: int, now: int, method: str, path: str) -> str:
    """Return the header value `<host_id>.<epoch_ms>.<base64url signature>` for one request.

    Args:
        now: Epoch milliseconds.
        path: The path as the server sees it, from the first slash on, without the query.
    """
    signature = key.sign(_message(host_id, now, method, path))
    return f"{host_id}.{now}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def host_of(header: str) -> int:
    """Return the host id that a header claims, so that its public key can be looked up.

    Raises:
        AgentProofError: The header is malformed.
    """
    return _parse(header)[0]


def verify(header: str, public_key: str, now: int, method: str, path: str) -> int:
    """Return the host id of the agent that signed a request.

    Args:
        header: The value of `HEADER`.
        public_key: The agent's public nkey («U…») as enrolled for the host that `host_of` returns.
        now: Epoch milliseconds.

    Raises:
        AgentProofError: The header is malformed, too old or not signed by this key.
    """
    host_id, sent_at, signature = _parse(header)
    if abs(now - sent_at) > WINDOW_MS:
        raise AgentProofError("the agent's signature is too old or from the future")
    try:
        user_key(public_key).verify(signature, _message(host_id, sent_at, method, path))
    except InvalidSignature as error:
        raise AgentProofError("the agent's signature does not fit the request") from error
    except ValueError as error:
        raise AgentProofError("the agent's public key is malformed") from error
    return host_id


def _message(host_id: int, now: int, method: str, path: str) -> bytes:
    return _PREFIX + f"{host_id}\n{now}\n{method.upper()}\n{path}".encode()


def _parse(header: str) -> tuple[int, int, bytes]:
    found = _FORM.fullmatch(header)
    if found is None:
        raise AgentProofError("the agent's header is malformed")
    return int(found[1]), int(found[2]), base64.urlsafe_b64decode(found[3] + "==")
