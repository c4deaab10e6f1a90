"""What an agent logged of itself."""

from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import Id
from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.model.caller import Action
from jobfleet.model.order import MAX_LOG_LINES
from jobfleet.operations.agent_log import Trouble, agent_log


class WantAgentLog(Wanted, frozen=True):
    """Ask for the latest lines of the own log of a host's agent."""

    host_id: Id
    lines: Annotated[int, Meta(ge=1, le=MAX_LOG_LINES)] = 200


class AgentLogLine(msgspec.Struct, frozen=True):
    """Show a line: when it was written (epoch milliseconds), how grave it is (info, warning, error), and its words."""

    at: int
    level: str
    text: str


class AgentLogAnswer(msgspec.Struct, frozen=True):
    """Show lines, oldest first, of what the agent wrote since `since` (epoch milliseconds, when it was started).

    `trouble` says why there are none: not_connected, silent, refused (an agent of an older version does), or nothing.
    """

    trouble: Trouble
    since: int | None
    lines: list[AgentLogLine]


async def show_agent_log(call: Call, wanted: WantAgentLog) -> AgentLogAnswer:
    """Show the lines."""
    found = await agent_log(call.platform, call.caller, wanted.host_id, wanted.lines)
    return AgentLogAnswer(
        found.trouble, found.since, [AgentLogLine(one.at, one.level, one.text) for one in found.lines]
    )


ROUTES = (
    Route(
        "GET",
        "/api/v1/agents/{host_id}/log",
        Action.MANAGE_HOSTS,
        show_agent_log,
        WantAgentLog,
        AgentLogAnswer,
        "Show what an agent logged of itself",
    ),
)
