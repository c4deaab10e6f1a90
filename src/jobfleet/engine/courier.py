"""Tell callers that jobs ended: from the table, signed, with retries, and never where it must not go."""

import asyncio
import base64
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jobfleet.engine.context import Context
from jobfleet.model.callback import CallbackPolicy, Outcome, next_try, refusal_of
from jobfleet.store import callbacks
from jobfleet.store.callbacks import DueCallback

AT_ONCE = 20
TIMEOUT_S = 10.0
LEASE_MS = 60_000
SIGNATURE = "X-Jobfleet-Signature"
_FORMS = ("application/json", "application/x-www-form-urlencoded")
"""A receiver that does not answer 200 to the first form gets the same text in the second one."""

_log = structlog.get_logger()

Render = Callable[[int, Outcome], bytes]
"""From a job's id and outcome to the text that receivers expect."""


class RefusedCallbackError(Exception):
    """Say why a callback may not go where it wants to go; trying again does not help."""


class FailedCallbackError(Exception):
    """Say why a callback was not taken; it may be another time."""


class Courier:
    """Deliver callbacks; several servers may, each callback is one server's at a time."""

    def __init__(self, ctx: Context, policy: CallbackPolicy, key: Ed25519PrivateKey, render: Render) -> None:
        self._ctx = ctx
        self._policy = policy
        self._key = key
        self._render = render

    async def deliver_due(self) -> None:
        """Deliver the callbacks that are due, or put them off."""
        async with self._ctx.db.begin() as tx:
            due = await callbacks.claim_due(tx, self._ctx.clock(), lease_ms=LEASE_MS, limit=AT_ONCE)
        await asyncio.gather(*[self._deliver(one) for one in due])

    async def _deliver(self, one: DueCallback) -> None:
        try:
            await self._send(one)
        except RefusedCallbackError as error:
            await self._finish(one, delivered=False, reason=str(error))
        except FailedCallbackError as error:
            await self._put_off(one, str(error))
        else:
            await self._finish(one, delivered=True, reason="")

    async def _send(self, one: DueCallback) -> None:
        parts = urlsplit(one.url)
        address = await self._address(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        text = self._render(one.job_id, one.outcome)
        answered = []
        for form in _FORMS:
            answered.append(await self._post(one.url, address, text, form))
            if answered[-1] == httpx.codes.OK:
                return
        raise FailedCallbackError(f"answered with {answered}")

    async def _address(self, host: str, port: int) -> str:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise FailedCallbackError(f"the host is not found: {error}") from error
        addresses = [str(entry[4][0]) for entry in found]
        reason = refusal_of(self._policy, host, addresses)
        if reason:
            raise RefusedCallbackError(reason)
        return addresses[0]

    async def _post(self, url: str, address: str, text: bytes, form: str) -> int:
        # The checked address is what we connect to: the name may lead elsewhere by now.
        target = httpx.URL(url)
        headers = {"Host": target.netloc.decode(), "Content-Type": form, SIGNATURE: self._signature(text)}
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
                answer = await client.post(
                    target.copy_with(host=address),
                    content=text,
                    headers=headers,
                    extensions={"sni_hostname": target.host},
                )
        except httpx.HTTPError as error:
            raise FailedCallbackError(f"{type(error).__name__}: {error}") from error
        return answer.status_code

    def _signature(self, text: bytes) -> str:
        at = self._ctx.clock()
        signed = base64.b64encode(self._key.sign(f"{at}.".encode() + text)).decode()
        return f"t={at},ed25519={signed}"

    async def _finish(self, one: DueCallback, *, delivered: bool, reason: str) -> None:
        if not delivered:
            _log.warning("callback given up", job_id=one.job_id, reason=reason)
        async with self._ctx.db.begin() as tx:
            await callbacks.finish(tx, one.id, self._ctx.clock(), delivered=delivered, reason=reason)

    async def _put_off(self, one: DueCallback, reason: str) -> None:
        due_at = next_try(one.tries, self._ctx.clock())
        if due_at is None:
            await self._finish(one, delivered=False, reason=reason)
            return
        async with self._ctx.db.begin() as tx:
            await callbacks.put_off(tx, one.id, due_at, reason)
