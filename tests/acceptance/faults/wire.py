"""What a stranger with every right on the broker can do: listen, repeat, and send orders of their own."""

import base64
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from tests.acceptance.faults.cluster import Cluster
from tests.waiting import WITHIN_S

from jobfleet.bus import identity, subjects
from jobfleet.bus.client import BusClient
from jobfleet.model.order import OrderReply

ALL_ORDERS = "agent.*.order"


class Doubler:
    """Send everything that agents and engines are sent a second time, byte for byte; count what was doubled."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.orders = 0
        self.reports = 0

    async def open(self) -> "Doubler":
        """Begin to listen."""
        await self._client.subscribe(ALL_ORDERS, cb=self._double_order)
        for subject in (subjects.REPORTS, subjects.HELLOS):
            await self._client.subscribe(subject, cb=self._double_report)
        await self._client.flush()
        return self

    async def _double_order(self, message: Msg) -> None:
        self.orders += 1
        await self._client.publish(message.subject, message.data, reply=message.reply)

    async def _double_report(self, message: Msg) -> None:
        self.reports += 1
        await self._client.publish(message.subject, message.data, reply=message.reply)


class Thief:
    """Listen to all orders and send anything to any agent."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.stolen: list[bytes] = []

    async def open(self) -> "Thief":
        """Begin to listen."""
        await self._client.subscribe(ALL_ORDERS, cb=self._steal)
        await self._client.flush()
        return self

    async def send(self, host_id: int, message: bytes) -> OrderReply:
        """Send an agent something on the subject of its orders; return what it says to that."""
        answer = await self._client.request(subjects.orders(host_id), message, timeout=WITHIN_S)
        return msgspec.msgpack.decode(answer.data, type=OrderReply)

    async def _steal(self, message: Msg) -> None:
        self.stolen.append(message.data)


@asynccontextmanager
async def doubler(cluster: Cluster) -> AsyncIterator[Doubler]:
    """Give a doubler at work."""
    async with _stranger(cluster) as client:
        yield await Doubler(client).open()


@asynccontextmanager
async def thief(cluster: Cluster) -> AsyncIterator[Thief]:
    """Give a thief at work."""
    async with _stranger(cluster) as client:
        yield await Thief(client).open()


@asynccontextmanager
async def _stranger(cluster: Cluster) -> AsyncIterator[BusClient]:
    """Give a connection with every right that does not hear what it sends itself."""
    who = identity.server_identity(cluster.made.keys.bus, int(time.time()))
    client = BusClient()
    await client.connect(
        cluster.nats.url,
        user_jwt_cb=lambda: bytearray(who.jwt, "ascii"),
        signature_cb=lambda nonce: base64.b64encode(identity.sign(who.seed, nonce.encode())),
        no_echo=True,
    )
    try:
        yield client
    finally:
        await client.close()
