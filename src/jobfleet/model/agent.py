"""Agents as the record knows them: enrolment, liveness, revocation."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from jobfleet.model.target import Host


class AgentState(StrEnum):
    """Say what is known of the agent of a host."""

    ONLINE = "online"
    OFFLINE = "offline"
    REVOKED = "revoked"
    NEVER = "never"


class Agent(msgspec.Struct, frozen=True):
    """Describe the agent of a host. Times are epoch milliseconds; `public_key` is its nkey («U…»).

    `refused` counts by reason the orders that it refused since it was started.
    """

    host_id: int
    public_key: str
    version: str
    enrolled_at: int
    seen_at: int | None
    revoked_at: int | None
    refused: Mapping[str, int] = {}


class HostView(msgspec.Struct, frozen=True):
    """Show a host with its agent, None when none ever enrolled."""

    host: Host
    agent: Agent | None

    @property
    def state(self) -> AgentState:
        """Say what is known of the host's agent."""
        if self.agent is None:
            return AgentState.NEVER
        if self.agent.revoked_at is not None:
            return AgentState.REVOKED
        return AgentState.ONLINE if self.host.alive else AgentState.OFFLINE


class EnrolmentToken(msgspec.Struct, frozen=True):
    """Describe a token with which agents enrol; one with a business also takes up hosts that are not known yet.

    Only one that `replaces` puts an agent in the place of another one that is not revoked: else whoever finds a token
    could be a host that has an agent, and be sent its orders.
    """

    business_id: int | None
    reusable: bool
    created_by: str
    created_at: int
    expires_at: int
    used_at: int | None = None
    replaces: bool = False


class Enrolment(msgspec.Struct, frozen=True):
    """Say what an agent tells of itself and its host when it enrols; `cloud_id` and `ip` name the host."""

    ip: str
    cloud_id: int
    public_key: str
    version: str
    os: str
    hostname: str
