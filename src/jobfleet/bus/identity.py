"""Identities on the bus: the hierarchy of operator, accounts and users as NATS JWTs (version 2).

The operator vouches for two accounts: the product's, in which servers and agents talk, and the system
account, over which changed claims reach the broker. A user is a server or one agent.

Source: docs/explanation/security.md, «Who can make a host run something».
"""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import nkeys

from jobfleet.bus import subjects

if TYPE_CHECKING:
    from nats.aio.client import Client

OPERATOR = nkeys.PREFIX_BYTE_OPERATOR
ACCOUNT = nkeys.PREFIX_BYTE_ACCOUNT
USER = nkeys.PREFIX_BYTE_USER

_HEADER = {"typ": "JWT", "alg": "ed25519-nkey"}
_CLAIMS_UPDATE = "$SYS.REQ.CLAIMS.UPDATE"
_PUSH_TIMEOUT_S = 5.0
_REPLY_WINDOW_NS = 60 * 10**9
"""How long after an order an agent may still answer it."""


class ClaimsRefusedError(Exception):
    """The broker did not take changed account claims; the message is the broker's."""


class BusKeys(msgspec.Struct, frozen=True):
    """The seeds from which every identity on the bus is made; whoever has them owns the bus."""

    operator_seed: str
    account_seed: str
    system_seed: str
    server_seed: str

    def __repr__(self) -> str:
        """Return a text without the seeds, so that no log ever has them."""
        return "BusKeys(…)"


class Identity(msgspec.Struct, frozen=True):
    """What one user shows the broker: its JWT, and the seed with which it signs the broker's nonce."""

    jwt: str
    seed: str

    def __repr__(self) -> str:
        """Return a text without the seed, so that no log ever has it."""
        return f"Identity({public_key(self.seed)})"


def generate() -> BusKeys:
    """Return fresh keys for a new installation."""
    return BusKeys(new_seed(OPERATOR), new_seed(ACCOUNT), new_seed(ACCOUNT), new_seed(USER))


def new_seed(prefix: int = USER) -> str:
    """Return a fresh seed; `prefix` is OPERATOR, ACCOUNT or USER."""
    return bytes(nkeys.encode_seed(secrets.token_bytes(32), prefix)).decode("ascii")


def public_key(seed: str) -> str:
    """Return the public key of a seed, as text that begins with O, A or U."""
    return bytes(_pair(seed).public_key).decode("ascii")


def is_user_key(text: str) -> bool:
    """Say whether a text is a well-formed public key of a user, checksum included."""
    try:
        raw = base64.b32decode(text)
    except (binascii.Error, ValueError):
        return False
    return len(raw) == 35 and raw[0] == USER and nkeys.crc16(bytearray(raw[:-2])) == int.from_bytes(raw[-2:], "little")


def sign(seed: str, message: bytes) -> bytes:
    """Return the Ed25519 signature of a message."""
    return bytes(_pair(seed).sign(message))


def operator_jwt(keys: BusKeys, now_s: int) -> str:
    """Return the self-signed operator JWT for the broker's configuration."""
    claims = {"system_account": public_key(keys.system_seed), "type": "operator", "version": 2}
    return _encode(keys.operator_seed, public_key(keys.operator_seed), "jobfleet", now_s, claims)


def account_jwt(keys: BusKeys, now_s: int, revoked: Mapping[str, int] | None = None) -> str:
    """Return the JWT of the product's account.

    Args:
        revoked: Public keys of users that are cut off; a user JWT issued up to that second is void.
    """
    claims = _account_claims() | {"revocations": dict(revoked or {})}
    return _encode(keys.operator_seed, public_key(keys.account_seed), "jobfleet", now_s, claims)


def system_account_jwt(keys: BusKeys, now_s: int) -> str:
    """Return the JWT of the system account."""
    return _encode(keys.operator_seed, public_key(keys.system_seed), "SYS", now_s, _account_claims())


def server_identity(keys: BusKeys, now_s: int) -> Identity:
    """Return the identity of a server: everything within the product's account."""
    jwt = _user_jwt(keys.account_seed, public_key(keys.server_seed), "server", now_s, {})
    return Identity(jwt, keys.server_seed)


def system_identity(keys: BusKeys, now_s: int) -> Identity:
    """Return the identity with which a server changes account claims; it may do nothing else."""
    seed = new_seed()
    permissions = {"pub": {"allow": [_CLAIMS_UPDATE]}, "sub": {"allow": ["_INBOX.>"]}}
    return Identity(_user_jwt(keys.system_seed, public_key(seed), "claims", now_s, permissions), seed)


def agent_jwt(keys: BusKeys, host_id: int, agent_key: str, now_s: int) -> str:
    """Return the JWT of one agent: it may speak and listen on its own subjects and answer its orders."""
    permissions = {
        "pub": {"allow": [subjects.report(host_id), subjects.hello(host_id)]},
        "sub": {"allow": [f"agent.{host_id}.>", f"{subjects.inbox_prefix(host_id)}.>"]},
        "resp": {"max": 1, "ttl": _REPLY_WINDOW_NS},
    }
    return _user_jwt(keys.account_seed, agent_key, f"agent-{host_id}", now_s, permissions)


async def push_account(system: "Client", jwt: str) -> None:
    """Hand changed account claims to the broker, which cuts off the users they revoke at once.

    Args:
        system: A connection with a `system_identity`.

    Raises:
        ClaimsRefusedError: The broker refused the claims.
        nats.errors.TimeoutError: The broker did not answer.
    """
    answer = await system.request(_CLAIMS_UPDATE, jwt.encode(), timeout=_PUSH_TIMEOUT_S)
    error = msgspec.json.decode(answer.data).get("error")
    if error:
        raise ClaimsRefusedError(str(error.get("description", error)))


def _account_claims() -> dict[str, Any]:
    limits = dict.fromkeys(("subs", "data", "payload", "imports", "exports", "conn", "leaf"), -1)
    return {
        "limits": {**limits, "wildcards": True},
        "default_permissions": {"pub": {}, "sub": {}},
        "type": "account",
        "version": 2,
    }


def _user_jwt(account_seed: str, user: str, name: str, now_s: int, permissions: dict[str, Any]) -> str:
    claims = {"pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1, "type": "user", "version": 2}
    return _encode(account_seed, user, name, now_s, claims | permissions)


def _encode(issuer_seed: str, subject: str, name: str, now_s: int, claims: dict[str, Any]) -> str:
    body = {"iat": now_s, "iss": public_key(issuer_seed), "name": name, "sub": subject, "nats": claims}
    body["jti"] = base64.b32encode(hashlib.sha256(msgspec.json.encode(body)).digest()).decode().rstrip("=")
    signed = f"{_base64url(msgspec.json.encode(_HEADER))}.{_base64url(msgspec.json.encode(body))}"
    return f"{signed}.{_base64url(sign(issuer_seed, signed.encode()))}"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def _pair(seed: str) -> Any:
    return nkeys.from_seed(bytearray(seed, "ascii"))
