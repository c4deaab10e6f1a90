"""How the installation is: servers, database, broker, queues, retention."""

import asyncio
import time

import msgspec
from nats.errors import Error as NatsError

from jobfleet import __version__
from jobfleet.engine.presence import SILENT_MS
from jobfleet.model.agent import AgentState
from jobfleet.model.caller import Action, Caller
from jobfleet.model.job_id import DAY_MS
from jobfleet.operations.access import demand_platform
from jobfleet.operations.platform import Platform
from jobfleet.store import agent_fleet, audit_verdicts, health, presences
from jobfleet.store.health import DatabaseHealth, Delivered, Queue, Retained

_BROKER_WITHIN_S = 2.0


class ServerHealth(msgspec.Struct, frozen=True):
    """Show a server by its own word; `silent` is one that has said nothing for half a minute."""

    id: str
    host: str
    role: str
    version: str
    started_at: int
    seen_at: int
    silent: bool
    disk_free_bytes: int
    disk_total_bytes: int


class BrokerHealth(msgspec.Struct, frozen=True):
    """Show the broker as this server sees it; `connected_at` is epoch ms, `answer_ms` None when none came in time."""

    connected: bool
    connected_at: int
    reconnects: int
    answer_ms: float | None


class SystemHealth(msgspec.Struct, frozen=True):
    """Show how the installation is, at `at` (epoch milliseconds); deliveries are of the last 24 hours.

    `database_answer_ms` is how long the database took for a first answer. `unchained` are rows of the audit trail
    that wait to be linked.
    """

    at: int
    version: str
    servers: list[ServerHealth]
    database: DatabaseHealth
    database_answer_ms: float
    broker: BrokerHealth
    queues: list[Queue]
    deliveries: dict[str, Delivered]
    running_jobs: int
    awaited_hosts: int
    retention: list[Retained]
    unchained: int
    unchained_since: int | None
    agents: dict[AgentState, int]


async def show_system(platform: Platform, caller: Caller) -> SystemHealth:
    """Return how the installation is.

    Raises:
        ForbiddenError: The caller's role on the platform does not allow it.

    Source: docs/reference/system.md.
    """
    demand_platform(caller, Action.SERVICE_STATE)
    now, began = platform.engine.clock(), time.perf_counter()
    windows = {"history_days": platform.history_days, "output_days": platform.output_days}
    broker = asyncio.create_task(_broker(platform))
    async with platform.engine.db.begin() as tx:
        database = await health.database(tx)
        answer_ms = (time.perf_counter() - began) * 1000
        running, awaited = await health.count_running(tx)
        unchained, unchained_since = await audit_verdicts.count_unchained(tx)
        return SystemHealth(
            at=now,
            version=__version__,
            servers=[_server(one, now) for one in await presences.list_all(tx)],
            database=database,
            database_answer_ms=round(answer_ms, 1),
            broker=await broker,
            queues=await health.queues(tx, now),
            deliveries=await health.deliveries(tx, now - DAY_MS),
            running_jobs=running,
            awaited_hosts=awaited,
            retention=await health.retention(tx, **windows),
            unchained=unchained,
            unchained_since=unchained_since,
            agents=await agent_fleet.count_states(tx, now),
        )


def _server(one: presences.Presence, now: int) -> ServerHealth:
    return ServerHealth(silent=one.seen_at < now - SILENT_MS, **msgspec.structs.asdict(one))


async def _broker(platform: Platform) -> BrokerHealth:
    bus, began = platform.engine.bus, time.perf_counter()
    answer_ms = None
    if bus.is_connected:
        try:
            async with asyncio.timeout(_BROKER_WITHIN_S):
                await bus.flush()
            answer_ms = round((time.perf_counter() - began) * 1000, 1)
        except (TimeoutError, OSError, NatsError):
            answer_ms = None
    return BrokerHealth(bus.is_connected, bus.connected_at, bus.stats["reconnects"], answer_ms)
