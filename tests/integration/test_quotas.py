"""Quotas of running jobs, on a real database."""

import asyncio

import pytest
import sqlalchemy as sa
from tests.platforms import platform_of

from jobfleet.model.caller import Caller, Grant, Role
from jobfleet.model.declared import parse_state
from jobfleet.model.errors import DeclarationError, JobfleetError
from jobfleet.model.job import JobOperation, NewScriptJob, StartedJob
from jobfleet.model.job_errors import AppQuotaError, ScopeQuotaError, SystemQuotaError
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.status import RunStatus
from jobfleet.model.target import TargetSpec
from jobfleet.operations.declare import apply_state
from jobfleet.operations.execute import start_script
from jobfleet.operations.operate import operate_job
from jobfleet.operations.platform import Platform
from jobfleet.store import tables as t

STATE = """
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
[[hosts]]
id = 2
ip = "127.0.0.2"
business = 3
"""
DEMO, OTHER = Scope(ScopeType.BUSINESS, 2), Scope(ScopeType.BUSINESS, 3)
GRANTS = tuple(Grant(Role.OPERATOR, ScopeType.BUSINESS, number) for number in (2, 3))
APP, PERSON = (Caller("oleg", app, platform_admin=False, grants=GRANTS) for app in ("app", ""))


platform = platform_of(STATE)


async def declare(platform: Platform, quotas: str) -> None:
    await apply_state(platform.engine.db, parse_state(f"[quotas]\n{quotas}"), dry_run=False)


async def run(
    platform: Platform, scope: Scope = DEMO, *, caller: Caller = APP, start: bool = True, key: str = ""
) -> StartedJob:
    new = NewScriptJob(
        scope=scope,
        name="job",
        language=1,
        content=b"true",
        params="",
        sensitive=False,
        account_id=None,
        account_alias="root",
        timeout_s=None,
        target=TargetSpec(host_ids=(scope.id - 1,)),
        start=start,
        idempotency_key=key,
    )
    return await start_script(platform, caller, new)


async def end(platform: Platform, job_id: int) -> None:
    async with platform.engine.db.begin() as tx:
        await tx.execute(sa.update(t.jobs).where(t.jobs.c.id == job_id).values(status=RunStatus.SUCCEEDED))


async def refused(platform: Platform, kind: type[JobfleetError], scope: Scope = DEMO, caller: Caller = APP) -> None:
    async with platform.engine.db.begin() as tx:
        before = (await tx.execute(sa.select(sa.func.count()).select_from(t.jobs))).scalar_one()
    with pytest.raises(kind):
        await run(platform, scope, caller=caller)
    async with platform.engine.db.begin() as tx:
        assert (await tx.execute(sa.select(sa.func.count()).select_from(t.jobs))).scalar_one() == before


@pytest.mark.parametrize(("quotas", "room"), [("scope = 5", 5), ("system = 305", 20)])
async def test_of_twenty_starts_at_once_as_many_are_let_in_as_may_run(
    platform: Platform, quotas: str, room: int
) -> None:
    """Near the limit and far from it: PostgreSQL has 100 connections, so with 305 of 305 free starts do not wait."""
    await declare(platform, quotas)
    results = await asyncio.gather(*(run(platform) for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(result, StartedJob) for result in results) == room
    assert sum(isinstance(result, ScopeQuotaError) for result in results) == 20 - room


async def test_the_end_of_a_job_makes_room_for_another(platform: Platform) -> None:
    await declare(platform, "scope = 1")
    job = await run(platform)
    await refused(platform, ScopeQuotaError)
    await run(platform, OTHER)
    await end(platform, job.job_id)
    await run(platform)


async def test_system_scope_and_application_are_counted_in_this_order(platform: Platform) -> None:
    await run(platform)
    await declare(platform, "system = 1\nscope = 1\napp = 1")
    await refused(platform, SystemQuotaError)
    await declare(platform, "scope = 1\napp = 1")
    await refused(platform, ScopeQuotaError)
    await refused(platform, AppQuotaError, OTHER)
    await run(platform, OTHER, caller=PERSON)
    await declare(platform, 'scope = 0\napp = 0\nscopes = { "biz:2" = 2 }\napps = { app = 2 }')
    await run(platform)
    await refused(platform, ScopeQuotaError, caller=PERSON)
    await declare(platform, "")
    await run(platform)


async def test_a_job_that_is_created_and_not_started_counts_when_it_starts(platform: Platform) -> None:
    await declare(platform, "scope = 1")
    waiting = [await run(platform, start=False) for _ in range(2)]
    await operate_job(platform, APP, DEMO, waiting[0].job_id, JobOperation.START)
    with pytest.raises(ScopeQuotaError):
        await operate_job(platform, APP, DEMO, waiting[1].job_id, JobOperation.START)
    await end(platform, waiting[0].job_id)
    await operate_job(platform, APP, DEMO, waiting[1].job_id, JobOperation.START)


async def test_a_repeated_request_is_answered_though_nothing_more_may_run(platform: Platform) -> None:
    await declare(platform, "scope = 1")
    first = await run(platform, key="once")
    assert await run(platform, key="once") == first


async def test_running_jobs_are_counted_by_an_index(platform: Platform) -> None:
    query = "EXPLAIN SELECT 1 FROM job WHERE job.status IN (2, 7, 10) AND {0} LIMIT 5"
    async with platform.engine.db.begin() as tx:
        await tx.execute(sa.text("SET LOCAL enable_seqscan = off"))
        for condition, index in (("scope_type = 'biz' AND scope_id = 2", "scope"), ("app_code = 'app'", "app_code")):
            plan = "\n".join((await tx.execute(sa.text(query.format(condition)))).scalars())
            assert f"{index}" in plan
            assert "Index" in plan
            assert "Filter" not in plan


async def test_quotas_of_scopes_that_do_not_exist_are_refused(platform: Platform) -> None:
    for quotas, place in (
        ('scopes = { "biz:9" = 1 }', "quotas.scopes"),
        ('scopes = { "2" = 1 }', "quotas"),
        ("system = -1", "quotas.system"),
        ("scop = 1", "quotas.scop"),
    ):
        with pytest.raises(DeclarationError, match=place):
            await declare(platform, quotas)
