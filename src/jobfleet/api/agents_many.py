"""Many agents that enrol in one request: a simulated fleet, or a roll-out from one place."""

from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.access import OPEN
from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.model.agent import Enrolment
from jobfleet.operations.enrol import Enrolled
from jobfleet.operations.enrol_many import MOST_AT_ONCE, enrol_many


class NewAgent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is told of one agent and its host."""

    ip: Annotated[str, Meta(min_length=1, max_length=64)]
    public_key: Annotated[str, Meta(min_length=1, max_length=128)]
    cloud_id: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    version: Annotated[str, Meta(max_length=64)] = ""
    os: Annotated[str, Meta(max_length=32)] = "linux"
    hostname: Annotated[str, Meta(max_length=255)] = ""


class WantEnrolments(Wanted, frozen=True):
    """Give a reusable token and the agents that enrol with it."""

    token: Annotated[str, Meta(min_length=1, max_length=256)]
    agents: Annotated[tuple[NewAgent, ...], Meta(min_length=1, max_length=MOST_AT_ONCE)]


class ManyEnrolled(msgspec.Struct, frozen=True):
    """Tell each agent who it is, in the order in which they were given."""

    agents: list[Enrolled]


async def enrol_agents(call: Call, wanted: WantEnrolments) -> ManyEnrolled:
    """Enrol many agents."""
    new = [Enrolment(one.ip, one.cloud_id, one.public_key, one.version, one.os, one.hostname) for one in wanted.agents]
    return ManyEnrolled(await enrol_many(call.platform, wanted.token, new))


ROUTE = Route(
    "POST",
    "/api/agent/v1/enrol-many",
    OPEN,
    enrol_agents,
    WantEnrolments,
    ManyEnrolled,
    "Enrol many agents with one reusable token",
    takes_large=True,
)
