"""The agent's two HTTP calls, enrolment and large scripts, without an HTTP library in memory."""

import contextlib
import hashlib
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse
from pathlib import Path

import msgspec

TIMEOUT_S = 30.0
_BLOCK_BYTES = 64 * 1024


class AnswerError(OSError):
    """Say that the server answered with an error; `status` is the HTTP code, `text` what it said."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"the server answered {status}: {text}")
        self.status = status
        self.text = text


def post_json(url: str, body: dict[str, object]) -> bytes:
    """Send a JSON document and return the body of the answer.

    Raises:
        AnswerError: The server refused.
        OSError: The server cannot be reached.
    """
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    request = urllib.request.Request(url, msgspec.json.encode(body), headers)  # noqa: S310 — checked in enrol
    with _open(request) as answer:
        return answer.read()


def download(url: str, headers: dict[str, str], target: Path, sha256: str) -> None:
    """Fetch a file by its hash; `target` appears complete and checked, or not at all.

    Raises:
        AnswerError: The server refused.
        OSError: The server cannot be reached, or the disk does not take the file.
        ValueError: What came does not have this hash.
    """
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 — the server's own address
    fresh = target.with_name(target.name + ".new")
    digest = hashlib.sha256()
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file, _open(request) as answer:
        while block := answer.read(_BLOCK_BYTES):
            digest.update(block)
            file.write(block)
        if answer.length:  # the server ended meanwhile, and `read` does not say so
            raise ConnectionError(f"the connection was lost {answer.length} bytes before the end")
    if digest.hexdigest() != sha256:
        fresh.unlink()
        raise ValueError("what the server sent does not fit the signed hash")
    fresh.rename(target)


@contextlib.contextmanager
def _open(request: urllib.request.Request) -> Iterator[HTTPResponse]:
    # No proxy, as for NATS: the same address must be reachable for both or the agent is of no use.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=TIMEOUT_S) as answer:
            yield answer
    except urllib.error.HTTPError as error:
        with error:
            text = error.read(1000).decode(errors="replace")
        raise AnswerError(error.code, text) from error
    except HTTPException as error:
        raise ConnectionError(f"the connection was lost: {error!r}") from error
