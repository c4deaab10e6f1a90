"""The pages of scripts, hosts, accounts, files, credentials and tags."""

from collections.abc import Mapping
from typing import Any

from playwright.async_api import Page
from tests.acceptance.declared import ACCOUNT, A
from tests.browser.listed import Listed
from tests.browser.visits import BIZ, Console

_FIRST = "#!/bin/bash\nset -euo pipefail\n\nsystemctl reload nginx\nsleep 2\ncurl -fsS http://127.0.0.1/healthz\n"
_SECOND = _FIRST.replace("sleep 2", "for try in 1 2 3; do\n  sleep 1\ndone").replace("healthz", "readyz")
TRUE = "dHJ1ZQ=="


async def furnish(console: Console) -> Mapping[str, object]:
    """Make one of everything; return the ids."""
    http, header = console.stage.http, await console.stage.bearer()

    async def post(path: str, **members: Any) -> dict[str, Any]:
        answer = await http.post(f"/api/v1{path}", json=members, headers=header)
        assert answer.status_code in {200, 201}, answer.text
        told: dict[str, Any] = answer.json()
        return told

    scope = {"scope": "biz:2"}
    tags = [
        (await post("/tags", **scope, name=name, description=why))["id"]
        for name, why in (("nginx", "Edge proxies"), ("every night", ""), ("2026 H2", "What is new this half-year"))
    ]
    made = await post("/scripts", **scope, name="Reload nginx", version="1.0", script=_FIRST, description="With a look")
    script, first = made["script"]["id"], made["version"]["id"]
    await post(f"/scripts/{script}/tags", tags=tags[:2])
    await post(f"/scripts/{script}/versions/{first}/operate", operation="publish")
    second = await post(
        f"/scripts/{script}/versions", version="1.1", script=_SECOND, version_description="Waits longer"
    )
    third = await post(
        f"/scripts/{script}/versions", version="2.0", script=_SECOND, version_description="Not yet tried"
    )
    runs = {"script_version_id": first, "account_alias": ACCOUNT, "target": {"host_ids": [A]}}
    step = {"name": "reload", "kind": "script", "definition": runs}
    await post("/templates", **scope, name="Release the edge", steps=[step])
    await post(f"/scripts/{script}/versions/{second['id']}/operate", operation="publish")
    for name, language in (("Collect logs", "python"), ("Rotate keys", "shell"), ("Clean tmp", "shell")):
        await post("/scripts", **scope, name=name, version="1", script="true", language=language)
    database = {"type": "mysql", "port": 3306, "system_account": ACCOUNT, "database": "orders"}
    account = await post("/accounts", **scope, account="app", alias="orders db", password="only-here", **database)
    keys = {"access_key": "AKIA", "secret_key": "only-here"}
    credential = await post("/credentials", **scope, name="Object store", type="access_key", secrets=keys)
    source = {"code": "images", "name": "Images", "endpoint": "http://127.0.0.1:9", "bucket": "images"}
    await post("/file-sources", **scope, **source, credential_id=credential["id"])
    uploaded = await post("/uploads", **scope, names=["nginx.conf", "release-4.2.tar.gz"])
    for one, size in zip(uploaded["uploads"], (812, 48_123), strict=True):
        assert (await http.put(one["address"], content=b"x" * size)).status_code == 200
    public = await post("/scripts", scope="public", name="Disk usage", version="1.0", script="#!/bin/sh\ndf -h\n")
    shared = public["script"]["id"]
    newer = await post(f"/scripts/{shared}/versions", version="1.1", script="#!/bin/sh\ndf -h | sort -k5\n")
    await post(f"/scripts/{shared}/versions/{newer['id']}/operate", operation="publish")
    job = await console.stage.run("ZXhpdCAz", A)
    await console.stage.wait_end(job)
    return {
        "script": script,
        "first": first,
        "second": second["id"],
        "third": third["id"],
        "account": account["id"],
        "credential": credential["id"],
        "host": A,
        "public": shared,
        "older": public["version"]["id"],
        "newer": newer["id"],
    }


async def make_command(page: Page) -> None:
    """Ask for the command that lets hosts in."""
    await page.click("form button[type=submit]")
    await page.locator("pre.command").wait_for()


_PUBLIC = "/platform/public-scripts"
_SCRIPT = f"{BIZ}/scripts/{{script}}"
PAGES = (
    Listed("scripts", f"{BIZ}/scripts", "text=Reload nginx", furnish),
    Listed("script-new", f"{BIZ}/scripts/new", ".code-editor[data-ready]", furnish),
    Listed("script-version", f"{_SCRIPT}/versions/{{second}}", ".code-editor[data-ready] >> visible=true", furnish),
    Listed("script-draft", f"{_SCRIPT}/versions/{{third}}?edit=1", ".code-editor[data-ready]", furnish),
    Listed("script-compare", f"{_SCRIPT}/compare/{{first}}...{{second}}", "text=readyz", furnish),
    Listed("public-scripts", _PUBLIC, "text=Disk usage", furnish),
    Listed("public-script-new", f"{_PUBLIC}/new", ".code-editor[data-ready]", furnish),
    Listed("public-script", f"{_PUBLIC}/{{public}}/versions/{{newer}}", ".code-editor[data-ready]", furnish),
    Listed("public-script-compare", f"{_PUBLIC}/{{public}}/compare/{{older}}...{{newer}}", "text=sort", furnish),
    Listed("hosts", f"{BIZ}/hosts?q=os%3Dlinux", ".table tbody tr", furnish),
    Listed("host", f"{BIZ}/hosts/{{host}}", ".host-page .table tbody tr", furnish),
    Listed("host-log", f"{BIZ}/hosts/{{host}}?log=1", ".own-lines li", furnish),
    Listed("hosts-add", f"{BIZ}/hosts/add", ".adding-form", furnish, act=make_command),
    Listed("accounts", f"{BIZ}/accounts", "text=orders db", furnish),
    Listed("account", f"{BIZ}/accounts?open={{account}}", "dialog .field >> nth=5", furnish),
    Listed("files", f"{BIZ}/files", "text=nginx.conf", furnish),
    Listed("file-source", f"{BIZ}/files?tab=sources&open=images", "dialog .check-form", furnish),
    Listed("credentials", f"{BIZ}/credentials", "text=Object store", furnish),
    Listed("credential", f"{BIZ}/credentials?open={{credential}}", "dialog .use-list", furnish),
    Listed("tags", f"{BIZ}/tags", "text=every night", furnish),
    Listed("tag-new", f"{BIZ}/tags?open=new", "dialog form", furnish),
)
