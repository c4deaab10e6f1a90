"""Dangerous rules and their hits, on a real database."""

import pytest
import sqlalchemy as sa
from tests.engines import Broker
from tests.platforms import ADMIN, platform_of, platform_on

from jobfleet.model.caller import Caller, Grant, Role
from jobfleet.model.dangerous import DangerousRule, NewRule, RuleAction, RuleFilter
from jobfleet.model.errors import ForbiddenError, IllegalParameterError, IllegalParameterReasonError, InternalError
from jobfleet.model.job import LaunchMode, NewScriptJob
from jobfleet.model.job_errors import ContentNotFoundError, InterceptedError
from jobfleet.model.resource_errors import RuleExistsError, RuleNotFoundError
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.script import Language
from jobfleet.model.target import TargetSpec
from jobfleet.operations import dangerous_rules as rules
from jobfleet.operations.execute import start_script
from jobfleet.operations.platform import Platform
from jobfleet.store import dangerous_hits
from jobfleet.store import tables as t
from jobfleet.store.dangerous_hits import HitFilter
from jobfleet.store.database import Database

STATE = """
[[businesses]]
id = 2
name = "demo"
[[hosts]]
id = 1
ip = "127.0.0.1"
business = 2
"""
DEMO = Scope(ScopeType.BUSINESS, 2)
OLEG = Caller("oleg", "app", platform_admin=False, grants=(Grant(Role.OPERATOR, ScopeType.BUSINESS, 2),))
BOTH = (1, 6)


platform = platform_of(STATE)


async def rule(platform: Platform, expression: str, action: RuleAction = RuleAction.SCAN) -> DangerousRule:
    made = await rules.create_rule(platform, ADMIN, NewRule(expression, BOTH, "", action))
    return await rules.set_enabled(platform, ADMIN, made.id, enabled=True)


async def run(platform: Platform, script: str, mode: LaunchMode = LaunchMode.API, language: int = 1) -> int:
    new = NewScriptJob(
        scope=DEMO,
        name="job",
        language=language,
        content=script.encode(),
        params="mkfs",
        sensitive=False,
        account_id=None,
        account_alias="root",
        timeout_s=None,
        target=TargetSpec(host_ids=(1,)),
        start=False,
        launch_mode=mode,
    )
    return (await start_script(platform, OLEG, new)).job_id


async def hits(platform: Platform, wanted: HitFilter | None = None) -> list[tuple[str, int, str]]:
    total, found = await rules.list_hits(platform, ADMIN, wanted or HitFilter(), start=0, length=100)
    assert total == len(found)
    return [(hit.expression, hit.line_number, hit.line) for hit in found]


async def count_jobs(platform: Platform) -> int:
    async with platform.engine.db.begin() as tx:
        return int((await tx.execute(sa.select(sa.func.count()).select_from(t.jobs))).scalar_one())


async def test_a_new_rule_is_disabled_and_stands_at_the_end(platform: Platform) -> None:
    first = await rules.create_rule(platform, ADMIN, NewRule("b", (6, 1, 1), "why", 2))
    second = await rules.create_rule(platform, ADMIN, NewRule("a", (1,), "", 1))
    assert (first.enabled, first.languages, first.action, first.description) == (False, BOTH, 2, "why")
    assert [each.id for each in await rules.list_rules(platform, ADMIN, RuleFilter())] == [first.id, second.id]
    await rules.move_rule(platform, ADMIN, second.id, 1)
    assert [each.id for each in await rules.list_rules(platform, ADMIN, RuleFilter())] == [second.id, first.id]
    third = await rules.create_rule(platform, ADMIN, NewRule("c", (1,), "", 1))
    await rules.move_rule(platform, ADMIN, second.id, 99)
    order = [each.id for each in await rules.list_rules(platform, ADMIN, RuleFilter())]
    assert order == [first.id, third.id, second.id]


async def test_the_same_rule_twice_and_wrong_values_are_refused(platform: Platform) -> None:
    made = await rule(platform, "x")
    other = await rule(platform, "y")
    with pytest.raises(RuleExistsError):
        await rules.create_rule(platform, ADMIN, NewRule("x", (6, 1), "again", 2))
    with pytest.raises(RuleExistsError):
        await rules.update_rule(platform, ADMIN, other.id, NewRule("x", BOTH, "", 1))
    changed = await rules.update_rule(platform, ADMIN, made.id, NewRule("x", BOTH, "the same", 2))
    assert (changed.enabled, changed.action, changed.priority) == (True, 2, made.priority)
    with pytest.raises(IllegalParameterReasonError, match="expression"):
        await rules.create_rule(platform, ADMIN, NewRule("(", BOTH, "", 1))
    with pytest.raises(RuleNotFoundError):
        await rules.delete_rule(platform, ADMIN, 99)
    with pytest.raises(IllegalParameterError):
        await rules.move_rule(platform, ADMIN, made.id, 0)


async def test_rules_are_listed_by_filters(platform: Platform) -> None:
    await rules.create_rule(platform, ADMIN, NewRule("rm -rf", (1,), "removes", 2))
    await rules.create_rule(platform, ADMIN, NewRule("DROP", (6,), "drops", 1))

    async def listed(**wanted: object) -> list[str]:
        found = await rules.list_rules(platform, ADMIN, RuleFilter(**wanted))  # type: ignore[arg-type]
        return [each.expression for each in found]

    assert await listed(expression="RM") == ["rm -rf"]
    assert await listed(description="drop") == ["DROP"]
    assert await listed(languages=(6, 2)) == ["DROP"]
    assert await listed(action=2) == ["rm -rf"]
    assert await listed(expression="r_") == []


async def test_only_administrators_of_the_platform_see_rules_and_hits(platform: Platform) -> None:
    for asked in (
        rules.list_rules(platform, OLEG, RuleFilter()),
        rules.create_rule(platform, OLEG, NewRule("x", BOTH, "", 1)),
        rules.list_hits(platform, OLEG, HitFilter(), start=0, length=1),
        rules.hit_script(platform, OLEG, "0" * 64),
    ):
        with pytest.raises(ForbiddenError):
            await asked


async def test_what_is_intercepted_is_recorded_and_starts_nothing(platform: Platform) -> None:
    await rule(platform, r"mkfs", RuleAction.INTERCEPT)
    await rule(platform, r"echo")
    with pytest.raises(InterceptedError) as refusal:
        await run(platform, "echo 1\n# mkfs\nmkfs.ext4 /dev/sda\n")
    assert refusal.value.arguments == ("mkfs", "3")
    assert await count_jobs(platform) == 0
    assert sorted(await hits(platform)) == [("echo", 1, "echo 1"), ("mkfs", 3, "mkfs.ext4 /dev/sda")]
    _, [hit, *_] = await rules.list_hits(platform, ADMIN, HitFilter(action=2), start=0, length=10)
    assert (hit.operator, hit.app_code, hit.scope, hit.launch_mode) == ("oleg", "app", DEMO, LaunchMode.API)
    assert (await rules.hit_script(platform, ADMIN, hit.script_hash)).startswith(b"echo 1\n# mkfs")
    with pytest.raises(ContentNotFoundError):
        await rules.hit_script(platform, ADMIN, "0" * 64)


async def test_what_only_scans_runs_and_is_recorded_each_time(platform: Platform) -> None:
    made = await rule(platform, "mkfs")
    for mode in (LaunchMode.API, LaunchMode.SCHEDULE):
        assert await run(platform, "mkfs", mode)
    assert await hits(platform) == [("mkfs", 1, "mkfs")] * 2
    assert len(await hits(platform, HitFilter(rule_id=made.id, scope=DEMO, operator="oleg", since=1))) == 2
    for other in (HitFilter(rule_id=99), HitFilter(operator="li"), HitFilter(until=1), HitFilter(action=2)):
        assert await hits(platform, other) == []


async def test_a_change_of_the_rules_counts_for_the_next_script_of_every_server(
    platform: Platform, db: Database, nats: Broker
) -> None:
    async with platform_on(db, nats) as other:
        made = await rule(platform, "mkfs", RuleAction.INTERCEPT)
        for server in (platform, other):
            with pytest.raises(InterceptedError):
                await run(server, "mkfs")
        await rules.set_enabled(other, ADMIN, made.id, enabled=False)
        assert await run(platform, "mkfs")
        await rules.set_enabled(platform, ADMIN, made.id, enabled=True)
        with pytest.raises(InterceptedError):
            await run(platform, "mkfs")
        await rules.delete_rule(other, ADMIN, made.id)
        assert await run(platform, "mkfs")


async def test_a_large_script_is_searched_whole(platform: Platform) -> None:
    await rule(platform, "boom", RuleAction.INTERCEPT)
    await rule(platform, "bang", RuleAction.INTERCEPT)
    with pytest.raises(InterceptedError) as refusal:
        await run(platform, "true\n" * 100_000 + "boom")
    assert refusal.value.arguments[1] == "100001"


async def test_a_line_or_script_in_the_place_of_another_does_not_open(platform: Platform) -> None:
    await rule(platform, "mkfs")
    await run(platform, "mkfs first")
    await run(platform, "mkfs second")
    async with platform.engine.db.begin() as tx:
        for table, column in (("dangerous_hit", "line"), ("dangerous_script", "data")):
            await tx.execute(sa.text(f"UPDATE {table} SET {column} = (SELECT {column} FROM {table} LIMIT 1)"))
        hashes = (await tx.execute(sa.select(t.dangerous_scripts.c.hash))).scalars().all()
    refused = 0
    for wanted in hashes:
        try:
            await rules.hit_script(platform, ADMIN, wanted)
        except InternalError:
            refused += 1
    assert refused == 1
    with pytest.raises(InternalError):
        await hits(platform)


async def test_lines_and_scripts_that_were_hit_are_sealed_and_go_with_their_age(platform: Platform) -> None:
    await rule(platform, "mkfs")
    await run(platform, "mkfs canary")
    async with platform.engine.db.begin() as tx:
        rows = [*await tx.execute(sa.select(t.dangerous_hits)), *await tx.execute(sa.select(t.dangerous_scripts))]
        assert len(rows) == 2
        assert not any(b"canary" in value for row in rows for value in row if isinstance(value, bytes))
        await dangerous_hits.delete_before(tx, platform.engine.clock() + 1)
    assert await hits(platform) == []


async def test_a_rule_refuses_a_script_that_calls_itself_something_else(platform: Platform) -> None:
    await rule(platform, "mkfs", RuleAction.INTERCEPT)
    with pytest.raises(InterceptedError):
        await run(platform, "#!/bin/bash\nmkfs /dev/sda", language=Language.PYTHON)
    assert await run(platform, "#!/usr/bin/python3\nmkfs()", language=Language.PYTHON)
