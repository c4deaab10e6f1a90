"""Whether the agents of hosts are connected: by host id in version 3, by address in version 2."""

from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.fields import NEEDED, Int32, Int64
from jobfleet.api.scope import Scoped, ScopedV2, scope_of
from jobfleet.api.scripts import scope_first
from jobfleet.api.surface import Call
from jobfleet.api.targets import HostAddress, addresses
from jobfleet.model.errors import MissingOrIllegalParameterError
from jobfleet.operations import hosts

MAX_HOSTS = 5_000
"""Most hosts of one request."""


class QueryAgentInfo(Scoped, frozen=True, kw_only=True):
    """Ask for the agents of hosts."""

    host_id_list: Annotated[Annotated[tuple[Int64, ...], Meta(max_length=MAX_HOSTS)] | None, NEEDED] = None


class AgentAlive(msgspec.Struct, frozen=True):
    """Show an agent: `status` is 1 while it is connected, else 0; `version` is "" where none was ever enrolled."""

    bk_host_id: Int64
    status: Int32
    version: str


class AgentInfos(msgspec.Struct, frozen=True):
    """Show agents by host id; hosts that the scope does not have are left out."""

    agent_info_list: list[AgentAlive]


class GetAgentStatus(ScopedV2, frozen=True, kw_only=True):
    """Ask for the agents of hosts."""

    ip_list: Annotated[Annotated[tuple[HostAddress, ...], Meta(max_length=MAX_HOSTS)] | None, NEEDED] = None


class AgentStatus(msgspec.Struct, frozen=True):
    """Show one host that was asked for: `bk_agent_alive` is 1 while its agent is connected, else 0."""

    bk_cloud_id: Int64
    ip: str
    bk_agent_alive: Int32


async def query_agent_info(call: Call, wanted: QueryAgentInfo) -> AgentInfos:
    """Answer state and version of agents.

    Source: docs/reference/service.md, «Agents».
    """
    async with scope_first(call, wanted):
        ids = wanted.host_id_list or _refuse("host_id_list")
    found = await hosts.list_chosen(call.platform, call.caller, scope_of(wanted), ids)
    return AgentInfos(
        [AgentAlive(one.host.id, int(one.host.alive), one.agent.version if one.agent else "") for one in found]
    )


async def get_agent_status(call: Call, wanted: GetAgentStatus) -> list[AgentStatus]:
    """Answer whether agents are connected, in the order of the request.

    Source: docs/reference/service.md, «Agents».
    """
    async with scope_first(call, wanted):
        asked = addresses("ip_list", wanted.ip_list or _refuse("ip_list"))
    alive = await hosts.alive_at(call.platform, call.caller, scope_of(wanted), asked)
    return [AgentStatus(one.cloud_id, one.ip, int(alive[one])) for one in asked]


def _refuse(name: str) -> tuple[()]:
    raise MissingOrIllegalParameterError(name)
