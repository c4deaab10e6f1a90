"""Kept scripts over the native API, and a plan that runs one."""

import httpx
from tests.integration.native import Json
from tests.integration.native_plans import post

KEPT = """
[template]
name = "Kept"
[[steps]]
kind = "script"
name = "first"
targets = ["1"]
script_version = {version}
[[steps]]
kind = "script"
name = "own"
targets = ["1"]
script = "true"
"""


async def sent(http: httpx.AsyncClient, path: str, **members: object) -> Json:
    """Post to a thing that needs no scope to be named."""
    told: Json = (await http.post(f"/api/v1{path}", json=members)).raise_for_status().json()
    return told


async def keep_script(http: httpx.AsyncClient) -> tuple[str, int]:
    """Keep a script with a version that is online; return both ids."""
    made = await post(http, "/scripts", 201, name="kept", language="shell", version="1", script="echo 1")
    script_id, version_id = made["script"]["id"], made["version"]["id"]
    await sent(http, f"/scripts/{script_id}/versions/{version_id}/operate", operation="publish")
    return script_id, version_id
