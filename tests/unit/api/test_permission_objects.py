"""A refusal tells all that its caller has to apply for, from the business down to each resource."""

from typing import Any

import msgspec

from jobfleet.api.permission import permission_of
from jobfleet.model.caller import Action
from jobfleet.model.errors import ForbiddenError
from jobfleet.model.permission import MAX_HOSTS_NAMED, Needed, Resource, ResourceKind, missing
from jobfleet.model.status import TaskStatus
from jobfleet.model.target import Target

DEMO = Resource(ResourceKind.BUSINESS, "2", "demo")
SCRIPT = Resource(ResourceKind.SCRIPT, "a" * 32, "deploy")


def told(*needed: Needed, root: Resource | None = DEMO, language: str = "en") -> list[Any]:
    error = ForbiddenError("li", [missing(one, root) for one in needed])
    actions: list[Any] = msgspec.to_builtins(permission_of(error, language))["actions"]
    return actions


def host(id_: int) -> Target:
    return Target(0, id_, 0, "", f"10.0.{id_ // 250}.{id_ % 250}", None, None, "linux", True, TaskStatus.WAITING)


def leaves(kind: dict[str, Any]) -> list[tuple[list[str], str, str]]:
    return [([part["type"] for part in path], path[-1]["id"], path[-1]["name"]) for path in kind["instances"]]


def test_all_missing_actions_are_told_with_the_path_to_each_resource() -> None:
    account = Needed(Action.USE_ACCOUNT, (Resource(ResourceKind.ACCOUNT, "7", "root"),))
    run, use = told(Needed(Action.EXECUTE_SCRIPT, (SCRIPT,), [host(1), host(2), host(1)]), account)
    assert (run["id"], use["id"]) == ("execute_script", "use_account")
    script, hosts = run["related_resource_types"]
    assert (script["system_id"], script["type"], script["type_name"]) == ("bk_job", "script", "Script")
    assert leaves(script) == [(["biz", "script"], "a" * 32, "deploy")]
    assert (hosts["system_id"], hosts["type"]) == ("bk_cmdb", "host")
    assert leaves(hosts) == [(["biz", "host"], "1", "10.0.0.1"), (["biz", "host"], "2", "10.0.0.2")]
    assert leaves(use["related_resource_types"][0]) == [(["biz", "account"], "7", "root")]


def test_an_action_without_a_resource_is_asked_for_on_the_scope() -> None:
    [create] = told(Needed(Action.CREATE_SCRIPT), language="zh")
    [kind] = create["related_resource_types"]
    assert (create["name"], kind["type"], kind["type_name"]) == ("脚本新建", "biz", "业务")
    assert leaves(kind) == [(["biz"], "2", "demo")]


def test_public_scripts_and_the_platform_have_no_business_above_them() -> None:
    public = Resource(ResourceKind.PUBLIC_SCRIPT, "b" * 32, "clean")
    [run] = told(Needed(Action.EXECUTE_PUBLIC_SCRIPT, (public,), [host(1)]))
    assert [leaves(kind)[0][0] for kind in run["related_resource_types"]] == [["public_script"], ["biz", "host"]]
    [settings] = told(Needed(Action.MANAGE_PLATFORM), root=None)
    assert settings["related_resource_types"] == []


def test_a_refusal_names_only_so_many_hosts() -> None:
    for count in (MAX_HOSTS_NAMED, MAX_HOSTS_NAMED + 1):
        [run] = told(Needed(Action.QUICK_EXECUTE_SCRIPT, targets=[host(id_) for id_ in range(1, count + 1)]))
        assert len(leaves(run["related_resource_types"][0])) == MAX_HOSTS_NAMED


def test_every_action_and_kind_has_a_name_in_both_languages() -> None:
    for action in Action:
        for kind in ResourceKind:
            for language in ("zh", "en"):
                [one] = told(Needed(action, (Resource(kind, "1", "x"),)), language=language)
                assert one["name"]
                assert one["related_resource_types"][0]["type_name"]
                assert language == "zh" or one["name"].isascii()
