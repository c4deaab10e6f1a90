"""Whether the server lives, whether it can work, and what it counts."""

import asyncio
from typing import Any

import prometheus_client
import sqlalchemy as sa
from litestar import MediaType, Response, get
from litestar.handlers import HTTPRouteHandler
from nats.errors import Error as NatsError

from jobfleet.api.access import OPEN
from jobfleet.model.errors import UnavailableError
from jobfleet.operations.platform import Platform

READY_WITHIN_S = 2.0
_METRICS_TYPE = prometheus_client.CONTENT_TYPE_LATEST.removesuffix("; charset=utf-8")
"""Litestar names the charset of texts itself; scrapers refuse a type that names it twice."""


def probes(platform: Platform) -> list[HTTPRouteHandler]:
    """Return the handlers of `/healthz`, `/readyz` and `/metrics`."""

    @get("/healthz", media_type=MediaType.JSON, opt={"permission": OPEN})
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @get("/readyz", media_type=MediaType.JSON, opt={"permission": OPEN})
    async def readyz() -> Response[dict[str, Any]]:
        parts = await readiness(platform)
        ready = all(state == "ok" for state in parts.values())
        return Response({"ready": ready, **parts}, status_code=200 if ready else 503)

    @get("/metrics", opt={"permission": OPEN})
    async def metrics() -> Response[bytes]:
        text = prometheus_client.generate_latest()
        return Response(text, media_type=_METRICS_TYPE)

    return [healthz, readyz, metrics]


async def readiness(platform: Platform) -> dict[str, str]:
    """Ask database and broker for an answer; each part is "ok" or what is wrong, within READY_WITHIN_S seconds."""
    database, broker = await asyncio.gather(_database(platform), _broker(platform))
    return {"database": database, "broker": broker}


async def _database(platform: Platform) -> str:
    try:
        async with asyncio.timeout(READY_WITHIN_S), platform.engine.db.begin() as tx:
            await tx.execute(sa.text("SELECT 1"))
    except (TimeoutError, UnavailableError):
        return "no answer"
    return "ok"


async def _broker(platform: Platform) -> str:
    bus = platform.engine.bus
    if not bus.is_connected:
        return "not connected"
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            await bus.flush()
    except (TimeoutError, OSError, NatsError):
        return "no answer"
    return "ok"
