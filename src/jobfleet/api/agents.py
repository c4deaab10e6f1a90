"""What agents ask of the server over HTTP: to be enrolled, and scripts too large for an order."""

from typing import Annotated

from litestar.handlers import HTTPRouteHandler
from msgspec import Meta

from jobfleet.api import agents_many
from jobfleet.api.access import AGENT, OPEN
from jobfleet.api.native.mount import mount
from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.api.sources import address_of
from jobfleet.bus import agent_http
from jobfleet.model.agent import Enrolment
from jobfleet.operations import agent_content, enrol
from jobfleet.operations.enrol import Enrolled
from jobfleet.operations.platform import Platform


class WantEnrolment(Wanted, frozen=True):
    """What an agent tells of itself; without `ip` its address is the one that the request comes from."""

    token: Annotated[str, Meta(min_length=1, max_length=256)]
    public_key: Annotated[str, Meta(min_length=1, max_length=128)]
    ip: Annotated[str, Meta(max_length=64)] = ""
    cloud_id: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    version: Annotated[str, Meta(max_length=64)] = ""
    os: Annotated[str, Meta(max_length=32)] = "linux"
    hostname: Annotated[str, Meta(max_length=255)] = ""


class WantContent(Wanted, frozen=True):
    """Name a script by the SHA-256 of its bytes."""

    content_hash: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


async def enrol_agent(call: Call, wanted: WantEnrolment) -> Enrolled:
    """Enrol an agent."""
    new = Enrolment(
        ip=wanted.ip or address_of(call.platform, call.request),
        cloud_id=wanted.cloud_id,
        public_key=wanted.public_key,
        version=wanted.version,
        os=wanted.os,
        hostname=wanted.hostname,
    )
    return await enrol.enrol(call.platform, wanted.token, new)


async def content(call: Call, wanted: WantContent) -> bytes:
    """Hand out a script to the agent that must run it."""
    proof = call.request.headers.get(agent_http.HEADER, "")
    return await agent_content.content_for_agent(call.platform, proof, call.request.url.path, wanted.content_hash)


ROUTES = (
    Route("POST", "/api/agent/v1/enrol", OPEN, enrol_agent, WantEnrolment, Enrolled, "Enrol an agent"),
    agents_many.ROUTE,
    Route(
        "GET",
        "/api/agent/v1/content/{content_hash}",
        AGENT,
        content,
        WantContent,
        bytes,
        "Fetch a script; the agent signs the request",
    ),
)


def routes(platform: Platform) -> list[HTTPRouteHandler]:
    """Return the handlers of these routes."""
    return mount(platform, ROUTES)
