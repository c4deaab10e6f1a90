"""Call Jobfleet with BlueKing's own Python clients, through the component bus and as an API gateway's callers do.

    pip install bkapi-component-open bkapi-client-core
    jobfleet plan apply -f examples/greeting.toml
    BK_APP_CODE=… BK_APP_SECRET=… python examples/public_clients.py --account root --hosts 1,2

Each flow prints what it did; the program ends 1 when an answer was not what it should be.
"""

import argparse
import base64
import itertools
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from bkapi_client_core.apigateway import APIGatewayClient, Operation, OperationGroup, bind_property
from bkapi_client_core.exceptions import HTTPResponseError
from bkapi_component.open.client import Client as BusClient

Json = dict[str, Any]
SUCCEEDED = 3
POLL_S, PATIENCE_S = 0.2, 90

MISSING, NOT_IN_THIS_STATE, NO_PATH = 1241002, 1241003, 1241007
NO_SCRIPT, NAME_TAKEN, NOT_ONLINE, INTERCEPTED = 1243001, 1243002, 1244018, 1244019
NO_ACCOUNT, NO_PLAN, SCHEDULE_TAKEN, MOMENT_PASSED = 1244003, 1244012, 1245004, 1245006


def _operation(method: str, name: str, version: str = "v3") -> Any:
    return bind_property(Operation, name=name, method=method, path=f"/api/{version}/{name}/")


class JobGroup(OperationGroup):
    """The operations of the gateway that this program uses; a client that a gateway generates has all of them."""

    create_script = _operation("POST", "create_script")
    publish_script_version = _operation("POST", "publish_script_version")
    delete_script = _operation("POST", "delete_script")
    fast_execute_script = _operation("POST", "fast_execute_script")
    push_config_file = _operation("POST", "push_config_file")
    get_job_instance_status = _operation("GET", "get_job_instance_status")
    get_job_instance_list = _operation("GET", "get_job_instance_list")
    save_cron = _operation("POST", "save_cron")
    update_cron_status = _operation("POST", "update_cron_status")
    operate_job_instance = _operation("POST", "operate_job_instance")
    create_dangerous_rule = _operation("POST", "create_dangerous_rule")
    enable_dangerous_rule = _operation("POST", "enable_dangerous_rule")
    delete_dangerous_rule = _operation("POST", "delete_dangerous_rule")
    delete_cron = _operation("POST", "delete_cron")
    get_job_template_detail = _operation("GET", "get_job_template_detail", "v4")
    create_job_plan = _operation("POST", "create_job_plan", "v4")
    status_v4 = _operation("GET", "get_job_instance_status", "v4")


class GatewayClient(APIGatewayClient):
    """Call the job platform as its gateway's callers do; the address stands in the place of the gateway's."""

    _api_name = "bk-job"
    api = bind_property(JobGroup, name="api")


class Wrong(Exception):
    """Say that an answer was not what it should be."""


class Platform:
    """Both clients, with who calls and in which scope."""

    def __init__(self, wanted: argparse.Namespace, secret: str | None = None, user: str = "") -> None:
        code = os.environ["BK_APP_CODE"]
        who = {"bk_app_code": code, "bk_app_secret": secret or os.environ["BK_APP_SECRET"]}
        self.bus = BusClient(endpoint=wanted.url, bk_api_ver="v2", language="en").jobv3
        gateway = GatewayClient(endpoint=wanted.url, stage=wanted.stage)
        for client in (self.bus.get_client(), gateway):
            client.update_bkapi_authorization(**who, bk_username=user or wanted.user)
        gateway.update_headers({"blueking-language": "en"})
        self.gateway = gateway.api
        self.scope = {"bk_scope_type": "biz", "bk_scope_id": str(wanted.business)}
        self.account = {"account_alias": wanted.account}
        self.hosts = [int(host) for host in wanted.hosts.split(",")]

    def wait(self, started: Json) -> tuple[int, str]:
        """Poll a job until it has ended well; return its id and what its first host printed."""
        job = self.scope | {"job_instance_id": data_of(started)["job_instance_id"]}
        for _ in patience(f"job {job['job_instance_id']} has not ended"):
            now = data_of(self.bus.get_job_instance_status(job | {"return_ip_result": True}))
            if now["finished"]:
                break
        if now["job_instance"]["status"] != SUCCEEDED:
            raise Wrong(f"the job ended {now}")
        step = now["step_instance_list"][-1]
        host = step["step_ip_result_list"][0]["bk_host_id"]
        place = job | {"step_instance_id": step["step_instance_id"], "bk_host_id": host}
        return job["job_instance_id"], data_of(self.bus.get_job_instance_ip_log(place))["log_content"] or ""


def data_of(answer: Json) -> Any:
    """Return the data of an answer of version 3 or 4; raise Wrong for a refusal."""
    if not answer.get("result", "error" not in answer):
        raise Wrong(f"refused: {answer}")
    return answer.get("data")


def refused(answer: Json, code: int) -> None:
    """Raise Wrong for anything but a refusal with a code and words."""
    expect((answer["result"], answer["code"], bool(answer["message"])), (False, code, True))


def patience(complaint: str) -> Iterator[int]:
    """Give one turn after the other, with pauses, until it takes too long."""
    end = time.monotonic() + PATIENCE_S
    for turn in itertools.count():
        yield turn
        if time.monotonic() > end:
            raise Wrong(complaint)
        time.sleep(POLL_S)


def expect(found: object, wanted: object) -> None:
    """Raise Wrong when something is not what it should be."""
    if found != wanted:
        raise Wrong(f"{found!r} is not {wanted!r}")


def encoded(text: str) -> str:
    """Return a text as the API takes scripts and files."""
    return base64.b64encode(text.encode()).decode()


def run_a_kept_script(platform: Platform) -> str:
    """Save a script, publish it, run its version, read what it printed, and delete it; with what may go wrong."""
    name = f"greeting {time.time_ns()}"
    words = {"name": name, "script_language": 1, "version": "1.0", "content": encoded("echo kept $1")}
    made = data_of(platform.gateway.create_script(platform.scope | words))
    refused(platform.gateway.create_script(platform.scope | words), NAME_TAKEN)
    version = {"script_id": made["script_id"], "script_version_id": made["id"]}
    wanted = {"script_version_id": made["id"], "script_param": encoded("well")} | platform.account
    target = {"target_server": {"host_id_list": platform.hosts[:1]}}
    refused(platform.bus.fast_execute_script(platform.scope | wanted | target), NOT_ONLINE)
    data_of(platform.gateway.publish_script_version(platform.scope | version))
    nobody = {"account_alias": "nobody-has-this"}
    refused(platform.gateway.fast_execute_script(platform.scope | wanted | target | nobody), NO_ACCOUNT)
    job_id, printed = platform.wait(platform.bus.fast_execute_script(platform.scope | wanted | target))
    expect(printed.strip(), "kept well")
    data_of(platform.gateway.delete_script(platform.scope | {"script_id": made["script_id"]}))
    refused(platform.bus.fast_execute_script(platform.scope | wanted | target), NO_SCRIPT)
    return f"script {made['script_id']} ran as job {job_id}"


def run_a_plan(platform: Platform) -> str:
    """Find a template, make a plan of it, run it with another value, poll it in version 4, and read its log."""
    plan_id = make_a_plan(platform)
    values = {"job_plan_id": plan_id, "global_var_list": [{"name": "who", "value": "you"}]}
    started = platform.bus.execute_job_plan(platform.scope | values)
    job_id, printed = platform.wait(started)
    expect(printed.strip(), "hello you")
    terminate = platform.scope | {"job_instance_id": job_id, "operation_code": 1}
    for steer in (platform.bus.operate_job_instance, platform.gateway.operate_job_instance):
        refused(steer(terminate), NOT_IN_THIS_STATE)
    refused(platform.bus.execute_job_plan(platform.scope | {"job_plan_id": 1}), NO_PLAN)
    again = data_of(platform.gateway.status_v4(platform.scope | {"job_instance_id": job_id}))
    expect(again["job_instance"]["status"], SUCCEEDED)
    return f"plan {plan_id} ran as job {job_id}"


def make_a_plan(platform: Platform) -> int:
    """Make a plan of the template «Greeting» and return its id."""
    found = data_of(platform.bus.get_job_template_list(platform.scope | {"name": "Greeting"}))["data"]
    template_id = next(template["id"] for template in found if template["name"] == "Greeting")
    template = data_of(platform.gateway.get_job_template_detail(platform.scope | {"id": template_id}))
    expect([variable["name"] for variable in template["global_var_list"]], ["who", "where"])
    words = {"job_template_id": template_id, "name": f"Greeting {time.time_ns()}"}
    plan_id: int = data_of(platform.gateway.create_job_plan(platform.scope | words))["job_plan_id"]
    return plan_id


def push_a_file(platform: Platform) -> str:
    """Write a file on a host, send it to another, and look at it there."""
    first, last = platform.hosts[0], platform.hosts[-1]
    path = f"/tmp/jobfleet-example-{time.time_ns()}"  # noqa: S108 (its name is nobody else's)
    file = {"file_list": [{"file_name": "greeting.txt", "content": encoded("hello file\n")}]}
    there = {"file_target_path": f"{path}/from/", "target_server": {"host_id_list": [first]}} | platform.account
    refused(platform.gateway.push_config_file(platform.scope | there), MISSING)
    platform.wait(platform.gateway.push_config_file(platform.scope | file | there))
    source = {"file_list": [f"{path}/from/greeting.txt"], "server": {"host_id_list": [first]}}
    to = {"file_target_path": f"{path}/to/", "target_server": {"host_id_list": [last]}} | platform.account
    sent = {"file_source_list": [source | {"account": {"alias": platform.account["account_alias"]}}]}
    nowhere = to | {"file_target_path": "to/"}
    refused(platform.bus.fast_transfer_file(platform.scope | sent | nowhere), NO_PATH)
    job_id, _ = platform.wait(platform.bus.fast_transfer_file(platform.scope | sent | to))
    script = {"script_content": encoded(f"cat {path}/to/greeting.txt && rm -r {path}"), "script_language": 1}
    look = script | platform.account | {"target_server": {"host_id_list": [last]}}
    expect(platform.wait(platform.gateway.fast_execute_script(platform.scope | look))[1].strip(), "hello file")
    return f"the file went as job {job_id}"


def fire_a_cron(platform: Platform) -> str:
    """Make a cron that fires once and soon, enable it, find the job that it started, and delete it."""
    plan_id = make_a_plan(platform)
    now = int(time.time())
    words = {"name": f"once {time.time_ns()}", "job_plan_id": plan_id, "execute_time": now + 4}
    cron = {"id": data_of(platform.gateway.save_cron(platform.scope | words))["id"]}
    data_of(platform.gateway.update_cron_status(platform.scope | cron | {"status": 1}))
    refused(platform.gateway.save_cron(platform.scope | words), SCHEDULE_TAKEN)
    window = {"create_time_start": (now - 3600) * 1000, "create_time_end": (now + 3600) * 1000}
    for _ in patience("the cron has not fired"):
        fired = platform.gateway.get_job_instance_list(platform.scope | window | {"job_cron_id": cron["id"]})
        if data_of(fired)["total"]:
            break
    job_id = data_of(fired)["data"][0]["job_instance_id"]
    expect(platform.wait({"result": True, "data": {"job_instance_id": job_id}})[1].strip(), "hello world")
    refused(platform.gateway.update_cron_status(platform.scope | cron | {"status": 1}), MOMENT_PASSED)
    data_of(platform.gateway.delete_cron(platform.scope | cron))
    return f"cron {cron['id']} fired job {job_id}"


def be_refused(wanted: argparse.Namespace, platform: Platform) -> str:
    """Make the usual mistakes; each is refused with its code, by bus and gateway, and in version 4 with a status."""
    unknown = platform.scope | {"job_instance_id": 1}
    bare = {"script_content": encoded("true"), "script_language": 1, "target_server": {"host_id_list": platform.hosts}}
    mistakes: list[tuple[Callable[..., Json], Json, int]] = [
        (platform.bus.get_job_instance_status, unknown, 1244006),
        (platform.gateway.get_job_instance_status, unknown, 1244006),
        (platform.bus.fast_execute_script, bare, 1240003),
        (platform.gateway.fast_execute_script, platform.scope | bare, 1241004),
        (platform.gateway.fast_execute_script, bare | {"bk_scope_type": "biz", "bk_scope_id": "999999"}, 1243049),
        (Platform(wanted, secret="wrong").bus.get_job_instance_status, unknown, 1247403),
        (Platform(wanted, secret="wrong").gateway.get_job_instance_status, unknown, 1247403),
        (Platform(wanted, user=wanted.stranger).bus.get_job_instance_status, unknown, 9900403),
        (Platform(wanted, user=wanted.stranger).gateway.get_job_instance_status, unknown, 9900403),
    ]
    for call, words, code in mistakes:
        answer = call(words)
        refused(answer, code)
        expect("permission" in answer, code == 9900403)
    be_intercepted(platform, platform.scope | bare | platform.account)
    for caller, status in ((platform, 404), (Platform(wanted, user=wanted.stranger), 403)):
        expect(status_of(lambda caller=caller: caller.gateway.status_v4(unknown)), status)
    return f"{len(mistakes) + 3} mistakes were refused as they should be"


def be_intercepted(platform: Platform, script: Json) -> None:
    """Forbid what a script says, run it, and allow it again."""
    word = f"forbidden-{time.time_ns()}"
    rule = {"expression": word, "script_language_list": [1], "description": "not this", "action": 2}
    rule_id = {"id": data_of(platform.gateway.create_dangerous_rule(rule))["id"]}
    data_of(platform.gateway.enable_dangerous_rule(rule_id))
    said = script | {"script_content": encoded(f"echo {word}")}
    try:
        refused(platform.bus.fast_execute_script(said), INTERCEPTED)
    finally:
        data_of(platform.gateway.delete_dangerous_rule(rule_id))


def status_of(call: Callable[[], Json]) -> int:
    """Return the HTTP status of a refusal of version 4."""
    try:
        call()
    except HTTPResponseError as error:
        return int(error.response.status_code)
    return 200


def reach_a_quota(platform: Platform) -> str:
    """Start more than a quota lets; callers know the code and try again."""
    words = {"script_content": encoded("true"), "script_language": 1} | platform.account
    target = {"target_server": {"host_id_list": platform.hosts[:1]}}
    answer = platform.bus.fast_execute_script(platform.scope | words | target)
    expect(answer["code"] in {1244032, 1244033, 1244034}, True)
    return f"the quota refused with {answer['code']}"


def main() -> int:
    """Run the flows that are named, all but the last one without a name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("flows", nargs="*", help="script, plan, file, cron, refusals, quota")
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="where Jobfleet listens")
    parser.add_argument("--stage", default="", help="the gateway's stage, such as prod, when --path-prefix has it")
    parser.add_argument("--user", default="admin", help="the user whom the application names")
    parser.add_argument("--stranger", default="nobody", help="a user without a role in the business")
    parser.add_argument("--business", default="2", help="id of the business")
    parser.add_argument("--hosts", default="1,2", help="ids of hosts with agents")
    parser.add_argument("--account", default="root", help="alias of the account that scripts run as")
    wanted = parser.parse_args()
    platform = Platform(wanted)
    flows: dict[str, Callable[[], str]] = {
        "script": lambda: run_a_kept_script(platform),
        "plan": lambda: run_a_plan(platform),
        "file": lambda: push_a_file(platform),
        "cron": lambda: fire_a_cron(platform),
        "refusals": lambda: be_refused(wanted, platform),
        "quota": lambda: reach_a_quota(platform),
    }
    try:
        for name in wanted.flows or [name for name in flows if name != "quota"]:
            print(f"{name}: {flows[name]()}", flush=True)
    except Wrong as wrong:
        print(f"{name}: {wrong}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
