"""Ask an agent what it logged of itself."""

from typing import Literal

import msgspec

from jobfleet.engine.orders import read_log
from jobfleet.model.caller import Caller
from jobfleet.model.order import LogLine
from jobfleet.operations.enrol import managed_agent
from jobfleet.operations.platform import Platform

Trouble = Literal["", "not_connected", "silent", "refused"]
"""Why there is no answer: the agent is not connected, says nothing in time, or refuses, as one of an older version."""


class AgentLog(msgspec.Struct, frozen=True):
    """Show lines of an agent's own log, oldest first, of what it wrote since `since` (epoch ms); or say why not."""

    trouble: Trouble
    lines: list[LogLine]
    since: int | None


async def agent_log(platform: Platform, caller: Caller, host_id: int, lines: int) -> AgentLog:
    """Return the latest lines of the own log of a host's agent.

    Raises:
        UnknownHostsError, ForbiddenError: As revoking the agent does, see `managed_agent`.

    Source: docs/reference/agent.md, «Its own log».
    """
    async with platform.engine.db.begin() as tx:
        await managed_agent(tx, platform, caller, host_id)
    answer = await read_log(platform.engine, host_id, lines)
    if answer.reply is None:
        return AgentLog("not_connected" if answer.no_agent else "silent", [], None)
    if not answer.reply.accepted:
        return AgentLog("refused", [], None)
    return AgentLog("", answer.reply.log, answer.reply.log_since or None)
