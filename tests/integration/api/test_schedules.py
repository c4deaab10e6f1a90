"""Schedules over HTTP: natively, and as the crons of the BlueKing surfaces."""

import time
from typing import Any

import pytest
import sqlalchemy as sa
from tests.integration.api.site import DEMO, G3, V2, V3, Site

from jobfleet.api.native.schedule_words import LAST_MOMENT
from jobfleet.model.job_errors import AccountNotFoundError
from jobfleet.model.messages import message_of
from jobfleet.model.schedule import Fire, FireState
from jobfleet.operations import signin
from jobfleet.store import fires, tables

Json = dict[str, Any]
PLAN = """
[template]
name = "{name}"
[[variables]]
name = "word"
value = "hello"
[[variables]]
name = "pin"
type = "password"
[[variables]]
name = "web"
type = "hosts"
hosts = ["1"]
[[steps]]
kind = "script"
name = "only"
targets = ["variable:web"]
script = "echo hello"
"""
OTHER = {"bk_scope_type": "biz", "bk_scope_id": "3"}
EXPRESSION = "30 4 * * *"


class Crons:
    """The crons of business 2, and the native API to the administrator."""

    def __init__(self, site: Site, headers: dict[str, str]) -> None:
        self.site = site
        self.headers = headers
        self.plan_id = 0

    async def ask(self, operation: str, /, **members: Any) -> Json:
        """Ask version 3 on the bus."""
        return await self.site.post(f"{V3}/{operation}", DEMO | members)

    async def native(self, path: str, status: int = 200, /, **members: Any) -> Json:
        """POST to the native API."""
        answer = await self.site.http.post(f"/api/v1/{path}", json=members, headers=self.headers)
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    async def get(self, path: str, status: int = 200, /, **query: Any) -> Json:
        answer = await self.site.http.get(f"/api/v1/{path}", params=query, headers=self.headers)
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    async def save(self, name: str = "nightly", **members: Any) -> Json:
        """Save a cron and return it."""
        wanted = {"job_plan_id": self.plan_id, "name": name, "expression": EXPRESSION}
        answer = await self.ask("save_cron", **(wanted | members))
        assert answer["code"] == 0, answer
        return dict(answer["data"])

    async def refused(self, operation: str, /, **members: Any) -> tuple[int, str]:
        answer = await self.ask(operation, **members)
        return answer["code"], answer["message"]


@pytest.fixture
async def crons(site: Site) -> Crons:
    """Give crons with a plan to run."""
    token = await signin.sign_in(site.platform, "admin", "only-for-tests")
    found = Crons(site, {"Authorization": f"Bearer {token.token}", "blueking-language": "en"})
    applied = await found.native("plans/apply", scope="biz:2", toml=PLAN.format(name="a plan"))
    found.plan_id = applied["plan_id"]
    return found


async def test_a_cron_is_saved_paused_enabled_changed_and_deleted(crons: Crons) -> None:
    saved = await crons.save(execute_time_zone="Europe/Berlin")
    assert saved["status"] == 2
    assert (saved["execute_time"], saved["execute_time_zone"]) == (None, "Europe/Berlin")
    assert abs(saved["create_time"] - time.time()) < 60
    switched = await crons.ask("update_cron_status", id=saved["id"], status=1)
    assert switched["data"]["status"] == 1
    changed = await crons.ask(
        "save_cron", id=saved["id"], job_plan_id=crons.plan_id, name="later", expression="0 5 * * *"
    )
    assert (changed["data"]["status"], changed["data"]["name"]) == (2, "later")
    assert changed["data"]["execute_time_zone"] == "Europe/Berlin"
    for status in (1, 0):
        switched = await crons.ask("update_cron_status", id=saved["id"], status=status)
        assert switched["data"]["status"] == (1 if status else 2)
    deleted = await crons.ask("delete_cron", id=saved["id"])
    assert (deleted["code"], "data" in deleted) == (0, False)
    assert (await crons.refused("get_cron_detail", id=saved["id"]))[0] == 1245001
    audited = [row.subject for row in await rows(crons, sa.select(tables.audit.c.subject))]
    assert [text for text in audited if "schedule" in text][:2] == [
        "create schedule nightly",
        "enable schedule nightly",
    ]


async def test_a_cron_of_one_moment_takes_the_place_of_one_with_an_expression(crons: Crons) -> None:
    saved, at = await crons.save(), int(time.time()) + 3600
    changed = (await crons.ask("save_cron", id=saved["id"], execute_time=at))["data"]
    assert (changed["expression"], changed["execute_time"]) == (None, at)
    both = await crons.save("both", execute_time=at)
    assert (both["expression"], both["execute_time"]) == (EXPRESSION, None)
    passed = await crons.save("passed", expression=None, execute_time=int(time.time()) - 5)
    assert (await crons.refused("update_cron_status", id=passed["id"], status=1))[0] == 1245006


REFUSED: list[tuple[Json, int, str]] = [
    ({"name": None}, 1241004, "name"),
    ({"name": "x" * 61}, 1241010, "name"),
    ({"job_plan_id": None}, 1241005, "job_plan_id"),
    ({"job_plan_id": 99_999}, 1243009, ""),
    ({"expression": None}, 1241010, "execute_time"),
    ({"expression": "? * * * *"}, 1241010, "expression"),
    ({"expression": "0 0 * * * *"}, 1241010, "expression"),
    ({"execute_time_zone": "Mars/Base"}, 1241010, "execute_time_zone"),
    ({"expression": None, "execute_time": 0}, 1240003, "execute_time"),
    ({"global_var_list": [{"value": "x"}]}, 1241012, ""),
    ({"bk_scope_id": "77"}, 1243049, ""),
]


async def test_a_cron_that_cannot_be_is_refused_by_name(crons: Crons) -> None:
    for members, code, word in REFUSED:
        wanted = {"job_plan_id": crons.plan_id, "name": "x" * 60, "expression": EXPRESSION} | members
        told = await crons.refused("save_cron", **{name: value for name, value in wanted.items() if value is not None})
        assert told[0] == code, members
        assert word in told[1], members
    assert await rows(crons, sa.select(tables.schedules.c.id)) == []


async def test_names_are_unique_in_a_business(crons: Crons) -> None:
    await crons.save("x" * 60)
    second = await crons.save("second")
    body = {"job_plan_id": crons.plan_id, "name": "x" * 60, "expression": EXPRESSION}
    assert (await crons.refused("save_cron", **body))[0] == 1245004
    assert (await crons.refused("save_cron", id=second["id"], **body))[0] == 1245004


async def test_crons_are_another_businesss_secret_and_roles_decide(crons: Crons) -> None:
    saved = await crons.save()
    for operation, more in (("get_cron_detail", {}), ("delete_cron", {}), ("update_cron_status", {"status": 1})):
        assert (await crons.refused(operation, id=saved["id"], **(more | OTHER)))[0] == 1245001
    body = {"job_plan_id": crons.plan_id, "name": "mine", "expression": EXPRESSION, "bk_username": "li"}
    denied = await crons.ask("save_cron", **body)
    assert (denied["code"], denied["permission"]["actions"][0]["id"]) == (9900403, "create_cron")
    assert (await crons.refused("update_cron_status", id=saved["id"], status=1, bk_username="li"))[0] == 9900403
    assert (await crons.ask("get_cron_detail", id=saved["id"], bk_username="li"))["data"]["id"] == saved["id"]
    async with crons.site.platform.engine.db.begin() as tx:
        await tx.execute(
            sa.update(tables.role_bindings).where(tables.role_bindings.c.user_name == "li").values(role="editor")
        )
    enabled = await crons.ask("update_cron_status", id=saved["id"], status=1, bk_username="li")
    assert (enabled["data"]["last_modify_user"], enabled["data"]["creator"]) == ("li", "admin")


async def test_crons_are_listed_by_filters_and_in_pages(crons: Crons) -> None:
    made = [await crons.save(f"cron {n}") for n in range(3)]
    await crons.ask("update_cron_status", id=made[0]["id"], status=1)

    async def names(**wanted: Any) -> list[str]:
        return [one["name"] for one in (await crons.ask("get_cron_list", **wanted))["data"]["data"]]

    assert await names() == ["cron 0", "cron 2", "cron 1"]
    assert await names(id=made[1]["id"], name="no such", creator="nobody") == ["cron 1"]
    assert await names(name="n 2") == ["cron 2"]
    assert await names(status=1) == ["cron 0"]
    assert await names(status=2) == ["cron 2", "cron 1"]
    assert await names(creator="wang") == []
    moment = int(time.time())
    assert await names(create_time_start=moment - 60, create_time_end=moment + 60, length=1) == ["cron 0"]
    assert await names(create_time_start=moment + 60, create_time_end=moment + 120) == []
    assert await names(create_time_start=-(2**63), create_time_end=2**63 - 1, length=1) == ["cron 0"]
    page = (await crons.ask("get_cron_list", start=1, length=1))["data"]
    assert (page["start"], page["length"], page["total"], len(page["data"])) == (1, 1, 3, 1)


async def test_what_a_cron_gives_to_variables_is_shown_without_secrets(crons: Crons) -> None:
    plan = await crons.get(f"plans/{crons.plan_id}", scope="biz:2")
    ids = {one["name"]: one["id"] for one in plan["variables"]}
    server = {"host_id_list": [2], "dynamic_group_list": [{"id": "g1"}]}
    given = [{"id": ids["word"], "name": "wrong", "value": "bye"}, {"name": "pin", "value": "canary-55"}]
    saved = await crons.save(global_var_list=[*given, {"name": "web", "server": server}])
    shown = {one["name"]: one for one in saved["global_var_list"]}
    assert (shown["word"]["value"], shown["word"]["type"], shown["word"]["id"]) == ("bye", 1, ids["word"])
    assert shown["pin"]["value"] == "******"
    assert shown["web"]["server"]["ip_list"] == [{"bk_host_id": 2, "bk_cloud_id": 0, "ip": "127.0.0.2"}]
    assert shown["web"]["server"]["dynamic_group_list"] == [{"id": "g1"}]


async def test_version_2_has_periodic_crons_with_texts_for_times(crons: Crons) -> None:
    site, biz = crons.site, {"bk_biz_id": 2}
    body = {"bk_job_id": crons.plan_id, "cron_name": "old", "cron_expression": EXPRESSION}
    saved = (await site.post(f"{V2}/save_cron", biz | body))["data"]
    assert (saved["cron_status"], saved["cron_expression"], len(saved["create_time"])) == (2, EXPRESSION, 19)
    switched = await site.post(f"{V2}/update_cron_status", biz | {"cron_id": saved["cron_id"], "cron_status": 1})
    assert switched["data"] == {"cron_id": saved["cron_id"]}
    day = saved["create_time"][:10]
    [one] = (await site.get(f"{V2}/get_cron_list", biz | {"create_time_start": day, "create_time_end": day}))["data"]
    assert (one["cron_status"], one["job_name"]) == (1, "a plan")
    assert one["last_modify_time"].endswith(" +0800")
    wrong = await site.get(f"{V2}/get_cron_list", biz | {"create_time_start": "yesterday", "create_time_end": day})
    assert wrong["code"] == 1241010


async def test_the_gateway_answers_a_switch_with_the_id(crons: Crons) -> None:
    saved = await crons.save()
    body = DEMO | {"id": saved["id"], "status": 1}
    switched = (await crons.site.as_gateway("POST", f"{G3}/update_cron_status", body)).json()
    assert switched["data"] == {"id": saved["id"]}
    shown = (await crons.site.as_gateway("GET", f"{G3}/get_cron_detail", DEMO | {"id": saved["id"]})).json()
    assert shown["data"]["status"] == 1


async def test_a_schedule_is_made_what_is_declared(crons: Crons) -> None:
    wanted: Json = {"scope": "biz:2", "name": "nightly", "plan": "a plan", "expression": EXPRESSION, "overlap": "skip"}
    wanted |= {"values": {"word": "bye", "pin": "0000"}, "hosts": {"web": ["2"]}}
    effects = [(await crons.native("schedules/apply", **wanted))["effect"] for _ in range(2)]
    assert effects == ["added", "unchanged"]
    changed = await crons.native("schedules/apply", **(wanted | {"expression": "0 5 * * *"}))
    assert (changed["effect"], changed["schedule"]["enabled"]) == ("changed", True)
    paused = await crons.native("schedules/apply", **(wanted | {"expression": "0 5 * * *", "enabled": False}))
    assert (paused["effect"], paused["schedule"]["enabled"]) == ("changed", False)
    mistakes: list[tuple[Json, str]] = [
        ({"plan": "no such"}, "plan"),
        ({"values": {"wrod": "x"}}, "values.wrod"),
        ({"hosts": {"web": ["nonsense"]}}, "hosts.web"),
        ({"overlap": "never"}, "overlap"),
        ({"surprise": 1}, "surprise"),
    ]
    for members, field in mistakes:
        assert (await crons.native("schedules/apply", 400, **(wanted | members)))["field"] == field
    assert (await crons.native("schedules/apply", 400, **(wanted | {"expression": "? * * * *"})))["code"] == 1241010
    ended = await crons.native("schedules/apply", 400, **(wanted | {"end_at": 1}))
    assert ended["code"] == 1245007


async def test_a_schedule_is_looked_at_fired_and_removed_natively(crons: Crons) -> None:
    body = {"scope": "biz:2", "name": "nightly", "plan_id": crons.plan_id, "expression": EXPRESSION}
    made = (await crons.native("schedules", 201, **body))["schedule"]
    one = f"schedules/{made['id']}"
    assert not made["enabled"]
    assert (await crons.native(f"{one}/enable"))["next_fire_at"] > time.time() * 1000
    assert (await crons.native(f"{one}/update", 400, end_at=LAST_MOMENT + 1))["field"] == "end_at"
    assert (await crons.native(f"{one}/update", end_at=LAST_MOMENT))["schedule"]["end_at"] == LAST_MOMENT
    changed = await crons.native(f"{one}/update", name="renamed", values={"word": "bye"})
    assert (changed["schedule"]["enabled"], changed["values"][0]["value"]) == (False, "bye")
    headers = crons.headers | {"Idempotency-Key": "now"}
    started, same = [(await crons.site.http.post(f"/api/v1/{one}/fire", headers=headers)).json() for _ in range(2)]
    assert started == same
    [fire] = (await crons.get(f"{one}/fires"))["fires"]
    assert (fire["job_id"], fire["manual"], fire["state"]) == (started["job_id"], True, "started")
    shown = await crons.get(one)
    assert (shown["plan"], shown["schedule"]["name"]) == ("a plan", "renamed")
    assert [row["id"] for row in (await crons.get("schedules", scope="biz:2", name="ren"))["schedules"]] == [made["id"]]
    in_use = await crons.native(f"plans/{crons.plan_id}/delete", 400, scope="biz:2")
    assert in_use["code"] == 1243037
    await crons.native(f"{one}/delete")
    assert (await crons.get(one, 404))["code"] == 1245001
    await crons.native(f"plans/{crons.plan_id}/delete", scope="biz:2")


async def test_why_nothing_was_started_is_told_in_the_language_of_whoever_asks(crons: Crons) -> None:
    body = {"scope": "biz:2", "name": "nightly", "plan_id": crons.plan_id, "expression": EXPRESSION}
    made = (await crons.native("schedules", 201, **body))["schedule"]
    one, error = f"schedules/{made['id']}", AccountNotFoundError("root")
    await crons.native(f"{one}/enable")
    failed = Fire(made["id"], 2_000, FireState.FAILED, "li", 2_000, code=error.code, message=message_of(error, "zh"))
    async with crons.site.platform.engine.db.begin() as tx:
        await fires.insert_all(tx, [Fire(made["id"], 1_000, FireState.QUEUED, "admin", 1_000), failed])
    await crons.native(f"{one}/disable")

    async def told(language: str) -> list[str]:
        headers = crons.headers | {"blueking-language": language}
        listed = (await crons.site.http.get(f"/api/v1/{one}/fires", headers=headers)).json()["fires"]
        [line] = (await crons.site.http.get("/api/v1/schedules?scope=biz:2", headers=headers)).json()["schedules"]
        assert [fire["message"] for fire in line["fires"]] == [fire["message"] for fire in listed]
        return [fire["message"] for fire in listed]

    assert await told("en") == ["The account does not exist: root", "the schedule was paused"]
    assert await told("zh-cn") == ["执行账号不存在：root", "定时任务已被暂停"]


async def test_hooks_are_set_listed_and_removed_natively(crons: Crons) -> None:
    hook = {"scope": "biz:2", "name": "pager", "url": "https://pager.example/x", "occasions": ["job_failed"]}
    assert (await crons.native("notification-hooks", **hook))["modifier"] == "admin"
    listed = (await crons.get("notification-hooks", scope="biz:2"))["hooks"]
    assert [(one["name"], one["occasions"]) for one in listed] == [("pager", ["job_failed"])]
    for members, field in (({"url": "ftp://x"}, "url"), ({"occasions": []}, "occasions"), ({"name": ""}, "name")):
        assert (await crons.native("notification-hooks", 400, **(hook | members)))["field"] == field
    assert (await crons.get("notifications", scope="biz:2"))["notifications"] == []
    await crons.native("notification-hooks/delete", scope="biz:2", name="pager")
    assert (await crons.native("notification-hooks/delete", 404, scope="biz:2", name="pager"))["code"] == 1241012


async def test_what_fails_and_what_comes_next_is_found_whenever_it_was_changed(crons: Crons) -> None:
    for name, expression in (
        ("late", "0 23 * * *"),
        ("paused", EXPRESSION),
        ("changed", EXPRESSION),
        ("soon", "* * * * *"),  # last: where another has the same next moment, the newer one comes first
    ):
        await crons.native(
            "schedules/apply",
            scope="biz:2",
            name=name,
            plan_id=crons.plan_id,
            expression=expression,
            enabled=name != "paused",
        )
    async with crons.site.platform.engine.db.begin() as tx:
        for name, failures in (("late", 3), ("soon", 7), ("paused", 9)):
            await tx.execute(
                sa.update(tables.schedules).where(tables.schedules.c.name == name).values(failures=failures)
            )

    async def names(**wanted: Any) -> list[str]:
        return [one["name"] for one in (await crons.get("schedules", scope="biz:2", **wanted))["schedules"]]

    assert await names(failing=True, enabled=True, order="failures", length=1) == ["soon"]
    assert await names(failing=True, order="failures") == ["paused", "soon", "late"]
    assert (await names(order="next", length=1), (await names(order="next"))[-1]) == (["soon"], "paused")
    assert set(await names()) == {"late", "soon", "paused", "changed"}
    await crons.get("schedules", 400, scope="biz:2", order="unknown")


async def rows(crons: Crons, query: sa.Select[Any]) -> list[Any]:
    async with crons.site.platform.engine.db.begin() as tx:
        return list(await tx.execute(query))
