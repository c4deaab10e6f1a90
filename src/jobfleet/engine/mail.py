"""Send mail through a server that speaks SMTP."""

import asyncio
import smtplib
import ssl
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

import msgspec

from jobfleet.model.mail import Letter, body_of, subject_of

TIMEOUT_S = 10.0
MAILS_AT_ONCE = 20
"""Most letters that are on their way at once, each in a thread."""

_PORTS = {"smtp": 25, "smtps": 465}
PERMANENT = 500
"""From this answer on a server says that trying again does not help."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class RefusedMailError(Exception):
    """Say why a mail will never be taken."""


class FailedMailError(Exception):
    """Say why a mail was not taken now."""


class MailServer(msgspec.Struct, frozen=True):
    """Say where mail goes and whom it is from.

    `url` is smtp://user:password@host:port, which goes on with TLS where the server offers it, or smtps://…;
    `public_url` is where people reach us.
    """

    url: str
    sender: str
    public_url: str = ""

    def __repr__(self) -> str:
        """Return a text without secrets."""
        return f"MailServer({urlsplit(self.url).hostname})"


class Mailer:
    """Send letters, each over a connection of its own in a thread.

    The threads are its own: a mail server that hangs must not hold up who signs in or sends files.
    """

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._threads = ThreadPoolExecutor(MAILS_AT_ONCE, thread_name_prefix="mail")

    async def send(self, number: int, address: str, letter: Letter) -> None:
        """Send a letter; `number` stays the same when it is sent again, and is told in the Message-ID.

        Raises:
            RefusedMailError: The server will never take it.
            FailedMailError: The server is away, or does not take it now.
        """
        message = self._message(number, address, letter)
        await asyncio.get_running_loop().run_in_executor(self._threads, self._send, message)

    def _message(self, number: int, address: str, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._server.sender
        message["To"] = address
        message["Subject"] = subject_of(letter)
        message["Date"] = formatdate(letter.at / 1000)
        message["Message-ID"] = f"<notification-{number}@{self._server.sender.rpartition('@')[2].rstrip('>')}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(body_of(letter, self._server.public_url))
        return message

    def _send(self, message: EmailMessage) -> None:
        try:
            with self._connection() as connection:
                connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            [(code, told)] = error.recipients.values()
            raise _trouble(code, told) from error
        except smtplib.SMTPAuthenticationError as error:  # ours to mend, and no reason to lose letters
            raise FailedMailError(f"the mail server does not let us in: {error.smtp_code}") from error
        except smtplib.SMTPResponseException as error:
            raise _trouble(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise FailedMailError(f"{type(error).__name__}: {error}") from error

    def _connection(self) -> smtplib.SMTP:
        parts = urlsplit(self._server.url)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        if parts.scheme == "smtps":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=_tls())
        else:
            connection = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
        try:
            _secure(connection, parts.scheme == "smtps" or host in _LOOPBACK, needs_it=bool(parts.username))
            if parts.username:
                connection.login(unquote(parts.username), unquote(parts.password or ""))
        except BaseException:
            connection.close()
            raise
        return connection


def _secure(connection: smtplib.SMTP, is_safe: bool, *, needs_it: bool) -> None:
    """Go on with TLS where it is offered; a password never crosses a network in clear."""
    connection.ehlo()
    if isinstance(connection, smtplib.SMTP_SSL):
        return
    if connection.has_extn("starttls"):
        connection.starttls(context=_tls())
    elif needs_it and not is_safe:
        raise RefusedMailError("the mail server offers no TLS, and the password is not sent without")


def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _trouble(code: int, told: bytes | str) -> Exception:
    text = told.decode("utf-8", "replace") if isinstance(told, bytes) else told
    return (RefusedMailError if code >= PERMANENT else FailedMailError)(f"{code} {text}")
