"""Kept scripts on the BlueKing surfaces, a scope's and public ones."""

import base64
from typing import Any

import pytest
import sqlalchemy as sa
from tests.integration.api.site import ADMIN, APP, DEMO, G3, V2, V3, Site, encoded
from tests.integration.kept_scripts import DEMO as BUSINESS
from tests.platforms import ADMIN as SUPERUSER

from jobfleet.model.script_version import MAX_PAGE, MAX_PAGE_BYTES
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import NewTemplate, ScriptAction, TemplateStep
from jobfleet.operations import templates
from jobfleet.store import tables

Json = dict[str, Any]
OTHER = {"bk_scope_type": "biz", "bk_scope_id": "3"}
ROOTS = {"bus": V3, "gateway": G3, "system": f"{G3}/system"}


class Shelf:
    """The scripts of business 2 or the public ones, through one door."""

    def __init__(self, site: Site, *, public: bool, door: str = "bus") -> None:
        self.site = site
        self._public = public
        self._door = door

    async def ask(self, operation: str, /, **members: Any) -> Json:
        """Return the envelope of an operation; its name says _script where public ones say _public_script."""
        name = operation.replace("_script", "_public_script") if self._public else operation
        wanted = members if self._public else DEMO | members
        path = f"{ROOTS[self._door]}/{name}"
        if self._door == "bus":
            return await self.site.post(f"{path}/", wanted)
        answer = await self.site.as_gateway("GET" if name.startswith("get_") else "POST", path, wanted)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def data(self, operation: str, /, **members: Any) -> Any:
        answer = await self.ask(operation, **members)
        assert answer["code"] == 0, answer
        return answer.get("data")

    async def code(self, operation: str, /, **members: Any) -> int:
        return int((await self.ask(operation, **members))["code"])

    async def keep(self, name: str = "restart", content: str = "echo one", language: int = 1) -> Json:
        """Keep a script and return its first version."""
        words = {"name": name, "script_language": language, "version": "1.0", "content": encoded(content)}
        return dict(await self.data("create_script", **words, description="why", version_desc="first"))

    async def publish(self, version: Json) -> Json:
        return dict(await self.data("publish_script_version", **named(version)))


def named(version: Json) -> Json:
    return {"script_id": version["script_id"], "script_version_id": version["id"]}


@pytest.fixture(params=["own", "public"])
def shelf(site: Site, request: pytest.FixtureRequest) -> Shelf:
    return Shelf(site, public=request.param == "public")


@pytest.mark.parametrize("door", ROOTS)
@pytest.mark.parametrize("public", [False, True])
async def test_a_script_goes_through_its_whole_life(site: Site, door: str, *, public: bool) -> None:
    shelf = Shelf(site, public=public, door=door)
    first = await shelf.keep()
    assert (first["status"], first["public_script"], first["content"]) == (0, public, encoded("echo one"))
    assert ("bk_scope_id" in first) is not public
    assert (await shelf.data("get_script_list"))["total"] == 0
    change = {**named(first), "content": encoded("echo two")}
    edited = await shelf.data("update_script_version", **change)
    assert (edited["content"], edited["version"], edited["version_desc"]) == (encoded("echo two"), "1.0", "first")
    assert await shelf.publish(first) == {"script_id": first["script_id"], "id": first["id"], "status": 1}
    assert await shelf.code("update_script_version", **change) == 1241003
    [listed] = (await shelf.data("get_script_list"))["data"]
    assert (listed["id"], listed["online_script_version_id"]) == (first["script_id"], first["id"])
    assert type(listed["create_time"]) is int
    new = {"script_id": first["script_id"], "version": "2.0", "content": encoded("echo three")}
    second = await shelf.data("create_script_version", **new)
    await shelf.publish(second)
    shown = await shelf.data("get_script_version_list", script_id=first["script_id"], return_script_content=True)
    assert [(one["id"], one["status"]) for one in shown["data"]] == [(second["id"], 1), (first["id"], 2)]
    assert [base64.b64decode(one["content"]) for one in shown["data"]] == [b"echo three", b"echo two"]
    assert (shown["start"], shown["length"], shown["total"]) == (0, 20, 2)
    renamed = await shelf.data("update_script_basic", script_id=first["script_id"], name="renamed")
    assert (renamed["name"], renamed["description"], renamed["online_script_version_id"]) == (
        "renamed",
        "why",
        second["id"],
    )
    assert (await shelf.data("disable_script_version", **named(second)))["status"] == 3
    by_name = await shelf.data("get_script_version_detail", script_id=first["script_id"], version="2.0")
    assert (by_name["status"], by_name["content"], by_name["name"]) == (3, encoded("echo three"), "renamed")
    assert await shelf.data("get_script_version_detail", id=second["id"], script_id="hidden") == by_name
    await shelf.data("delete_script_version", **named(second))
    await shelf.data("delete_script_version", **named(first))
    assert await shelf.code("get_script_version_list", script_id=first["script_id"]) == 1243001
    await shelf.data("delete_script", script_id=(await shelf.keep())["script_id"])


async def test_what_is_wrong_with_a_script_is_named(shelf: Shelf) -> None:
    first = await shelf.keep()
    good = {"name": "other", "script_language": 1, "version": "1.0", "content": encoded("x")}
    for wrong, code in (
        ({"name": "restart"}, 1243002),
        ({"name": "a/b"}, 1243003),
        ({"name": "x" * 61}, 1241005),
        ({"name": None}, 1241004),
        ({"version": None}, 1241004),
        ({"version": "1 0"}, 1241005),
        ({"version": "1" * 61}, 1241005),
        ({"content": None}, 1241004),
        ({"content": ""}, 1241004),
        ({"content": "%%%%"}, 1240003),
        ({"script_language": None}, 1241004),
        ({"script_language": 0}, 1241005),
        ({"script_language": 7}, 1241005),
        ({"script_language": "shell"}, 1240003),
        ({"description": "x" * 1001}, 1241005),
    ):
        assert await shelf.code("create_script", **(good | wrong)) == code, wrong
    new = {"script_id": first["script_id"], "content": encoded("x")}
    assert await shelf.code("create_script_version", **new, version="1.0") == 1243036
    assert await shelf.code("update_script_basic", script_id=first["script_id"], name="a*") == 1243003
    assert await shelf.code("publish_script_version", script_id=first["script_id"]) == 1241004
    assert await shelf.code("publish_script_version", script_id=first["script_id"], script_version_id=0) == 1241005
    assert await shelf.code("publish_script_version", script_id=first["script_id"], script_version_id=1) == 1243047
    assert await shelf.code("disable_script_version", **named(first)) == 1241003
    assert await shelf.code("get_script_version_detail") == 1241004
    assert await shelf.code("get_script_version_detail", script_id=first["script_id"]) == 1241004
    assert await shelf.code("get_script_version_detail", script_id=first["script_id"], version="9") == 1243047
    assert await shelf.code("get_script_version_detail", id=1) == 1243047
    assert await shelf.code("delete_script", script_id="0" * 32) == 1243001


async def test_scripts_of_another_scope_and_public_ones_are_told_apart(site: Site) -> None:
    own, public = Shelf(site, public=False), Shelf(site, public=True)
    ours, everybodys = await own.keep(), await public.keep()
    assert await own.code("get_script_version_detail", id=ours["id"], **OTHER) == 1243004
    assert await own.code("delete_script", script_id=ours["script_id"], **OTHER) == 1243004
    assert await own.code("get_script_version_detail", id=everybodys["id"]) == 1243004
    assert await public.code("get_script_version_detail", id=ours["id"]) == 1243004
    assert await public.code("delete_script", script_id=ours["script_id"]) == 1243004
    assert await own.code("get_script_list", bk_scope_id="77") == 1243049
    assert await own.code("create_script", bk_scope_id="77") == 1243049
    assert await own.code("get_script_list", bk_scope_type=None, bk_scope_id=None, bk_biz_id="2") == 0
    assert await own.code("get_script_list", bk_scope_type=None, bk_scope_id=None) == 1240003


async def test_lists_are_filtered_and_paged(shelf: Shelf) -> None:
    for name, language in (("deploy web", 1), ("Deploy db", 4), ("clean_up", 1)):
        await shelf.publish(await shelf.keep(name, language=language))

    async def listed(**wanted: Any) -> tuple[int, list[str]]:
        page = await shelf.data("get_script_list", **wanted)
        return page["total"], sorted(one["name"] for one in page["data"])

    assert await listed() == (3, ["Deploy db", "clean_up", "deploy web"])
    assert await listed(name="DEPLOY") == (2, ["Deploy db", "deploy web"])
    assert await listed(name="y Db") == (1, ["Deploy db"])
    assert await listed(name="%") == (0, [])
    assert await listed(name="n_") == (1, ["clean_up"])
    assert await listed(script_language=0, name="up") == (1, ["clean_up"])
    assert await listed(script_language="4") == (1, ["Deploy db"])
    assert await shelf.code("get_script_list", script_language=9) == 1241005
    assert (await listed(start=1, length=1))[0] == 3
    assert await listed(start=3) == (3, [])
    for given, used in ((None, 20), (0, 20), (-3, 20), (1000, 1000), (MAX_PAGE + 1, MAX_PAGE)):
        page = await shelf.data("get_script_list", start=-1, length=given)
        assert (page["start"], page["length"], page["total"]) == (0, used, 3)


async def test_what_a_template_uses_is_not_deleted(site: Site) -> None:
    shelf = Shelf(site, public=False)
    version = await shelf.keep()
    await shelf.publish(version)
    step = TemplateStep(
        "one", ScriptAction(target=TargetSpec(host_ids=(1,)), account_id=1, script_version_id=version["id"])
    )
    await templates.create_template(site.platform, SUPERUSER, NewTemplate(BUSINESS, "uses it", (step,)))
    assert await shelf.code("delete_script_version", **named(version)) == 1243054
    assert await shelf.code("delete_script", script_id=version["script_id"]) == 1243054


async def test_version_2_shows_online_versions_by_their_ids(site: Site) -> None:
    own, public = Shelf(site, public=False), Shelf(site, public=True)
    ours, everybodys = await own.keep("ours"), await public.keep("everybodys", language=4)
    await own.keep("a draft")
    await own.publish(ours)
    await public.publish(everybodys)
    page = (await site.get(f"{V2}/get_script_list/", {"bk_biz_id": 2, "return_script_content": "True"}))["data"]
    assert (page["start"], page["page_size"], page["total_record_size"]) == (0, MAX_PAGE, 1)
    [shown] = page["data"]
    assert (shown["id"], shown["name"], shown["version"], shown["tag"]) == (ours["id"], "ours", "1.0", "first")
    assert (shown["type"], shown["public"], shown["bk_biz_id"], shown["content"]) == (1, False, 2, encoded("echo one"))
    assert len(shown["create_time"]) == len("2026-11-22 10:00:00")
    detail = await site.post(f"{V2}/get_script_detail/", {"bk_biz_id": 2, "id": str(ours["id"])})
    assert detail["data"] == shown
    lists: tuple[tuple[str, Json], ...] = (("get_public_script_list", {}), ("get_script_list", {"is_public": "1"}))
    for operation, more in lists:
        [found] = (await site.get(f"{V2}/{operation}/", more | {"script_type": "4", "length": 5}))["data"]["data"]
        assert (found["id"], found["public"], found["bk_biz_id"], found["content"]) == (
            everybodys["id"],
            True,
            None,
            None,
        )
    for scope in ({}, {"bk_biz_id": 2}):
        assert (await site.post(f"{V2}/get_script_detail", scope | {"id": everybodys["id"]}))["code"] == 0
    for wanted, code in (
        ({"id": ours["id"]}, 1243004),
        ({"id": ours["id"], "bk_biz_id": 3}, 1243004),
        ({"id": ours["id"], "bk_biz_id": 77}, 1243049),
        ({"bk_biz_id": 2}, 1241004),
        ({"bk_biz_id": 2, "id": 0}, 1241005),
        ({"bk_biz_id": 2, "id": 1}, 1243047),
    ):
        assert (await site.post(f"{V2}/get_script_detail", wanted))["code"] == code, wanted
    assert (await site.post(f"{V2}/get_script_list", {"bk_biz_id": 2, "script_type": 8}))["code"] == 1241005
    assert (await site.post(f"{V2}/get_script_list", {}))["code"] == 1240003


async def test_a_page_holds_so_many_contents_only(site: Site) -> None:
    shelf = Shelf(site, public=False)
    first = await shelf.keep()
    await shelf.data("create_script_version", script_id=first["script_id"], version="2", content=encoded("x"))
    wanted = {"script_id": first["script_id"], "return_script_content": "true"}
    assert await shelf.code("get_script_version_list", **wanted) == 0
    stored = tables.script_versions.c
    async with site.platform.engine.db.begin() as tx:
        large = sa.func.convert_to(sa.func.repeat("x", MAX_PAGE_BYTES), "UTF8")
        await tx.execute(sa.update(tables.script_versions).where(stored.id == first["id"]).values(content=large))
    assert await shelf.code("get_script_version_list", **wanted) == 1241010
    assert await shelf.code("get_script_version_list", **wanted, length=1) == 0


async def test_who_may_not_is_told_what_to_apply_for(site: Site) -> None:
    async def needed(operation: str, who: str, **members: Any) -> str | None:
        answer = await site.http.post(f"{V3}/{operation}", json=APP | {"bk_username": who} | members)
        told = answer.json()
        return told["permission"]["actions"][0]["id"] if told["code"] == 9900403 else None

    good = {"name": "x", "script_language": 1, "version": "1", "content": encoded("x")}
    assert await needed("create_script", "li", **DEMO, **good) == "create_script"
    assert await needed("create_public_script", "li", **good) == "create_public_script"
    assert await needed("get_script_list", "wang", **DEMO) == "access_business"
    assert await needed("create_script", "wang", **DEMO) == "access_business"
    assert await needed("get_public_script_list", "wang") is None
    public = await Shelf(site, public=True).keep()
    for operation in ("publish", "disable", "delete"):
        wanted = await needed(f"{operation}_public_script_version", "li", **named(public))
        assert wanted == "manage_public_script_instance"
    assert (await site.http.post(f"{V3}/get_script_list", json=DEMO | ADMIN | {"bk_token": 5})).json()["code"] == 0
