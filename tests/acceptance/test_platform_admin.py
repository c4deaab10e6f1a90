"""White list and settings of the platform on the command line, and what they do to callers."""

import json
import time

from tests.acceptance.cli import Cli
from tests.acceptance.declared import ACCOUNT, BIZ, FOREIGN, IPS
from tests.acceptance.gates import encoded
from tests.acceptance.stage import Stage
from tests.acceptance.surfaces import Json

START: Json = {"script_content": encoded("true"), "script_language": 1, "account_alias": ACCOUNT}
THERE: Json = {"target_server": {"host_id_list": [FOREIGN]}}


async def test_a_record_lets_a_business_run_scripts_on_a_host_of_another(stage: Stage, cli: Cli) -> None:
    assert (await stage.admin.v3("fast_execute_script", **BIZ | START | THERE))["code"] == 1244002
    added = await cli("whitelist", "add", "-t", IPS[FOREIGN], "--scopes", "biz:2", "--actions", "script", "-o", "json")
    assert added.code == 0, added.err
    record = added.json
    assert [host["id"] for host in record["hosts"]] == [FOREIGN]
    started = await stage.admin.v3("fast_execute_script", **BIZ | START | THERE)
    assert started["code"] == 0, started
    listed = await cli("whitelist", "list", "-o", "json")
    assert record in listed.json["records"]
    gone = await cli("whitelist", "delete", str(record["id"]))
    assert gone.code == 0, gone.err
    assert (await stage.admin.v3("fast_execute_script", **BIZ | START | THERE))["code"] == 1244002
    unknown = await cli("whitelist", "add", "-t", "10.9.9.9", "--scopes", "all")
    assert (unknown.code, "10.9.9.9" in unknown.err) == (6, True)


async def test_a_setting_counts_from_the_next_request_and_until_it_is_reset(stage: Stage, cli: Cli) -> None:
    now = int(time.time() * 1000)
    page: Json = BIZ | {"create_time_start": now - 60_000, "create_time_end": now + 60_000, "start": 5}
    done = await cli("setting", "set", "job_list_max_start", "4")
    assert done.code == 0, done.err
    refused = await stage.admin.v3("get_job_instance_list", **page)
    assert (refused["code"], "start" in refused["message"]) == (1241010, True)
    assert (await stage.admin.v3("get_job_instance_list", **page | {"start": 4}))["code"] == 0
    shown = {one["name"]: one for one in (await cli("setting", "list", "-o", "json")).json["settings"]}
    assert (shown["job_list_max_start"]["value"], shown["job_list_max_start"]["is_set"]) == (4, True)
    assert (await cli("setting", "reset", "job_list_max_start")).code == 0
    assert (await stage.admin.v3("get_job_instance_list", **page))["code"] == 0
    wrong = await cli("setting", "set", "callback_urls", json.dumps(["ftp://h"]))
    assert (wrong.code, "ftp://h" in wrong.err) == (6, True)
    rule = await cli("rule", "disable", "77")
    assert (rule.code, "77" in rule.err) == (6, True)
