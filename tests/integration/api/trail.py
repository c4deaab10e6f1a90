"""The audit trail as somebody reads it."""

from typing import Any

from tests.integration.api.site import Site

from jobfleet.operations import signin


async def as_(site: Site, user: str) -> dict[str, str]:
    token = await signin.give_token(site.platform, user, kind=signin.ACCESS, life_ms=60_000)
    return {"Authorization": f"Bearer {token.token}"}


async def trail(site: Site, **wanted: Any) -> list[dict[str, Any]]:
    answer = await site.http.get("/api/v1/audit", params=wanted, headers=await as_(site, "admin"))
    rows: list[dict[str, Any]] = answer.json()["rows"]
    return rows
