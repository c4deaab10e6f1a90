"""The agents of all businesses: who is silent, which versions run, which orders were refused and why."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.model.agent import AgentState
from jobfleet.model.caller import Action
from jobfleet.operations import agent_fleet
from jobfleet.store.agent_fleet import FleetAgent, FleetFilter, RefusalCount, VersionCount

Part = Annotated[str, Meta(max_length=255, pattern=r"^[^\x00]*$")]


class ListFleet(Wanted, frozen=True):
    """Page through agents by host.

    `q` is a part of a host's name or address, or its id; `refused` a reason for which orders were refused.
    """

    state: Literal["online", "offline", "revoked"] | None = None
    version: Part = ""
    business: Annotated[int, Meta(ge=1, le=2**63 - 1)] | None = None
    q: Part = ""
    refused: Part = ""
    start: Annotated[int, Meta(ge=0, le=2**31)] = 0
    length: Annotated[int, Meta(ge=1, le=1000)] = 100


class FleetStates(msgspec.Struct, frozen=True):
    """Count the hosts of all businesses by the states of their agents."""

    online: int
    offline: int
    revoked: int
    never: int


class FleetPage(msgspec.Struct, frozen=True):
    """Show a page of agents; `total` counts those that match, the other numbers are of all."""

    total: int
    agents: list[FleetAgent]
    states: FleetStates
    versions: list[VersionCount]
    refusals: list[RefusalCount]


async def list_fleet(call: Call, wanted: ListFleet) -> FleetPage:
    """Show agents."""
    state = None if wanted.state is None else AgentState(wanted.state)
    chosen = FleetFilter(state, wanted.version, wanted.business, wanted.q, wanted.refused)
    fleet = await agent_fleet.show_fleet(call.platform, call.caller, chosen, start=wanted.start, length=wanted.length)
    states = FleetStates(**{one.value: count for one, count in fleet.states.items()})
    return FleetPage(fleet.total, fleet.agents, states, fleet.versions, fleet.refusals)


ROUTES = (
    Route(
        "GET", "/api/v1/agents", Action.MANAGE_HOSTS, list_fleet, ListFleet, FleetPage, "List agents of all businesses"
    ),
)
