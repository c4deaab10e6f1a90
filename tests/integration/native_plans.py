"""Templates and plans over the native API: a client, and a plan to begin with."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.engines import Broker
from tests.integration.native import STATE, Json, sign_in
from tests.platforms import platform_on, serving

from jobfleet.model.declared import parse_state
from jobfleet.operations.declare import apply_state
from jobfleet.store.database import Database

FILE = """
[template]
name = "Release"
[[variables]]
name = "secret"
type = "password"
value = "canary-5519"
[[variables]]
name = "web"
type = "hosts"
hosts = ["1"]
[[steps]]
kind = "script"
name = "one"
targets = ["variable:web"]
script = "true"
[[steps]]
kind = "approval"
name = "two"
message = "?"
"""


SCOPE = {"scope": "biz:2"}


def native_client() -> Any:
    """Return a fixture `http` that gives a client of the native API, signed in as an administrator."""

    @pytest.fixture(name="http")
    async def give(db: Database, nats: Broker) -> AsyncIterator[httpx.AsyncClient]:
        await apply_state(db, parse_state(STATE), dry_run=False)
        async with platform_on(db, nats) as platform:
            with serving(platform) as app:
                transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
                async with httpx.AsyncClient(transport=transport, base_url="http://jobfleet") as client:
                    client.headers.update(await sign_in(client, "admin", "correct horse"))
                    yield client

    return give


async def post(http: httpx.AsyncClient, path: str, status: int = 200, **members: object) -> Json:
    answer = await http.post(f"/api/v1{path}", json=SCOPE | members)
    assert answer.status_code == status, answer.text
    told: Json = answer.json()
    return told


async def get(http: httpx.AsyncClient, path: str, status: int = 200, **query: str) -> Json:
    answer = await http.get(f"/api/v1{path}", params=SCOPE | query)
    assert answer.status_code == status, answer.text
    assert "canary" not in answer.text
    told: Json = answer.json()
    return told
