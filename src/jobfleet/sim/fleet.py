"""Keep the agents of a simulated fleet connected, for as long as they are wanted."""

import asyncio
import random
import secrets
from collections.abc import Sequence

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from jobfleet.model.order import HELLO_INTERVAL_S
from jobfleet.sim.agent import Agent, Fleet, Member
from jobfleet.sim.behaviour import Profile, is_unreachable
from jobfleet.sim.counts import Counts
from jobfleet.sim.wire import BrokerRefusedError, connect

_CONNECTING_AT_ONCE = 128
_RECONNECT_S = (0.2, 1.2)
_SLOWEST_RECONNECT_S = 30.0


class Enrolled(msgspec.Struct, frozen=True):
    """What enrolment gave a fleet: where the broker is, whose orders to obey, who its members are.

    `order_key` is the raw Ed25519 public key of the orders' signer.
    """

    nats_urls: list[str]
    order_key: bytes
    members: list[Member]


class Crowd:
    """The connected agents of a fleet; those that the profile makes unreachable never connect.

    `complaint` is why the latest connection failed, "" while none has.
    """

    def __init__(self, enrolled: Enrolled, profile: Profile) -> None:
        key = Ed25519PublicKey.from_public_bytes(enrolled.order_key)
        reachable = [member for member in enrolled.members if not is_unreachable(profile, member.host_id)]
        fleet = Fleet(profile, key, Counts(), secrets.token_hex(16))
        self.counts = fleet.counts
        self.agents = [Agent(member, fleet) for member in reachable]
        self.unreachable = len(enrolled.members) - len(reachable)
        self.complaint = ""
        self._urls = enrolled.nats_urls
        self._gate = asyncio.Semaphore(_CONNECTING_AT_ONCE)
        self._all_connected = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for agent in self.agents:
                    group.create_task(self._stay_connected(agent))
                group.create_task(self._greet())
        finally:
            for agent in self.agents:
                agent.stop()

    async def ready(self) -> None:
        """Wait until every agent that connects at all has connected."""
        if self.agents:
            await self._all_connected.wait()

    async def _stay_connected(self, agent: Agent) -> None:
        pause_s = _RECONNECT_S[1]
        while True:
            try:
                await self._one_connection(agent)
                pause_s = _RECONNECT_S[1]
            except (BrokerRefusedError, OSError) as error:
                self.complaint = str(error)
            await asyncio.sleep(random.uniform(_RECONNECT_S[0], pause_s))  # noqa: S311 (jitter)
            pause_s = min(pause_s * 2, _SLOWEST_RECONNECT_S)

    async def _one_connection(self, agent: Agent) -> None:
        async with self._gate:
            wire = await connect(random.choice(self._urls), agent.login, agent.receive)  # noqa: S311 (spread)
        agent.attach(wire)
        self._count(1)
        try:
            await wire.closed()
        finally:
            self._count(-1)
            wire.close()

    def _count(self, difference: int) -> None:
        self.counts.connected += difference
        if self.counts.connected == len(self.agents):
            self._all_connected.set()

    async def _greet(self) -> None:
        """Let every agent say hello once in an interval, evenly spread over it."""
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            await _spread(self.agents)
            await asyncio.sleep(max(0.0, begun + HELLO_INTERVAL_S - loop.time()))


async def _spread(agents: Sequence[Agent]) -> None:
    """Say hello for some agents each second of the interval."""
    share = len(agents) // HELLO_INTERVAL_S + 1
    for first in range(0, len(agents), share):
        await asyncio.sleep(1)
        for agent in agents[first : first + share]:
            agent.hello()
