"""A mail server that takes letters over real SMTP and keeps them."""

import asyncio
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from tests.waiting import WITHIN_S


class PostOffice:
    """Answer each letter with one status after the other, and keep those that are taken."""

    def __init__(self, *answers: str, login: tuple[str, str] | None = None) -> None:
        self._answers = list(answers)
        self._login = login
        self.letters: asyncio.Queue[EmailMessage] = asyncio.Queue()
        self.url = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator["PostOffice"]:
        server = await asyncio.get_running_loop().create_server(self._protocol, "127.0.0.1", 0)
        login = "{}:{}@".format(*self._login) if self._login else ""
        self.url = f"smtp://{login}127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield self

    def _protocol(self) -> SMTP:
        wants_login: dict[str, Any] = {"authenticator": self._admit, "auth_require_tls": False, "auth_required": True}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a login without TLS is a danger: nobody else hears it here
            return SMTP(self, enable_SMTPUTF8=False, **(wants_login if self._login else {}))

    def _admit(
        self, _server: object, _session: object, _envelope: object, _way: str, told: LoginPassword
    ) -> AuthResult:
        given = told.login.decode(), told.password.decode()
        return AuthResult(success=given == self._login, handled=False)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (its name)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        found = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        if answer.startswith("250"):
            self.letters.put_nowait(found)
        return answer

    async def letter(self) -> EmailMessage:
        async with asyncio.timeout(WITHIN_S):
            return await self.letters.get()
