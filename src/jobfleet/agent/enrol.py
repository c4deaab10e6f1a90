"""Become known to a server: a new key pair, one request with the token, an identity on disk."""

import platform
import socket
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from jobfleet import __version__
from jobfleet.agent import identity as identities
from jobfleet.agent.identity import Identity
from jobfleet.agent.settings import AgentSettings
from jobfleet.bus.nkey import private_key, user_text

ENROL_PATH = "/api/agent/v1/enrol"
EXIT_USAGE = 2
EXIT_REFUSED = 6
EXIT_UNREACHABLE = 7


class EnrolError(Exception):
    """Say why the agent has no identity; `exit_code` is the process's."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class _Answer(msgspec.Struct, frozen=True):
    host_id: int
    user_jwt: str
    nats_urls: list[str]
    order_key: str
    nats_ca: str = ""


def identity_of(settings: AgentSettings) -> Identity:
    """Return the stored identity, or enrol with the token and store the new one.

    A server in the settings wins over the stored one, for a server that has moved.

    Raises:
        EnrolError: There is neither identity nor token, or the server refused or did not answer.
        IdentityError: The stored identity is damaged.

    Source: docs/reference/agent.md, «Enrolment».
    """
    data_dir = Path(settings.data_dir)
    stored = identities.load(data_dir)
    if stored is not None:
        return stored if not settings.server else msgspec.structs.replace(stored, server=_address(settings))
    _check(settings)
    fresh = _enrol(settings)
    identities.store(data_dir, fresh)
    return fresh


def _check(settings: AgentSettings) -> None:
    if not settings.server or not settings.token:
        raise EnrolError("this agent is not enrolled yet: it needs --server and --token", EXIT_USAGE)
    if urlsplit(settings.server).scheme not in {"http", "https"}:
        raise EnrolError(f"--server must be an http:// or https:// address, not {settings.server!r}", EXIT_USAGE)


def _address(settings: AgentSettings) -> str:
    return settings.server.rstrip("/")


def _enrol(settings: AgentSettings) -> Identity:
    seed = identities.new_seed(Path(settings.data_dir))
    answer = _ask(_address(settings) + ENROL_PATH, _request(settings, seed))
    return Identity(
        host_id=answer.host_id,
        user_jwt=answer.user_jwt,
        seed=seed,
        nats_urls=answer.nats_urls,
        order_key=answer.order_key,
        nats_ca=answer.nats_ca,
        server=_address(settings),
    )


def _request(settings: AgentSettings, seed: str) -> dict[str, object]:
    return {
        "token": settings.token,
        "ip": settings.ip,
        "cloud_id": settings.cloud_id,
        "public_key": user_text(private_key(seed).public_key()),
        "version": __version__,
        "os": platform.system().lower(),
        "hostname": socket.gethostname(),
    }


def _ask(url: str, body: dict[str, object]) -> _Answer:
    from jobfleet.agent.http import AnswerError, post_json  # needed once in an agent's life

    try:
        return msgspec.json.decode(post_json(url, body), type=_Answer)
    except AnswerError as error:
        exit_code = EXIT_REFUSED if error.status < 500 else EXIT_UNREACHABLE
        raise EnrolError(f"enrolment was refused ({error.status}): {error.text}", exit_code) from error
    except OSError as error:
        raise EnrolError(f"cannot reach the server at {url}: {error}", EXIT_UNREACHABLE) from error
    except msgspec.MsgspecError as error:
        raise EnrolError(f"{url} is not a Jobfleet server: {error}", EXIT_UNREACHABLE) from error
