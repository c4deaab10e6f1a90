"""An installation in single parts: PostgreSQL, NATS, two servers and three agents, all real processes."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import asyncpg
import httpx
import msgspec
import nats.errors
from nats.aio.client import Client
from tests.acceptance.faults.parts import Agent, Server
from tests.ports import steady_port
from tests.waiting import WITHIN_S, eventually

from jobfleet import credentials
from jobfleet.bus import identity, subjects
from jobfleet.bus.connection import Endpoint, connect
from jobfleet.bus.envelope import sign
from jobfleet.cli import local_state
from jobfleet.cli.data_files import CREDENTIALS_FILE
from jobfleet.cli.keys import trust_of
from jobfleet.embedded.nats import Nats
from jobfleet.embedded.postgres import Postgres
from jobfleet.model.order import AskOrder, OrderReply
from jobfleet.settings import Settings
from jobfleet.store.database import Database
from jobfleet.store.migrate import migrate

SERVERS = 2
HOSTS = (1, 2, 3)
SPARE_HOSTS = (4, 5)
"""Hosts that are declared and have no agent until a test gives them one."""

LINED_HOSTS = (6, 7)
"""Hosts that are declared for agents behind a line that a test cuts."""

NOBODY = """
[[accounts]]
id = 2
business = 2
alias = "nobody"
account = "nobody"
"""


class Cluster:
    """The parts, by name; `mend` brings back whatever a test has broken."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.logs = directory / "logs"
        self.made = credentials.load_or_create(directory / CREDENTIALS_FILE)
        self.postgres = Postgres(directory / "postgres", self.logs / "postgres.log")
        self.nats = Nats(directory / "nats", self.logs / "nats.log", trust_of(self.made.keys.bus, int(time.time())))
        self.servers: list[Server] = []
        self.agents: dict[int, Agent] = {}
        self.is_postgres_up = False
        self.is_nats_up = False

    @property
    def settings(self) -> Settings:
        """Return what the first server was started with."""
        return self.servers[0].settings

    async def start(self) -> None:
        """Start everything for the first time."""
        self.logs.mkdir(parents=True)
        await asyncio.gather(self.start_postgres(), self.start_nats())
        await self._declare()
        for number in range(SERVERS):
            self.servers.append(Server(self._settings(), self.logs / f"server-{number}.log"))
        await asyncio.gather(*(server.start() for server in self.servers))
        for host_id in HOSTS:
            self.agents[host_id] = self.new_agent(host_id)
            await self.agents[host_id].enrol(self.settings)

    async def mend(self) -> None:
        """Let go on what is frozen, start what does not run, and wait until servers are ready and agents answer."""
        self._thaw()
        if not self.is_postgres_up:
            await self.start_postgres()
        if not self.is_nats_up:
            await self.start_nats()
        await asyncio.gather(*(server.start() for server in self.servers if not server.is_alive))
        await asyncio.gather(*(agent.start() for agent in self.agents.values() if not agent.is_alive))
        for server in self.servers:
            await server.ready(WITHIN_S)
        await self.answered(*self.agents)

    def _thaw(self) -> None:
        if self.is_nats_up:
            self.thaw_nats()
        for part in (*self.servers, *self.agents.values()):
            if part.is_alive:
                part.thaw()

    async def stop(self) -> None:
        """Stop everything."""
        await asyncio.gather(*(agent.stop() for agent in self.agents.values()))
        await asyncio.gather(*(server.stop() for server in self.servers))
        await asyncio.gather(self.nats.stop(), self.postgres.stop())

    async def start_postgres(self) -> None:
        """Start PostgreSQL, where it was before."""
        await self.postgres.start()
        self.is_postgres_up = True

    async def stop_postgres(self) -> None:
        """Stop PostgreSQL as an administrator does: sessions are cut off."""
        self.is_postgres_up = False
        await self.postgres.stop()

    async def kill_postgres(self) -> None:
        """Kill PostgreSQL as `kill -9` of the postmaster does."""
        self.is_postgres_up = False
        os.kill(self.postgres.pid, signal.SIGKILL)
        await self.postgres.wait_failed()

    async def start_nats(self) -> None:
        """Start NATS, where it was before."""
        await self.nats.start()
        self.is_nats_up = True

    async def kill_nats(self) -> None:
        """Kill NATS as `kill -9` does."""
        self.is_nats_up = False
        os.kill(self.nats.pid, signal.SIGKILL)
        await self.nats.wait_failed()

    def freeze_nats(self) -> None:
        """Stop NATS where it is: its connections stay and carry nothing."""
        os.kill(self.nats.pid, signal.SIGSTOP)

    def thaw_nats(self) -> None:
        """Let a frozen NATS go on."""
        os.kill(self.nats.pid, signal.SIGCONT)

    def new_agent(self, host_id: int, url: str = "") -> Agent:
        """Return an agent that has not been started yet; `url` is where it finds the server."""
        directory = self.directory / "agents" / str(host_id)
        return Agent(host_id, url or self.servers[0].url, directory, self.logs / f"agent-{host_id}.log")

    @asynccontextmanager
    async def bus(self) -> AsyncIterator[Client]:
        """Give a connection with every right on the broker, as a server's is or a thief's may be."""
        who = identity.server_identity(self.made.keys.bus, int(time.time()))
        client = await connect(Endpoint([self.nats.url], who, "test"))
        try:
            yield client
        finally:
            await client.close()

    @asynccontextmanager
    async def native(self) -> AsyncIterator[httpx.AsyncClient]:
        """Give the native API to the administrator."""
        async with httpx.AsyncClient(base_url=self.servers[0].url, timeout=WITHIN_S) as http:
            person = {"username": "admin", "password": self.made.admin_password}
            token = (await http.post("/api/v1/sign-in", json=person)).json()["token"]
            http.headers["Authorization"] = f"Bearer {token}"
            yield http

    async def answered(self, *host_ids: int) -> None:
        """Wait until the agents of these hosts answer an order."""
        async with self.bus() as bus:
            for host_id in host_ids:
                await eventually(partial(self._answers, bus, host_id))

    async def _answers(self, bus: Client, host_id: int) -> bool:
        order = sign(self.made.keys.order_key(), host_id, AskOrder([]), time.time_ns() // 1_000_000)
        with contextlib.suppress(nats.errors.NoRespondersError, nats.errors.TimeoutError):
            answer = await bus.request(subjects.orders(host_id), order, timeout=1)
            return msgspec.msgpack.decode(answer.data, type=OrderReply).accepted
        return False

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        """Give the database as a server sees it."""
        db = Database(self.postgres.url, pool_size=2)
        try:
            yield db
        finally:
            await db.close()

    async def value(self, query: str) -> object:
        """Return what a query of one value finds."""
        connection = await asyncpg.connect(self.postgres.url)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    async def counted(self, query: str, at_least: int, within_s: float = WITHIN_S) -> None:
        """Wait until a query counts so many."""
        await eventually(lambda: self.value(query), lambda count: int(str(count)) >= at_least, within_s=within_s)

    async def refusals(self, host_id: int) -> dict[str, int]:
        """Return how many orders an agent is shown to have refused, by reason."""
        async with self.native() as http:
            found = (await http.get("/api/v1/hosts", params={"scope": "biz:2"})).json()["hosts"]
        counts: dict[str, int] = next(host["refused"] for host in found if host["id"] == host_id)
        return counts

    async def refused(self, host_id: int, reason: str, *, at_least: int) -> None:
        """Wait until an agent is shown to have refused so many orders for a reason."""
        await eventually(lambda: self.refusals(host_id), lambda counts: counts.get(reason, 0) >= at_least)

    async def _declare(self) -> None:
        await migrate(self.postgres.url, time.time_ns() // 1_000_000)
        async with self.database() as db:
            await local_state.declare(db, self.directory, self.made, max(LINED_HOSTS))
            await local_state.declare_text(db, self.made, NOBODY)

    def _settings(self) -> Settings:
        return Settings(
            database_url=self.postgres.url,
            nats_url=[self.nats.url],
            keys_file=str(self.directory / CREDENTIALS_FILE),
            port=steady_port(),
            files_dir=str(self.directory / "files"),
            data_dir=str(self.directory / f"server-{len(self.servers)}"),
        )
