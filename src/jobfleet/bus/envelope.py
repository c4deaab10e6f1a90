"""Sign orders on the server; check them on the agent, stage by stage."""

import secrets

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from jobfleet.model.order import Envelope, Order, OrderBody
from jobfleet.model.unreadable import UNREADABLE

PREFIX = b"jobfleet order v1\x00"
LIFETIME_MS = 60_000
"""How long an order is good for; clocks of server and hosts may differ by CLOCK_SKEW_MS."""

CLOCK_SKEW_MS = 30_000

_encoder = msgspec.msgpack.Encoder()
_envelopes = msgspec.msgpack.Decoder(Envelope)
_bodies = msgspec.msgpack.Decoder(OrderBody)


class RefusedOrderError(Exception):
    """Refuse an order; `reason` is malformed, forged, foreign, expired or repeated."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def sign(key: Ed25519PrivateKey, host_id: int, order: Order, now: int) -> bytes:
    """Return the signed envelope of an order for one host, good for LIFETIME_MS from `now`."""
    body = _encoder.encode(
        OrderBody(
            host_id=host_id,
            issued_at=now,
            expires_at=now + LIFETIME_MS,
            nonce=secrets.token_bytes(16),
            order=order,
        )
    )
    return _encoder.encode(Envelope(body=body, signature=key.sign(PREFIX + body)))


class Gate:
    """Let through what this host's server signed, once and in time; count the refusals by reason."""

    def __init__(self, host_id: int, public_key: Ed25519PublicKey) -> None:
        self._host_id = host_id
        self._public_key = public_key
        self._seen: dict[bytes, int] = {}
        self.refused: dict[str, int] = {}

    def admit(self, message: bytes, now: int) -> Order:
        """Return the order in an envelope.

        Raises:
            RefusedOrderError: The envelope is malformed, forged, foreign, expired or repeated.
        """
        try:
            body = self._verified(message)
            self._check(body, now)
        except RefusedOrderError as error:
            self.refused[error.reason] = self.refused.get(error.reason, 0) + 1
            raise
        return body.order

    def _verified(self, message: bytes) -> OrderBody:
        try:
            envelope = _envelopes.decode(message)
            self._public_key.verify(envelope.signature, PREFIX + envelope.body)
            return _bodies.decode(envelope.body)
        except UNREADABLE as error:
            raise RefusedOrderError("malformed") from error
        except InvalidSignature as error:
            raise RefusedOrderError("forged") from error

    def _check(self, body: OrderBody, now: int) -> None:
        if body.host_id != self._host_id:
            raise RefusedOrderError("foreign")
        if not body.issued_at - CLOCK_SKEW_MS <= now <= body.expires_at + CLOCK_SKEW_MS:
            raise RefusedOrderError("expired")
        if body.nonce in self._seen:
            raise RefusedOrderError("repeated")
        self._forget(now)
        self._seen[body.nonce] = body.expires_at + CLOCK_SKEW_MS

    def _forget(self, now: int) -> None:
        if len(self._seen) > 10_000 or (self._seen and next(iter(self._seen.values())) < now):
            self._seen = {nonce: until for nonce, until in self._seen.items() if until >= now}
