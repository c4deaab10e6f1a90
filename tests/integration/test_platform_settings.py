"""Settings of the platform, and that they hold, on a real database."""

from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from tests.platforms import ADMIN, platform_of

from jobfleet.model.account import AccountType, NewAccount
from jobfleet.model.caller import Caller, Grant, Role
from jobfleet.model.declared import parse_state
from jobfleet.model.declared_plan import LocalFiles
from jobfleet.model.errors import BadRequestError, DeclarationError, ForbiddenError, IllegalParameterReasonError
from jobfleet.model.history import JobFilter
from jobfleet.model.job import NewScriptJob
from jobfleet.model.resource_errors import SettingNotFoundError, UploadSuffixError
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import NewPlanJob
from jobfleet.operations import accounts, query, uploads
from jobfleet.operations import platform_settings as settings
from jobfleet.operations.apply_plan import apply_plan
from jobfleet.operations.declare import apply_state
from jobfleet.operations.execute import start_script
from jobfleet.operations.platform import Platform
from jobfleet.operations.start_plan import start_plan
from jobfleet.store import tables as t

STATE = """
[[businesses]]
id = 2
name = "demo"
[[hosts]]
id = 1
ip = "127.0.0.1"
business = 2
"""
PLAN = """
[template]
name = "slow"
[[steps]]
kind = "script"
name = "sleep"
targets = ["127.0.0.1"]
script = "true"
timeout_s = {timeout}
"""
DEMO = Scope(ScopeType.BUSINESS, 2)
SCRIPT = NewScriptJob(
    scope=DEMO,
    name="job",
    language=1,
    content=b"true",
    params="",
    sensitive=False,
    account_id=None,
    account_alias="root",
    timeout_s=None,
    target=TargetSpec(host_ids=(1,)),
    start=False,
)


platform = platform_of(STATE)


async def change(platform: Platform, **values: Any) -> None:
    for name, value in values.items():
        await settings.change_setting(platform, ADMIN, name, value)


async def timeout_of(platform: Platform, job_id: int) -> int:
    async with platform.engine.db.begin() as tx:
        found = await tx.execute(sa.select(t.steps.c.definition).where(t.steps.c.job_id == job_id))
    timeout: int = found.scalar_one()["timeout_s"]
    return timeout


async def test_a_setting_is_kept_told_and_given_up_again(platform: Platform) -> None:
    told = {one.name: one for one in await settings.list_settings(platform, ADMIN)}
    assert not any(one.is_set for one in told.values())
    await change(platform, callback_urls=["h"], job_list_max_start=None, max_timeout_s=9)
    now = {one.name: one for one in await settings.list_settings(platform, ADMIN)}
    assert {name for name, one in now.items() if one.is_set} == {"callback_urls", "job_list_max_start", "max_timeout_s"}
    assert (now["callback_urls"].value, now["max_timeout_s"].value) == (["h"], 9)
    again = await settings.reset_setting(platform, ADMIN, "max_timeout_s")
    assert again == told["max_timeout_s"]
    async with platform.engine.db.begin() as tx:
        subjects = (await tx.execute(sa.select(t.audit.c.subject).order_by(t.audit.c.id))).scalars().all()
    assert subjects[-2:] == ["set max_timeout_s", "reset max_timeout_s"]


async def test_wrong_settings_and_people_are_refused(platform: Platform) -> None:
    li = Caller("li", "", platform_admin=False, grants=(Grant(Role.ADMIN, ScopeType.BUSINESS, 2),))
    calls = (
        settings.list_settings(platform, li),
        settings.change_setting(platform, li, "max_timeout_s", 1),
        settings.reset_setting(platform, li, "max_timeout_s"),
    )
    for call in calls:
        with pytest.raises(ForbiddenError):
            await call
    with pytest.raises(SettingNotFoundError):
        await settings.reset_setting(platform, ADMIN, "titles")
    for wrong in ("(", "(?=a)", "a)|(b"):
        with pytest.raises(IllegalParameterReasonError):
            await change(platform, account_name_linux=wrong)


async def test_time_limits_hold_for_scripts_plans_and_templates(platform: Platform) -> None:
    slow, slower = PLAN.format(timeout=600), PLAN.format(timeout=601)
    made = (await apply_plan(platform, ADMIN, DEMO, slow, LocalFiles(), dry_run=False)).plan_id
    await change(platform, scope_max_timeout_s={"biz:2": 500})
    started = await start_script(platform, ADMIN, SCRIPT)
    assert await timeout_of(platform, started.job_id) == 500
    for timeout_s in (501, 259_200):
        with pytest.raises(BadRequestError, match="500"):
            await start_script(platform, ADMIN, msgspec.structs.replace(SCRIPT, timeout_s=timeout_s))
    with pytest.raises(BadRequestError, match="500"):
        await start_plan(platform, ADMIN, NewPlanJob(DEMO, made))
    with pytest.raises(DeclarationError, match="timeout_s: is above 500"):
        await apply_plan(platform, ADMIN, DEMO, slower, LocalFiles(), dry_run=False)
    await change(platform, scope_max_timeout_s={"biz:2": 300_000})
    longest = await start_script(platform, ADMIN, msgspec.structs.replace(SCRIPT, timeout_s=300_000))
    assert await timeout_of(platform, longest.job_id) == 300_000


async def test_callbacks_go_to_listed_places_only(platform: Platform) -> None:
    await change(platform, callback_urls=["ci.example.com"])
    good = msgspec.structs.replace(SCRIPT, callback_url="http://ci.example.com/done")
    await start_script(platform, ADMIN, good)
    with pytest.raises(BadRequestError, match="callback_url"):
        await start_script(platform, ADMIN, msgspec.structs.replace(SCRIPT, callback_url="http://example.com/"))
    await settings.reset_setting(platform, ADMIN, "callback_urls")
    await start_script(platform, ADMIN, msgspec.structs.replace(SCRIPT, callback_url="http://example.com/"))


async def test_administrators_decide_how_accounts_are_named(platform: Platform) -> None:
    new = NewAccount(DEMO, "Web.1", AccountType.LINUX)
    await accounts.create_account(platform, ADMIN, new)
    await change(platform, account_name_linux="[a-z]+|svc-[0-9]+")
    for name in ("Web.2", "svc-1x", "xsvc-1"):
        with pytest.raises(IllegalParameterReasonError, match="account"):
            await accounts.create_account(platform, ADMIN, NewAccount(DEMO, name, AccountType.LINUX))
    await accounts.create_account(platform, ADMIN, NewAccount(DEMO, "svc-12", AccountType.LINUX))
    declared = "[[accounts]]\nbusiness = 2\naccount = '{}'\n"
    with pytest.raises(DeclarationError, match=r"accounts\[0\].account: 'Web.2' is no linux account name"):
        await apply_state(platform.engine.db, parse_state(declared.format("Web.2")), dry_run=False)
    await apply_state(platform.engine.db, parse_state(declared.format("svc-13")), dry_run=False)


async def test_uploads_end_as_they_may(platform: Platform) -> None:
    await change(platform, upload_forbidden_suffixes=[".exe"])
    await uploads.make_addresses(platform, ADMIN, DEMO, ["a.sh"])
    with pytest.raises(UploadSuffixError, match=r"b\.EXE"):
        await uploads.make_addresses(platform, ADMIN, DEMO, ["a.sh", "b.EXE"])


async def test_the_list_of_jobs_is_only_so_deep(platform: Platform) -> None:
    started = await start_script(platform, ADMIN, SCRIPT)
    now = platform.engine.clock()
    wanted = JobFilter(created_from=now - 60_000, created_to=now + 60_000)
    await change(platform, job_list_max_start=1)
    page = await query.list_jobs(platform, ADMIN, DEMO, wanted, start=1, length=5)
    assert (page.total, page.jobs) == (1, ())
    with pytest.raises(IllegalParameterReasonError, match="start"):
        await query.list_jobs(platform, ADMIN, DEMO, wanted, start=2, length=5)
    await change(platform, job_list_max_start=None)
    assert (await query.list_jobs(platform, ADMIN, DEMO, wanted, start=2, length=5)).total == 1
    assert started.job_id
