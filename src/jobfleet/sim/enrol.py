"""Enrol a fleet's agents over HTTP, many in one request."""

import base64
from collections.abc import Iterator, Sequence

import msgspec

from jobfleet.agent.http import AnswerError, post_json
from jobfleet.bus.identity import Identity
from jobfleet.bus.nkey import generate_user_seed, private_key, user_text
from jobfleet.sim.agent import VERSION, Member
from jobfleet.sim.fleet import Enrolled

ENROL_PATH = "/api/agent/v1/enrol-many"
MOST_AGENTS = 250 * 256 * 256
_AT_ONCE = 500


class EnrolmentError(Exception):
    """The server did not enrol the fleet; the message says why."""


class _Told(msgspec.Struct, frozen=True):
    """What the server tells one agent."""

    host_id: int
    user_jwt: str
    nats_urls: list[str]
    order_key: str


class _Answer(msgspec.Struct, frozen=True):
    agents: list[_Told]


def address_of(number: int) -> str:
    """Return the address of a fleet's host by its number, from 1 on: 10.0.0.1 to 10.0.0.250, then 10.0.1.1."""
    if not 1 <= number <= MOST_AGENTS:
        raise ValueError(f"a fleet has 1 to {MOST_AGENTS} hosts")
    block, last = divmod(number - 1, 250)
    return f"10.{block >> 8}.{block & 255}.{last + 1}"


def enrol(server: str, token: str, ips: Sequence[str]) -> Enrolled:
    """Enrol an agent for each address and return the fleet.

    Args:
        server: The server's address, `http://host:port`.
        token: A reusable enrolment token of a business; hosts that are not known yet are taken up into it.

    Raises:
        EnrolmentError: The server refused or cannot be reached; agents enrolled before stay enrolled.
    """
    members: list[Member] = []
    told: list[_Told] = []
    for portion in _portions(ips):
        seeds = [generate_user_seed() for _ in portion]
        told = _ask(server, token, portion, seeds)
        members += [
            Member(one.host_id, ip, Identity(one.user_jwt, seed))
            for one, ip, seed in zip(told, portion, seeds, strict=True)
        ]
    return Enrolled(told[0].nats_urls, base64.b64decode(told[0].order_key), members)


def _portions(ips: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(ips), _AT_ONCE):
        yield ips[first : first + _AT_ONCE]


def _ask(server: str, token: str, ips: Sequence[str], seeds: Sequence[str]) -> list[_Told]:
    agents = [_new_agent(ip, seed) for ip, seed in zip(ips, seeds, strict=True)]
    url = server.rstrip("/") + ENROL_PATH
    try:
        return msgspec.json.decode(post_json(url, {"token": token, "agents": agents}), type=_Answer).agents
    except AnswerError as error:
        raise EnrolmentError(f"enrolment was refused ({error.status}): {error.text}") from error
    except OSError as error:
        raise EnrolmentError(f"cannot reach the server at {url}: {error}") from error
    except msgspec.MsgspecError as error:
        raise EnrolmentError(f"{url} is not a Jobfleet server: {error}") from error


def _new_agent(ip: str, seed: str) -> dict[str, object]:
    key = user_text(private_key(seed).public_key())
    return {"ip": ip, "public_key": key, "version": VERSION, "os": "linux", "hostname": f"sim-{ip.replace('.', '-')}"}
