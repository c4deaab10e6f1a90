"""Tell others what happened: from the outboxes, signed, with retries, and never where it must not go."""

import asyncio
import base64
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jobfleet.engine.context import Context
from jobfleet.engine.mail import MAILS_AT_ONCE, FailedMailError, Mailer, RefusedMailError
from jobfleet.model.callback import CallbackPolicy, Outcome, next_try, refusal_of
from jobfleet.model.errors import UnavailableError
from jobfleet.model.mail import Letter
from jobfleet.model.notice import Notice
from jobfleet.store import mails, outbox
from jobfleet.store.outbox import Claim, DueMessage, Outbox

AT_ONCE = 20
"""Most messages that are begun in one turn."""

TIMEOUT_S = 10.0

SIGNATURE = "X-Jobfleet-Signature"
_FORMS = {
    Outbox.CALLBACKS: ("application/json", "application/x-www-form-urlencoded"),
    Outbox.NOTIFICATIONS: ("application/json",),
}
"""A receiver that does not take the first form of a message gets the same text in the next one."""

_TAKEN = {Outbox.CALLBACKS: range(200, 201), Outbox.NOTIFICATIONS: range(200, 300)}
"""Answers that say that a message was taken."""

_log = structlog.get_logger()

Render = Callable[[int, Outcome], bytes]
"""From a job's id and outcome to the text that receivers expect."""


class _Ended(msgspec.Struct, frozen=True):
    """What the outbox keeps of a callback."""

    job_id: int
    outcome: Outcome


class _Sent(msgspec.Struct, frozen=True):
    """What a hook is sent: the notice, and the number by which it knows a repeated one."""

    id: int
    notice: Notice


class _Way(msgspec.Struct, frozen=True):
    """One of the ways messages go: those of one do not wait for those of another.

    At most `places` are under way, so that receivers that do not answer hold up the others of their kind only when
    there are many. `lease_ms` is longer than any message is under way.
    """

    box: Outbox
    places: int
    lease_ms: int
    mails: bool = False


_WAYS = (
    _Way(Outbox.CALLBACKS, 100, 60_000),
    _Way(Outbox.NOTIFICATIONS, 100, 60_000),
    # A letter takes a dozen steps, and each of them up to ten seconds.
    _Way(Outbox.NOTIFICATIONS, MAILS_AT_ONCE, 180_000, mails=True),
)


class RefusedCallbackError(Exception):
    """Say why a message may not go where it wants to go; trying again does not help."""


class FailedCallbackError(Exception):
    """Say why a message was not taken; it may be another time."""


class Courier:
    """Deliver callbacks and notifications; several servers may, each message is one server's at a time."""

    def __init__(
        self,
        ctx: Context,
        policy: CallbackPolicy,
        key: Ed25519PrivateKey,
        render: Render,
        mailer: Mailer | None = None,
    ) -> None:
        self._ctx = ctx
        self._mailer = mailer
        self._policy = policy
        self._key = key
        self._render = render
        self._under_way: dict[_Way, set[asyncio.Task[None]]] = {way: set() for way in _WAYS}

    async def deliver_due(self) -> None:
        """Begin to deliver the messages that are due, as many as there are places for; nobody waits for the slowest."""
        due: list[tuple[_Way, DueMessage]] = []
        async with self._ctx.db.begin() as tx:
            for way, under_way in self._under_way.items():
                if limit := min(AT_ONCE, way.places - len(under_way)):
                    claim = Claim(box=way.box, lease_ms=way.lease_ms, limit=limit, mails=way.mails)
                    due += [(way, one) for one in await outbox.claim_due(tx, claim, self._ctx.clock())]
        for way, one in due:
            task = asyncio.create_task(self._deliver(one))
            self._under_way[way].add(task)
            task.add_done_callback(self._under_way[way].discard)

    async def close(self) -> None:
        """Wait no longer for what is under way; it is sent again when its lease has ended, unless it was taken."""
        under_way = [task for tasks in self._under_way.values() for task in tasks]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def _deliver(self, one: DueMessage) -> None:
        try:
            await self._deliver_or_put_off(one)
        except UnavailableError as error:  # it is sent again when its lease has ended
            _log.warning(f"{one.outbox.value} not noted", id=one.id, reason=str(error))

    async def _deliver_or_put_off(self, one: DueMessage) -> None:
        try:
            await self._send(one)
        except RefusedCallbackError as error:
            await self._finish(one, delivered=False, reason=str(error))
        except FailedCallbackError as error:
            await self._put_off(one, str(error))
        except Exception as error:  # noqa: BLE001 - a message that nobody foresaw counts as failed, not as never tried
            _log.warning(f"{one.outbox.value} failed", id=one.id, reason=repr(error))
            await self._put_off(one, f"{type(error).__name__}: {error}")
        else:
            await self._finish(one, delivered=True, reason="")

    async def _send(self, one: DueMessage) -> None:
        if one.url.startswith(mails.SCHEME):
            await self._mail(one)
        else:
            await self._call(one)

    async def _mail(self, one: DueMessage) -> None:
        if self._mailer is None:
            raise RefusedCallbackError("this installation sends no mail any more")
        try:
            letter = msgspec.json.decode(one.body, type=Letter)
            await self._mailer.send(one.id, one.url.removeprefix(mails.SCHEME), letter)
        except RefusedMailError as error:
            raise RefusedCallbackError(str(error)) from error
        except FailedMailError as error:
            raise FailedCallbackError(str(error)) from error

    async def _call(self, one: DueMessage) -> None:
        parts = urlsplit(one.url)
        address = await self._address(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        text = self._text(one)
        answered = []
        for form in _FORMS[one.outbox]:
            answered.append(await self._post(one.url, address, text, form))
            if answered[-1] in _TAKEN[one.outbox]:
                return
        raise FailedCallbackError(f"answered with {answered}")

    def _text(self, one: DueMessage) -> bytes:
        if one.outbox is Outbox.NOTIFICATIONS:
            return msgspec.json.encode(_Sent(one.id, msgspec.json.decode(one.body, type=Notice)))
        ended = msgspec.json.decode(one.body, type=_Ended)
        return self._render(ended.job_id, ended.outcome)

    async def _address(self, host: str, port: int) -> str:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except UnicodeError as error:
            raise RefusedCallbackError("the host is no name that could be found") from error
        except OSError as error:
            raise FailedCallbackError(f"the host is not found: {error}") from error
        addresses = [str(entry[4][0]) for entry in found]
        reason = refusal_of(self._policy, host, addresses)
        if reason:
            raise RefusedCallbackError(reason)
        return addresses[0]

    async def _post(self, url: str, address: str, text: bytes, form: str) -> int:
        # The checked address is what we connect to: the name may lead elsewhere by now.
        target = _parsed(url)
        headers = {"Host": target.netloc.decode(), "Content-Type": form, SIGNATURE: self._signature(text)}
        there = target.copy_with(host=address)
        sni = {"sni_hostname": target.host}
        try:
            # Only how the answer begins is read, and in bounded time: what follows may be without end.
            async with (
                asyncio.timeout(TIMEOUT_S),
                httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client,
                client.stream("POST", there, content=text, headers=headers, extensions=sni) as answer,
            ):
                return answer.status_code
        except (httpx.HTTPError, TimeoutError) as error:
            raise FailedCallbackError(f"{type(error).__name__}: {error}") from error

    def _signature(self, text: bytes) -> str:
        at = self._ctx.clock()
        signed = base64.b64encode(self._key.sign(f"{at}.".encode() + text)).decode()
        return f"t={at},ed25519={signed}"

    async def _finish(self, one: DueMessage, *, delivered: bool, reason: str) -> None:
        if not delivered:
            _log.warning(f"{one.outbox.value} given up", id=one.id, reason=reason)
        async with self._ctx.db.begin() as tx:
            await outbox.finish(tx, one, self._ctx.clock(), delivered=delivered, reason=reason)

    async def _put_off(self, one: DueMessage, reason: str) -> None:
        due_at = next_try(one.tries, self._ctx.clock())
        if due_at is None:
            await self._finish(one, delivered=False, reason=reason)
            return
        async with self._ctx.db.begin() as tx:
            await outbox.put_off(tx, one, due_at, reason)


def _parsed(url: str) -> httpx.URL:
    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise RefusedCallbackError("the address is none") from error
