"""Look at the agents of all businesses."""

import msgspec

from jobfleet.model.agent import AgentState
from jobfleet.model.caller import Action, Caller
from jobfleet.operations.access import demand_platform
from jobfleet.operations.platform import Platform
from jobfleet.store import agent_fleet
from jobfleet.store.agent_fleet import FleetAgent, FleetFilter, RefusalCount, VersionCount


class Fleet(msgspec.Struct, frozen=True):
    """Hold a page of agents, and what is counted of all of them."""

    total: int
    agents: list[FleetAgent]
    states: dict[AgentState, int]
    versions: list[VersionCount]
    refusals: list[RefusalCount]


async def show_fleet(platform: Platform, caller: Caller, wanted: FleetFilter, *, start: int, length: int) -> Fleet:
    """Return a page of the agents that match, by host, and counts of all.

    Raises:
        ForbiddenError: The caller's role on the platform does not allow it.
    """
    demand_platform(caller, Action.MANAGE_HOSTS)
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        total, found = await agent_fleet.list_page(tx, wanted, now, start=start, length=length)
        return Fleet(
            total,
            found,
            await agent_fleet.count_states(tx, now),
            await agent_fleet.count_versions(tx, now),
            await agent_fleet.count_refusals(tx),
        )
