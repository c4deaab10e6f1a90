"""Templates leave an installation as a file and come back, over the native API on a real database."""

import base64
import zlib

import httpx
import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.integration.native_plans import FILE, SCOPE, get, native_client, post
from tests.integration.native_scripts import KEPT, keep_script, sent

from jobfleet.model.archive import (
    FORMAT,
    MAX_PLANS,
    MAX_SCRIPTS,
    VERSION,
    Archive,
    ArchivedPlan,
    ArchivedScript,
    ArchivedTemplate,
)
from jobfleet.model.definition import ApprovalSpec
from jobfleet.model.errors import IllegalRequestError
from jobfleet.model.resource_errors import BadArchiveError
from jobfleet.model.template import TemplateStep
from jobfleet.model.template_checks import MAX_STEPS
from jobfleet.operations import export_templates
from jobfleet.operations.archive_file import pack, unpack
from jobfleet.store.database import Database

http = native_client()

NOW = 1_000_000
UPLOADING = """
[template]
name = "{name}"
[[steps]]
kind = "file"
name = "send"
targets = ["1"]
target_path = "/tmp"
[[steps.sources]]
upload = ["big"]
"""
EMPTY = Archive(NOW, NOW + 10, "admin", "biz:2", secrets=False, templates=(), scripts=())


async def export(http: httpx.AsyncClient, *ids: int, status: int = 200, **members: object) -> bytes:
    answer = await http.post("/api/v1/templates/export", json=SCOPE | {"templates": ids} | members)
    assert answer.status_code == status, answer.text
    return answer.content


def packed(archive: Archive) -> bytes:
    """Return a file that nobody looked at: what somebody else's program may write."""
    line = msgspec.json.encode({"format": FORMAT, "version": VERSION}) + b"\n"
    return line + zlib.compress(msgspec.json.encode(archive))


def text(file: bytes) -> str:
    return base64.b64encode(file).decode()


async def test_a_template_comes_back_with_its_plans_under_new_names_and_ids(http: httpx.AsyncClient) -> None:
    applied = await post(http, "/plans/apply", toml=FILE)
    template = await get(http, f"/templates/{applied['template_id']}")
    own = {"name": "own", "steps": [template["steps"][0]["id"]], "follows": ["web"]}
    await post(http, f"/templates/{template['id']}/plans", 201, **own)
    file = await export(http, template["id"])
    assert b"canary" not in file
    done = await post(http, "/templates/import", archive=text(file))
    [one] = done["templates"]
    assert (done["state"], one["new_name"], one["new_id"] != one["id"]) == ("all", "Release_imported", True)
    again = await get(http, f"/templates/{one['new_id']}")
    assert [step["name"] for step in again["steps"]] == ["one", "two"]
    assert [variable["value"] for variable in again["variables"]] == ["", ""]
    plans = [await get(http, f"/plans/{plan['new_id']}") for plan in one["plans"]]
    assert [(plan["name"], [step["enabled"] for step in plan["steps"]]) for plan in plans] == [
        ("Release", [True, True]),
        ("own", [True, False]),
    ]
    third = await post(http, "/templates/import", archive=text(file))
    assert third["templates"][0]["new_name"] == "Release_imported2"


async def test_passwords_leave_under_a_password_only_and_archives_expire(http: httpx.AsyncClient, db: Database) -> None:
    applied = await post(http, "/plans/apply", toml=FILE)
    await export(http, applied["template_id"], status=400, secrets=True)
    file = await export(http, applied["template_id"], secrets=True, password="open sesame", expires_in_s=1000)
    for password in ("", "wrong"):
        refused = await post(http, "/templates/import", 400, archive=text(file), password=password)
        assert refused["code"] == 1241016
    done = await post(http, "/templates/import", archive=text(file), password="open sesame")
    copy = await get(http, f"/templates/{done['templates'][0]['new_id']}")
    assert copy["variables"][0]["value"] == "******"
    async with db.begin() as tx:
        found = (await tx.execute(sa.text("SELECT subject FROM audit WHERE subject LIKE 'export%'"))).scalars().all()
    assert list(found) == ["export templates Release with secrets"]


async def test_ids_are_kept_where_they_are_free_and_told_where_they_are_not(http: httpx.AsyncClient) -> None:
    applied = await post(http, "/plans/apply", toml=FILE)
    file = text(await export(http, applied["template_id"]))
    skipped = await post(http, "/templates/import", archive=file, ids="keep_or_skip")
    assert (skipped["state"], skipped["templates"][0]["code"]) == ("none", 1243044)
    fresh = await post(http, "/templates/import", archive=file, ids="keep_or_new")
    assert fresh["templates"][0]["new_id"] != applied["template_id"]
    other = (await post(http, f"/templates/{fresh['templates'][0]['new_id']}/plans", 201, name="other"))["id"]
    await post(http, f"/templates/{applied['template_id']}/delete")
    kept = await post(http, "/templates/import", archive=file, ids="keep_or_skip")
    [one] = kept["templates"]
    assert (one["new_id"], one["plans"][0]["new_id"]) == (applied["template_id"], applied["plan_id"])
    file = text(await export(http, fresh["templates"][0]["new_id"]))
    await post(http, f"/plans/{other}/delete")
    await post(http, f"/templates/{fresh['templates'][0]['new_id']}/delete")
    mixed = await post(http, "/templates/import", archive=file, ids="keep_or_skip")
    assert [plan["new_id"] for plan in mixed["templates"][0]["plans"]][-1] == other


async def test_plans_whose_id_is_taken_are_left_out_with_their_code(http: httpx.AsyncClient, db: Database) -> None:
    applied = await post(http, "/plans/apply", toml=FILE)
    file = text(await export(http, applied["template_id"]))
    async with db.begin() as tx:
        move = {"id": applied["template_id"]}
        await tx.execute(sa.text("ALTER TABLE plan DROP CONSTRAINT plan_template_id_fkey"))
        await tx.execute(sa.text("DELETE FROM template WHERE id = :id"), move)
    done = await post(http, "/templates/import", archive=file, ids="keep_or_skip")
    [one] = done["templates"]
    assert (done["state"], one["code"], [plan["code"] for plan in one["plans"]]) == ("some", 0, [1243043])


async def test_kept_scripts_are_named_where_they_are_the_same_and_held_where_not(http: httpx.AsyncClient) -> None:
    script_id, version_id = await keep_script(http)
    applied = await post(http, "/plans/apply", toml=KEPT.format(version=version_id))
    file = text(await export(http, applied["template_id"]))
    same = (await post(http, "/templates/import", archive=file))["templates"][0]
    assert same["remarks"] == []
    await sent(http, f"/scripts/{script_id}/versions/{version_id}/operate", operation="disable")
    done = (await post(http, "/templates/import", archive=file))["templates"][0]
    assert done["remarks"] == ["step first holds the text of its script itself"]
    definition = (await get(http, f"/templates/{done['new_id']}"))["steps"][0]["definition"]
    assert (definition["script_version_id"], base64.b64decode(definition["content"])) == (None, b"echo 1")


async def test_an_archive_that_says_too_much_in_few_bytes_is_refused(http: httpx.AsyncClient) -> None:
    step = TemplateStep("s", ApprovalSpec("?"))
    plan = ArchivedPlan(1, "p", (), ())
    template = ArchivedTemplate(1, "t", "", (step,), (), (plan,))
    script = ArchivedScript(1, 1, b"")
    for archive, words in (
        (replace(EMPTY, templates=(replace(template, plans=(plan,) * (MAX_PLANS + 1)),)), f"{MAX_PLANS} plans"),
        (replace(EMPTY, templates=(template,), scripts=(script,) * (MAX_SCRIPTS + 1)), f"{MAX_SCRIPTS} scripts"),
        (replace(EMPTY, templates=(replace(template, steps=(step,) * (MAX_STEPS + 1)),)), f"{MAX_STEPS} steps"),
    ):
        file = packed(replace(archive, expires_at=None))
        assert len(file) < 50_000
        refused = await post(http, "/templates/import", 400, archive=text(file))
        assert (refused["code"], words in refused["message"]) == (1241016, True), refused
        with pytest.raises(IllegalRequestError, match=words):
            pack(archive, "")


async def test_only_scripts_that_steps_run_are_looked_up(http: httpx.AsyncClient, db: Database) -> None:
    applied = await post(http, "/plans/apply", toml=FILE)
    archive = unpack(await export(http, applied["template_id"]), "", NOW)
    scripts = tuple(ArchivedScript(number, 1, b"") for number in range(MAX_SCRIPTS))
    asked = 0

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        nonlocal asked
        asked += "FROM script_version" in statement

    engine = db._engine.sync_engine
    sa.event.listen(engine, "before_cursor_execute", count)
    done = await post(http, "/templates/import", archive=text(packed(replace(archive, scripts=scripts))))
    sa.event.remove(engine, "before_cursor_execute", count)
    assert (done["state"], asked) == ("all", 0)


async def test_an_export_counts_a_file_as_often_as_it_is_written(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step of each template holds its files itself: nothing is read that would not fit."""
    [address] = (await post(http, "/uploads", 201, names=["big"]))["uploads"]
    path = (await http.put(address["address"], content=b"x" * 600)).json()["path"]
    ids = [
        (await post(http, "/plans/apply", toml=UPLOADING.format(name=name), uploads={"big": path}))["template_id"]
        for name in ("one", "two")
    ]
    monkeypatch.setattr(export_templates, "MAX_ARCHIVE_BYTES", 1_000)
    assert await export(http, ids[0])
    told = await export(http, *ids, status=400)
    assert "1000 字节".encode() in told


def test_an_archive_opens_with_its_password_until_it_expires() -> None:
    for password in ("", "open sesame"):
        file = pack(EMPTY, password)
        assert unpack(file, password, NOW) == EMPTY
        with pytest.raises(BadArchiveError, match="expired"):
            unpack(file, password, NOW + 10)
    with pytest.raises(BadArchiveError, match="needs its password"):
        unpack(pack(EMPTY, "x"), "", NOW)
    with pytest.raises(BadArchiveError, match="version 2"):
        unpack(f'{{"format":"{FORMAT}","version":2}}\n'.encode(), "", NOW)


def test_what_is_no_text_or_too_deep_is_no_archive() -> None:
    line = msgspec.json.encode({"format": FORMAT, "version": VERSION})
    deep = b'{"other":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    for file in (line.replace(b"jobfleet", b"\xeaobfleet"), b"\xff", b"[" * 2_000, line + b"\n" + zlib.compress(deep)):
        with pytest.raises(BadArchiveError):
            unpack(file, "", NOW)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_archive_opens_that_was_changed_and_none_is_a_fault(data: st.DataObject) -> None:
    sealed = data.draw(st.booleans())
    file = bytearray(pack(EMPTY, "x" if sealed else ""))
    at = data.draw(st.integers(0, len(file) - 1))
    file[at] ^= data.draw(st.integers(1, 255))
    try:
        found = unpack(bytes(file), "x", NOW)
    except BadArchiveError:
        return
    assert not sealed
    assert isinstance(found, Archive)


@given(st.binary(max_size=200))
def test_no_file_is_a_fault(file: bytes) -> None:
    with pytest.raises(BadArchiveError):
        unpack(file, "x", NOW)
