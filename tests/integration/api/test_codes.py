"""Refusals by the number that callers read, asked for over HTTP; other tests know them by class."""

from typing import Any

import msgspec
import pytest
from tests.integration.api.site import ADMIN, DEMO, G4, V3, Clock, Site, encoded, script
from tests.integration.api.trail import as_

from jobfleet.model.declared import parse_state
from jobfleet.model.rolling import MAX_BATCHES
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.operations.declare import apply_state
from jobfleet.operations.plan_secrets import open_template, seal_template
from jobfleet.operations.platform import Platform
from jobfleet.store import templates

Json = dict[str, Any]

SCOPE: Json = {"scope": "biz:2"}
PLAN = """
[template]
name = "nightly"
[[variables]]
name = "web"
type = "hosts"
hosts = ["1"]
[[steps]]
kind = "script"
name = "one"
targets = ["variable:web"]
script = "true"
"""


class Callers:
    """An administrator of the native API: asks, and says by which number and HTTP status they were refused."""

    def __init__(self, site: Site, header: dict[str, str]) -> None:
        self._site = site
        self._header = header

    async def ask(self, path: str, **body: Any) -> Json:
        """Return the answer to a request that is granted."""
        answer = await self._site.http.post(f"/api/v1/{path}", json=body, headers=self._header)
        assert answer.status_code < 300, answer.text
        told: Json = answer.json()
        return told

    async def refused(self, path: str, **body: Any) -> tuple[int, int]:
        """Return code and status of a request that is refused."""
        answer = await self._site.http.post(f"/api/v1/{path}", json=body, headers=self._header)
        return answer.json()["code"], answer.status_code


@pytest.fixture
async def admin(site: Site) -> Callers:
    """Give an administrator."""
    return Callers(site, await as_(site, "admin"))


async def declare(site: Site, text: str) -> None:
    await apply_state(site.platform.engine.db, parse_state(text), dry_run=False)


async def code_of(site: Site, operation: str, body: Json) -> int:
    """Return the code that version 3 answers."""
    return int((await site.post(f"{V3}/{operation}/", body))["code"])


async def test_what_is_taken_in_use_or_unknown_has_its_number(site: Site, admin: Callers) -> None:
    tag = await admin.ask("tags", **SCOPE, name="web")
    assert await admin.refused("tags", **SCOPE, name="web") == (1243021, 409)
    await admin.ask("tags", **SCOPE, name="other")
    assert await admin.refused(f"tags/{tag['id']}", **SCOPE, name="other") == (1243021, 409)
    made = await admin.ask("plans/apply", **SCOPE, toml=PLAN)
    await admin.ask("schedules", **SCOPE, name="c", plan_id=made["plan_id"], expression="0 0 1 1 *")
    assert await admin.refused(f"templates/{made['template_id']}/delete", **SCOPE) == (1243038, 400)
    await take_its_variables(site, made["template_id"])
    await admin.ask(f"plans/{made['plan_id']}/sync", **SCOPE)
    assert await admin.refused(f"plans/{made['plan_id']}/run", **SCOPE) == (1244008, 400)
    record: Json = {"scopes": ["all"], "actions": ["script"]}
    assert await admin.refused("whitelist", **record | {"hosts": ["1"], "scopes": ["biz:77"]}) == (1243051, 400)
    assert await admin.refused("whitelist", **record, hosts=["10.9.9.9"]) == (1243052, 400)
    assert await admin.refused("whitelist", **record, hosts=["77"]) == (1243053, 400)
    for value, code in (["ftp://h"], 1244038), (["h", "h"], 1244039):
        assert await admin.refused("settings/callback_urls", value=value) == (code, 400)


async def take_its_variables(site: Site, template_id: int) -> None:
    """Leave a template without the host list that its step is for, which no surface lets happen."""
    scope, sealer = Scope(ScopeType.BUSINESS, 2), site.platform.engine.sealer
    async with site.platform.engine.db.begin() as tx:
        kept = await templates.find(tx, scope, template_id)
        assert kept is not None
        bare = msgspec.structs.replace(open_template(sealer, kept), variables=(), version="x")
        await templates.update(tx, seal_template(sealer, bare))


async def test_uploads_and_files_that_cannot_be_have_their_number(site: Site, admin: Callers) -> None:
    await admin.ask("settings/upload_forbidden_suffixes", value=[".exe"])
    assert await admin.refused("uploads", **SCOPE, names=["a.EXE"]) == (1243050, 400)
    asked = DEMO | {"file_name_list": ["a.exe"]}
    assert await code_of(site, "generate_local_file_upload_url", asked) == 1243050
    limit = site.platform.upload_limit_bytes
    [address] = (await admin.ask("uploads", **SCOPE, names=["large"]))["uploads"]
    huge = {"content-length": str(limit + 1)}
    answer = await site.http.put(address["address"], content=b"", headers=huge)
    assert (answer.json()["code"], answer.status_code) == (1243015, 400)
    gone = await site.http.put(address["address"] + "x", content=b"text")
    assert (gone.json()["code"], gone.status_code) == (1244023, 404)
    push = script() | {"file_target_path": "/tmp/", "file_list": [{"file_name": "a", "content": "?"}]}
    assert await code_of(site, "push_config_file", push) == 1244024


async def test_an_address_for_an_upload_is_good_for_half_an_hour(platform: Platform, clock: Clock) -> None:
    engine = msgspec.structs.replace(platform.engine, clock=clock)
    async with Site(msgspec.structs.replace(platform, engine=engine)) as site:
        admin = Callers(site, await as_(site, "admin"))
        addresses = [one["address"] for one in (await admin.ask("uploads", **SCOPE, names=["a", "b"]))["uploads"]]
        clock.ahead_ms = 30 * 60_000 - 5_000
        assert (await site.http.put(addresses[0], content=b"in time")).status_code == 200
        clock.ahead_ms = 30 * 60_000 + 1
        late = await site.http.put(addresses[1], content=b"too late")
        assert (late.json()["code"], late.status_code) == (1244023, 404)


async def test_starts_that_are_too_many_have_their_number(site: Site) -> None:
    hosts = range(100, 101 + MAX_BATCHES)
    row = "[[hosts]]\nid = {0}\nip = '10.1.{1}.{2}'\nbusiness = 2\n"
    await declare(site, "".join(row.format(host, host // 200, host % 200) for host in hosts))
    rolling: Json = {"type": 1, "expression": "1", "mode": 1}
    each = script(target_server={"host_id_list": [*hosts]}, rolling_config=rolling)
    assert await code_of(site, "fast_execute_script", each) == 1244027
    await declare(site, "[quotas]\nscope = 1")
    assert [await code_of(site, "fast_execute_script", script()) for _ in range(2)] == [0, 1244032]
    await declare(site, "[quotas]\nsystem = 1")
    assert await code_of(site, "fast_execute_script", script()) == 1244034
    header = {"X-Bkapi-Authorization": msgspec.json.encode(ADMIN).decode()}
    refused = await site.http.post(f"{G4}/fast_execute_script", json=V4_START, headers=header)
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "RESOURCE_EXHAUSTED")
    assert refused.json()["error"]["details"][0]["code"] == "1244034"


V4_START: Json = DEMO | {
    "script_content": encoded("true"),
    "script_language": 1,
    "account_alias": "root",
    "execute_target": {"host_list": [{"bk_host_id": 1}]},
}


async def test_version_4_tells_a_finer_code_of_what_cannot_be_read(site: Site) -> None:
    header = {"X-Bkapi-Authorization": msgspec.json.encode(ADMIN).decode(), "content-type": "application/json"}

    async def details(method: str, path: str, content: bytes = b"", **more: str) -> list[str]:
        answer = await site.http.request(method, f"{G4}/{path}", content=content, headers=header | more)
        return [one["code"] for one in answer.json()["error"]["details"]]

    assert await details("GET", "fast_execute_script") == ["1240003", "1241017"]
    assert await details("POST", "fast_execute_script", b"<a/>", **{"content-type": "text/xml"}) == [
        "1240003",
        "1241018",
    ]
    assert await details("POST", "fast_execute_script", b"{") == ["1240003", "1241022"]
    assert await details("GET", "no_such_operation") == ["1240003", "1241024"]
    wrong = msgspec.json.encode(V4_START | {"timeout": "soon"})
    assert await details("POST", "fast_execute_script", wrong) == ["1240003", "1241025"]
