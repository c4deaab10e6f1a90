"""Speaking with a server's native API, and what its refusals mean for a command."""

import contextlib
import os
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

import msgspec

from jobfleet.cli import exits
from jobfleet.cli.wire import Done, Refusal

if TYPE_CHECKING:
    import httpx

Kind = TypeVar("Kind")

BAD_REQUEST = 1240003
NO_TARGET_CODES = frozenset({1244001, 1244028, 1244030, 1211003})
"""Codes that say that a target is empty, or names hosts or groups that do not exist."""

NEED_SECOND = frozenset({(409, 1244019), (409, 1241012)})
"""Statuses and codes of starts that a rule blocks, or that are on more hosts than one person may start on alone."""

CONNECT_TIMEOUT_S = 10.0
ANSWER_TIMEOUT_S = 60.0
BLOCK_BYTES = 2**20


class CommandError(Exception):
    """End a command with a message and an exit code; `needs_second`: a second person may let the start pass."""

    def __init__(self, message: str, exit_code: int, *, needs_second: bool = False) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.needs_second = needs_second


class Api:
    """One server, called with one token; an empty one is for signing in.

    With `for_now` the token was made for this command alone, and ends with it.
    """

    def __init__(self, server: str, token: str, *, for_now: bool = False) -> None:
        import httpx

        headers = {"blueking-language": _language()}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        timeout = httpx.Timeout(ANSWER_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        self.server = server
        self._for_now = for_now
        # Reading the authorities takes longer than most commands: only where there is TLS to check.
        has_tls = server.lower().startswith("https:")
        self._client = httpx.Client(base_url=server, headers=headers, timeout=timeout, trust_env=False, verify=has_tls)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._for_now:
            with contextlib.suppress(CommandError):
                self.post("/api/v1/sign-out", Done)
        self._client.close()

    def get(self, path: str, kind: type[Kind], **query: str | int | bool) -> Kind:
        """Return the answer to a GET.

        Raises:
            CommandError: The server refused, or cannot be reached.
        """
        return self._ask("GET", path, kind, params={name: _text(value) for name, value in query.items()})

    def post(self, path: str, kind: type[Kind], body: object = None, *, key: str = "") -> Kind:
        """Return the answer to a POST; `key` is an idempotency key, with which it is sent again when it was cut off.

        Raises:
            CommandError: The server refused, or cannot be reached.
        """
        headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
        content = _encoded(body)
        try:
            return self._ask("POST", path, kind, content=content, headers=headers)
        except CommandError as error:
            if not key or error.exit_code != exits.UNREACHABLE:
                raise
        return self._ask("POST", path, kind, content=content, headers=headers)

    def put(self, path: str, file: Path) -> None:
        """Send a file, block by block.

        Raises:
            CommandError: The file cannot be read, the server refused, or cannot be reached.
        """
        try:
            with file.open("rb") as source:
                self._ask("PUT", path, Any, content=iter(lambda: source.read(BLOCK_BYTES), b""))
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}", exits.USAGE) from error

    def _ask(self, method: str, path: str, kind: type[Kind], **request: Any) -> Kind:
        import httpx

        try:
            answer = self._client.request(method, path, **request)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._unreachable(str(error) or type(error).__name__) from error
        if answer.status_code >= 400:
            raise self._refusal(answer)
        if kind is bytes:
            return cast("Kind", answer.content)
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except msgspec.MsgspecError as error:
            raise self._unreachable(f"this is no Jobfleet server: {error}") from error

    def _refusal(self, answer: "httpx.Response") -> CommandError:
        try:
            refusal = msgspec.json.decode(answer.content, type=Refusal)
        except msgspec.MsgspecError:
            return self._unreachable(f"HTTP status {answer.status_code}")
        lines = "".join(f"\n  {mistake}" for mistake in refusal.mistakes)
        text = "the declared state has mistakes:" + lines if lines else refusal.message
        needs_second = (answer.status_code, refusal.code) in NEED_SECOND
        return CommandError(text, exit_code_of(answer.status_code, refusal), needs_second=needs_second)

    def _unreachable(self, why: str) -> CommandError:
        return CommandError(f"cannot work with the server at {self.server}: {why}", exits.UNREACHABLE)


def exit_code_of(http_status: int, refusal: Refusal) -> int:
    """Return the exit code of a command whose request was refused.

    Source: docs/reference/cli.md, «Exit codes».
    """
    if http_status >= 500:
        return exits.UNREACHABLE
    if refusal.code in NO_TARGET_CODES:
        return exits.NO_TARGET
    if refusal.code == BAD_REQUEST or refusal.mistakes:
        return exits.USAGE
    return exits.REFUSED


def _encoded(body: object) -> bytes:
    try:
        return msgspec.json.encode(body if body is not None else {})
    except UnicodeEncodeError as error:
        raise CommandError("a flag holds bytes that are no UTF-8", exits.USAGE) from error


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _language() -> str:
    words = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh" if words.lower().startswith("zh") else "en"
