"""Accounts over the native API, on a real database and broker."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
import sqlalchemy as sa
from tests.engines import Broker
from tests.platforms import ADMIN, platform_on, serving

from jobfleet.embedded.postgres import Postgres
from jobfleet.model.account import password_purpose
from jobfleet.model.declared import parse_state
from jobfleet.model.definition import FileKind
from jobfleet.model.errors import InternalError
from jobfleet.model.file_job import NewSource
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import FileAction, NewPlan, NewTemplate, ScriptAction, SqlAction, TemplateStep
from jobfleet.operations import plans, templates
from jobfleet.operations.declare import apply_state
from jobfleet.operations.platform import Platform
from jobfleet.store import tables
from jobfleet.store.database import Database

STATE = """
[[users]]
name = "ada"
password = "correct horse"
[[users]]
name = "li"
password = "battery staple"
[[businesses]]
id = 2
name = "demo"
[[businesses]]
id = 3
name = "other"
[[hosts]]
id = 1
ip = "127.0.0.1"
business = 2
[[accounts]]
id = 1
business = 2
account = "root"
[[accounts]]
id = 2
business = 3
account = "theirs"
[[role_bindings]]
user = "ada"
role = "admin"
business = 2
[[role_bindings]]
user = "li"
role = "operator"
business = 2
"""
Json = dict[str, Any]
ROOT = {"id": 1, "scope_type": "biz", "business_id": 2, "alias": "root", "account": "root", "category": 1, "type": 1}
SCOPE = Scope(ScopeType.BUSINESS, 2)
SECRET = "an-account-password"
DB: Json = {"scope": "biz:2", "account": "app", "type": "mysql", "system_account": "root", "password": SECRET}


class People:
    """Speak with the API as one person or another."""

    def __init__(self, http: httpx.AsyncClient, ada: Json, li: Json) -> None:
        self._http = http
        self.ada = ada
        self.li = li

    async def post(self, path: str, body: Json, who: Json | None = None) -> httpx.Response:
        return await self._http.post(f"/api/v1/accounts{path}", json=body, headers=who or self.ada)

    async def get(self, path: str, who: Json | None = None, **query: str) -> httpx.Response:
        return await self._http.get(f"/api/v1/accounts{path}", params=query, headers=who or self.li)

    async def made(self, **changes: object) -> Json:
        answer = await self.post("", DB | changes)
        assert answer.status_code == 201, answer.text
        found: Json = answer.json()
        return found

    async def refused(self, path: str, body: Json, who: Json | None = None) -> tuple[int, int]:
        answer = await self.post(path, body, who)
        return answer.status_code, answer.json()["code"]


@pytest.fixture(scope="module")
async def platform(postgres: Postgres, template: str, nats: Broker) -> AsyncIterator[Platform]:
    """Give a platform on a database of this file's own: people who sign in are dear to make."""
    admin = await asyncpg.connect(postgres.url_of("postgres"))
    await admin.execute(f"CREATE DATABASE test_accounts TEMPLATE {template} STRATEGY file_copy")
    db = Database(postgres.url_of("test_accounts"))
    await apply_state(db, parse_state(STATE), dry_run=False)
    async with platform_on(db, nats) as platform:
        yield platform
    await db.close()
    await admin.execute("DROP DATABASE test_accounts WITH (FORCE)")
    await admin.close()


@pytest.fixture(scope="module")
async def signed_in(platform: Platform) -> AsyncIterator[People]:
    with serving(platform) as app:
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 5000))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://jobfleet") as http:
            tokens = [await _sign_in(http, "ada", "correct horse"), await _sign_in(http, "li", "battery staple")]
            yield People(http, *tokens)


@pytest.fixture
async def people(platform: Platform, signed_in: People) -> People:
    """Give people in a business that has its first account alone."""
    async with platform.engine.db.begin() as tx:
        for statement in ("DELETE FROM audit", "DELETE FROM account WHERE id <> 2"):
            await tx.execute(sa.text(statement))
        await tx.execute(sa.insert(tables.accounts).values(ROOT))
    return signed_in


@pytest.fixture
def db(platform: Platform) -> Database:
    return platform.engine.db


async def _sign_in(http: httpx.AsyncClient, name: str, password: str) -> Json:
    answer = await http.post("/api/v1/sign-in", json={"username": name, "password": password})
    return {"Authorization": f"Bearer {answer.json()['token']}", "blueking-language": "en"}


async def test_an_account_is_made_shown_and_listed_without_its_password(people: People, db: Database) -> None:
    made = await people.made(port=3307, database="shop", description="of the shop")
    wanted = {"alias": "app", "account": "app", "category": "database", "type": "mysql", "port": 3307}
    wanted |= {"database": "shop", "system_account": "root", "description": "of the shop", "creator": "ada"}
    assert {name: made[name] for name in wanted} == wanted
    assert made["has_password"]
    shown = await people.get(f"/{made['id']}", scope="biz:2")
    listed = await people.get("", scope="biz:2", category="database", alias="AP")
    assert (shown.json(), listed.json()) == (made, {"total": 1, "accounts": [made]})
    assert SECRET not in shown.text + listed.text + await everything(db)


async def everything(db: Database) -> str:
    async with db.begin() as tx:
        rows = [*await tx.execute(sa.select(tables.accounts)), *await tx.execute(sa.select(tables.audit))]
    return "\n".join(map(repr, rows))


async def test_a_password_is_sealed_for_its_account_alone(people: People, db: Database, platform: Platform) -> None:
    first, second = await people.made(), await people.made(alias="second")
    async with db.begin() as tx:
        rows = await tx.execute(sa.select(tables.accounts.c.id, tables.accounts.c.password))
        sealed = {row.id: row.password or "" for row in rows}
    purpose = password_purpose(first["id"])
    assert platform.engine.sealer.open_text(sealed[first["id"]], purpose) == SECRET
    with pytest.raises(InternalError):
        platform.engine.sealer.open_text(sealed[second["id"]], purpose)


async def test_a_change_changes_what_it_names(people: People) -> None:
    made = await people.made(port=3307, database="shop")
    change = {"scope": "biz:2", "alias": "renamed", "port": 3308, "description": "moved"}
    changed = (await people.post(f"/{made['id']}", change)).json()
    assert changed == made | {"alias": "renamed", "port": 3308, "description": "moved"} | {
        "modifier": "ada",
        "modified_at": changed["modified_at"],
    }
    without = (await people.post(f"/{made['id']}", {"scope": "biz:2", "password": ""})).json()
    assert (without["has_password"], without["alias"]) == (False, "renamed")


async def test_an_account_that_is_linked_to_stays_until_nothing_links_to_it(people: People) -> None:
    made = await people.made()
    assert await people.refused("/1/delete", {"scope": "biz:2"}) == (400, 1243014)
    gone = await people.post(f"/{made['id']}/delete", {"scope": "biz:2"})
    assert (gone.status_code, gone.json()) == (200, made)
    assert (await people.post("/1/delete", {"scope": "biz:2"})).status_code == 200
    assert (await people.get("/1", scope="biz:2")).json()["code"] == 1244003


async def test_an_account_that_a_template_or_plan_names_stays(people: People, platform: Platform) -> None:
    by_id, source, files = await people.made(), {**DB, "type": "linux", "system_account": ""}, {"scope": "biz:2"}
    ids = [
        (await people.post("", source | {"account": name})).json()["id"] for name in ("scripts", "targets", "sources")
    ]
    hosts = TargetSpec(host_ids=(1,))
    moved = NewSource(kind=FileKind.HOST, paths=("/etc/hosts",), account_alias="sources", hosts=hosts)
    actions: tuple[ScriptAction | SqlAction | FileAction, ...] = (
        ScriptAction(target=hosts, account_alias="scripts", content=b"true"),
        SqlAction(target=hosts, db_account_id=by_id["id"], content=b"SELECT 1"),
        FileAction(target=hosts, target_path="/tmp/", account_id=ids[1], sources=(moved,)),
    )
    steps = tuple(TemplateStep(str(at), action) for at, action in enumerate(actions))
    template = await templates.create_template(platform, ADMIN, NewTemplate(SCOPE, "of all kinds", steps))
    await plans.create_plan(platform, ADMIN, SCOPE, template.id, NewPlan("its plan"))
    for account_id in (by_id["id"], *ids):
        answer = await people.post(f"/{account_id}/delete", files)
        assert (answer.status_code, answer.json()["code"]) == (400, 1243014)
        assert "template of all kinds, plan its plan" in answer.json()["message"]
    await templates.delete_template(platform, ADMIN, SCOPE, template.id)
    for account_id in (by_id["id"], *ids):
        assert (await people.post(f"/{account_id}/delete", files)).status_code == 200


async def test_an_alias_is_unique_in_scope_and_category(people: People) -> None:
    made = await people.made(alias="root")
    assert await people.refused("", DB | {"alias": "root"}) == (409, 1243007)
    second = await people.made(alias="second")
    assert await people.refused(f"/{second['id']}", {"scope": "biz:2", "alias": "root"}) == (409, 1243007)
    assert (await people.post(f"/{made['id']}", {"scope": "biz:2", "alias": "root"})).status_code == 200


WRONG: list[tuple[Json, int]] = [
    ({"system_account": "nobody"}, 1243008),
    ({"system_account": "theirs"}, 1243008),
    ({"system_account": ""}, 1243008),
    ({"account": "no such name!"}, 1241010),
    ({"account": "x" * 17}, 1241010),
    ({"password": "x" * 256}, 1241010),
    ({"password": "two\nlines"}, 1241010),
    ({"type": "db2"}, 1241010),
    ({"alias": "x" * 256}, 1241010),
    ({"description": "x" * 1025}, 1241010),
    ({"database": "a b"}, 1241010),
    ({"type": "linux", "system_account": "", "port": 22}, 1241010),
    ({"type": "linux"}, 1241010),
    ({"type": "windows", "system_account": "", "password": ""}, 1241010),
    ({"type": "sybase"}, 1240003),
    ({"port": 65_536}, 1240003),
]


async def test_a_wrong_account_is_refused_with_its_code(people: People) -> None:
    codes = [(changes, (await people.refused("", DB | changes))[1]) for changes, _ in WRONG]
    assert codes == WRONG
    assert (await people.get("", scope="biz:2", category="database")).json()["total"] == 0


async def test_values_at_their_limits_are_taken(people: People) -> None:
    longest = {"alias": "x" * 255, "description": "x" * 1024, "password": "x" * 255, "port": 65_535}
    await people.made(type="postgresql", account="x" * 63)
    await people.made(account="x" * 16, **longest)
    await people.made(type="db2", database="SAMPLE")


async def test_only_administrators_of_the_scope_make_and_change_accounts(people: People) -> None:
    made = await people.made()
    for path in ("", f"/{made['id']}", f"/{made['id']}/delete"):
        body = DB if not path else {"scope": "biz:2"}
        assert await people.refused(path, body, people.li) == (403, 9900403)
        assert await people.refused(path, body | {"scope": "biz:3"}) == (403, 9900403)
    assert (await people.get("/2", scope="biz:2")).json()["code"] == 1244003


async def test_every_change_leaves_a_row_in_the_audit(people: People, db: Database) -> None:
    made = await people.made()
    await people.post(f"/{made['id']}", {"scope": "biz:2", "password": "other", "port": 1})
    await people.post(f"/{made['id']}/delete", {"scope": "biz:2"})
    async with db.begin() as tx:
        rows = await tx.execute(sa.select(tables.audit.c.action, tables.audit.c.subject))
        found = [tuple(row) for row in rows if row.subject.startswith("account")]
    assert found == [
        ("create_account", f"account {made['id']} app"),
        ("manage_account", f"account {made['id']} app: password, port"),
        ("manage_account", f"account {made['id']} app deleted"),
    ]
