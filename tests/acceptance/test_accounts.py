"""Accounts and dangerous rules as callers of the published API use them, wrong values included."""

import secrets

import pytest
from tests.acceptance.declared import ACCOUNT, BIZ, OTHER, A
from tests.acceptance.gates import encoded
from tests.acceptance.stage import Stage
from tests.acceptance.surfaces import Json
from tests.encrypted import encrypted

LINUX: Json = BIZ | {"account": ACCOUNT, "type": 1, "category": 1}
WINDOWS: Json = BIZ | {"account": "Admin-1", "type": 2, "category": 1, "password": "s3cret"}


def fresh(word: str) -> str:
    return f"{word}-{secrets.token_hex(4)}"


async def test_an_account_is_made_used_changed_and_removed(stage: Stage) -> None:
    alias = fresh("runner")
    made = (await stage.admin.v3("create_account", **LINUX, alias=alias, description="words"))["data"]
    assert made["bk_biz_id"] == 2
    assert (made["account"], made["alias"], made["category"], made["type"]) == (ACCOUNT, alias, 1, 1)
    assert (made["os"], made["db_system_account_id"], made["creator"]) == ("Linux", None, "admin")
    job = await stage.run(encoded("true"), A, account_alias=alias)
    await stage.wait(job, 9, job_status=3)
    changed = await stage.admin.gateway("update_account", **BIZ, id=made["id"], alias=f"{alias}-2", description="")
    assert changed["data"] == made | {
        "alias": f"{alias}-2",
        "last_modify_time": changed["data"]["last_modify_time"],
    }
    gone = await stage.admin.v3("delete_account", **BIZ, id=made["id"])
    assert gone["data"] == changed["data"]
    assert (await stage.admin.system("delete_account", **BIZ, id=made["id"]))["code"] == 1244003


async def test_lists_page_through_what_matches_and_never_tell_a_password(stage: Stage) -> None:
    word = fresh("list")
    for number in range(3):
        answer = await stage.admin.gateway("create_account", **WINDOWS | {"alias": f"{word} {number}"})
        assert answer["code"] == 0
        assert "s3cret" not in str(answer)
    page = (await stage.admin.gateway("get_account_list", **BIZ, alias=word.upper(), start=1, length=1))["data"]
    assert (page["start"], page["length"], page["total"]) == (1, 1, 3)
    assert [one["alias"] for one in page["data"]] == [f"{word} 1"]
    everything = (await stage.admin.v3("get_account_list", **BIZ, start=-1, length=0))["data"]
    assert (everything["start"], everything["length"]) == (0, 20)
    databases = (await stage.admin.v3_get("get_account_list", **BIZ, category=2))["data"]["data"]
    assert {one["os"] for one in databases} == {None}
    assert all(one["db_system_account_id"] for one in databases)
    assert (await stage.admin.v3("get_account_list", **BIZ, category=3))["code"] == 1240003


async def test_version_2_lists_what_the_caller_may_run_as(stage: Stage) -> None:
    systems = (await stage.admin.v2("get_os_account", bk_biz_id=2))["data"]
    one = next(one for one in systems if one["alias"] == ACCOUNT)
    assert (one["account"], one["os"], one["bk_biz_id"]) == (ACCOUNT, "Linux", 2)
    assert (await stage.admin.as_user("vera").v2_get("get_os_account", bk_biz_id=2))["data"] == []
    databases = (await stage.admin.as_user("oleg").v2_get("get_own_db_account_list", bk_biz_id=2))["data"]
    assert {"db_account_id": 51, "db_alias": "database"}.items() <= databases[0].items()
    assert (await stage.admin.v2("get_own_db_account_list", bk_biz_id=2, start=1, length=5))["data"] == databases[1:6]
    assert (await stage.admin.as_user("olga").v2("get_os_account", bk_biz_id=2))["code"] == 9900403


WRONG: list[tuple[Json, int, str]] = [
    ({"account": None}, 1240003, "account"),
    ({"type": None}, 1240003, "type"),
    ({"type": 9}, 1240003, "type"),
    ({"category": None}, 1240003, "category"),
    ({"category": 2}, 1240003, "category"),
    ({"account": "1st"}, 1241010, "account"),
    ({"account": "a" * 33}, 1241010, "account"),
    ({"alias": "a" * 256}, 1241010, "alias"),
    ({"alias": "a\nb"}, 1241010, "alias"),
    ({"description": "a" * 1025}, 1240003, "description"),
    ({"password": "p" * 118}, 1240003, "password"),
    ({"type": 2, "account": "a_b", "password": "p"}, 1241010, "account"),
    ({"type": 2, "account": "a"}, 1241010, "password"),
    ({"bk_scope_id": "777777"}, 1243049, ""),
    ({"alias": ACCOUNT}, 1243007, ACCOUNT),
]


@pytest.mark.parametrize(("change", "code", "word"), WRONG, ids=str)
async def test_a_wrong_value_is_refused_by_name(stage: Stage, change: Json, code: int, word: str) -> None:
    wanted = {name: value for name, value in (LINUX | change).items() if value is not None}
    answer = await stage.admin.v3("create_account", **wanted)
    assert (answer["code"], word in answer["message"]) == (code, True), answer


async def test_accounts_belong_to_their_scope_and_to_administrators(stage: Stage) -> None:
    operator = stage.admin.as_user("oleg")
    assert (await operator.v3("create_account", **LINUX, alias=fresh("x")))["permission"]["actions"][0]["id"] == (
        "create_account"
    )
    assert (await operator.gateway("update_account", **BIZ, id=50, alias="y"))["code"] == 9900403
    assert (await stage.admin.gateway("update_account", **OTHER, id=50, alias="y"))["code"] == 1244003
    assert (await stage.admin.v3("delete_account", **OTHER, id=50))["code"] == 1244003
    assert (await stage.admin.v3("delete_account", **BIZ))["code"] == 1241007
    system = (await stage.admin.v3("get_account_list", **BIZ, alias=ACCOUNT, category=1))["data"]["data"][0]
    assert (await stage.admin.v3("delete_account", **BIZ, id=system["id"]))["code"] == 1243014


async def test_a_windows_account_keeps_having_a_password(stage: Stage) -> None:
    made = (await stage.admin.gateway("create_account", **WINDOWS, alias=fresh("win")))["data"]
    stored = await stage.database.fetchval("SELECT password FROM account WHERE id = $1", made["id"])
    assert "s3cret" not in stored
    headers = await stage.bearer()
    body = {"scope": "biz:2", "password": ""}
    answer = await stage.http.post(f"/api/v1/accounts/{made['id']}", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, 1241010)


async def test_a_rule_is_made_switched_and_removed(stage: Stage) -> None:
    word = fresh("forbidden")
    new: Json = {"expression": word, "script_language_list": [2, 1, 2], "action": 2}
    made = (await stage.admin.v3("create_dangerous_rule", **new))["data"]
    assert (made["status"], made["script_language_list"], made["description"]) == (0, [1, 2], "")
    assert (await stage.admin.gateway("create_dangerous_rule", **new))["code"] == 1243056
    job = await stage.run(encoded(f"true {word}"), A)
    await stage.wait(job, 9, job_status=3)
    enabled = await stage.admin.gateway("enable_dangerous_rule", id=made["id"])
    assert enabled["data"] == {"id": made["id"], "status": 1}
    start = {"script_content": encoded(f"true {word}"), "script_language": 1, "account_alias": ACCOUNT}
    target = {"target_server": {"host_id_list": [A]}}
    assert (await stage.admin.v3("fast_execute_script", **BIZ | start | target))["code"] == 1244019
    changed = await stage.admin.system(
        "update_dangerous_rule", id=made["id"], expression=word, script_language_list=[6], action=1, description="d"
    )
    assert (changed["data"]["status"], changed["data"]["script_language_list"]) == (1, [6])
    listed = (await stage.admin.v3("get_dangerous_rule_list", expression=word, script_language_list=[6], action=1))[
        "data"
    ]
    assert [one["id"] for one in listed] == [made["id"]]
    assert (await stage.admin.gateway("get_dangerous_rule_list", expression=word, script_language_list=[1]))[
        "data"
    ] == []
    assert (await stage.admin.v3("disable_dangerous_rule", id=made["id"]))["data"] == {"id": made["id"], "status": 0}
    gone = await stage.admin.http.post(
        "/api/c/compapi/v2/jobv3/delete_dangerous_rule/", json={"id": made["id"]}, headers=stage.admin.authorization()
    )
    assert (gone.json()["code"], "data" in gone.json()) == (0, False)
    unknown = await stage.admin.v3("disable_dangerous_rule", id=made["id"])
    assert (unknown["code"], str(made["id"]) in unknown["message"]) == (1241005, True)


@pytest.mark.parametrize(
    ("change", "code", "word"),
    [
        ({"expression": None}, 1240003, "expression"),
        ({"expression": "a" * 251}, 1240003, "expression"),
        ({"expression": "(?=a)"}, 1241010, "expression"),
        ({"script_language_list": []}, 1240003, "script_language_list"),
        ({"script_language_list": [7]}, 1240003, "script_language_list"),
        ({"action": None}, 1240003, "action"),
        ({"action": 3}, 1240003, "action"),
        ({"description": "a" * 1001}, 1240003, "description"),
    ],
    ids=str,
)
async def test_a_wrong_rule_is_refused_by_name(stage: Stage, change: Json, code: int, word: str) -> None:
    wanted: Json = {"expression": fresh("x"), "script_language_list": [1], "action": 1} | change
    answer = await stage.admin.v3("create_dangerous_rule", **{k: v for k, v in wanted.items() if v is not None})
    assert (answer["code"], word in answer["message"]) == (code, True), answer
    refused = await stage.admin.as_user("oleg").v3("get_dangerous_rule_list")
    assert refused["permission"]["actions"][0]["id"] == "high-risk_detect_rule"


async def test_passwords_of_hosts_come_encrypted_and_keys_may_change(stage: Stage) -> None:
    name = "get_account_password_encryption_metadata"
    told = (await stage.admin.as_user("vera").gateway(name, **BIZ))["data"]
    assert told["encrypt_algorithm"] == "RSA"
    assert told == (await stage.admin.gateway(name))["data"]
    entry = {"host_id": A, "encrypted_password": encrypted((told["public_key"], b""), b"correct horse")}
    headers = await stage.bearer()
    rotated = await stage.http.post("/api/v1/password-key/rotate", json={}, headers=headers)
    shown = await stage.http.get("/api/v1/password-key", headers=headers)
    assert rotated.json() == shown.json() == {"public_key": shown.json()["public_key"], "algorithm": "RSA"}
    assert shown.json()["public_key"] != told["public_key"]
    job = await stage.run(encoded("true"), A, host_password_list=[entry])
    await stage.wait(job, 9, job_status=3)
    wrong = [entry | {"encrypted_password": secrets.token_urlsafe(9)} for _ in range(4)]
    start: Json = {"script_content": encoded("true"), "script_language": 1, "account_alias": ACCOUNT}
    target = {"target_server": {"host_id_list": [A]}}
    for passwords in (wrong, [{"encrypted_password": "x"}], [entry] * 1001):
        refused = await stage.admin.v3("fast_execute_script", **BIZ | start | target, host_password_list=passwords)
        assert (refused["code"], "host_password_list" in refused["message"]) == (1240003, True)
    assert "correct horse" not in stage.logged()
