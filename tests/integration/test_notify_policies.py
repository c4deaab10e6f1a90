"""Policies are kept for scopes and persons, and the gateway shows what counts."""

import pytest
import sqlalchemy as sa
from tests.integration.api.site import DECLARED, DEMO, G3, Site
from tests.platforms import ADMIN, platform_of

from jobfleet.model.caller import Caller, Grant, Role
from jobfleet.model.errors import ForbiddenError, IllegalParameterReasonError, ScopeNotFoundError
from jobfleet.model.notify_policy import USUAL, Channel, Ending, Kind, Policy, Trigger
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.operations import notify_policies
from jobfleet.operations.platform import Platform
from jobfleet.store import tables

SCOPE = Scope(ScopeType.BUSINESS, 2)
LI = Caller("li", "", platform_admin=False, grants=(Grant(Role.OPERATOR, ScopeType.BUSINESS, 2),))
WANG = Caller("wang", "", platform_admin=False, grants=())
POLICY = Policy(
    Trigger.TIMER, (Kind.JOB,), ("admin", "JOB_EXTRA_OBSERVER"), ("wang",), {Ending.FAIL: (Channel.MAIL, Channel.SMS)}
)


platform = platform_of(DECLARED)


async def test_policies_are_kept_shown_and_forgotten_and_each_change_is_on_record(platform: Platform) -> None:
    assert (await notify_policies.scope_policies(platform, LI, SCOPE)).policies == USUAL
    saved = await notify_policies.save(platform, ADMIN, SCOPE, [POLICY])
    assert (saved.saved, saved.modifier) == (True, "admin")
    assert await notify_policies.scope_policies(platform, LI, SCOPE) == saved
    assert (await notify_policies.scope_policies(platform, ADMIN, Scope(ScopeType.BUSINESS, 3))).policies == USUAL
    await notify_policies.save(platform, ADMIN, SCOPE, [])
    assert (await notify_policies.scope_policies(platform, LI, SCOPE)).policies == ()
    await notify_policies.reset(platform, ADMIN, SCOPE)
    assert not (await notify_policies.scope_policies(platform, LI, SCOPE)).saved
    async with platform.engine.db.begin() as tx:
        rows = await tx.execute(sa.select(tables.audit).where(tables.audit.c.action == "notification_setting"))
    assert [row.subject for row in rows] == [
        "set notification policies",
        "set notification policies",
        "reset notification policies",
    ]


async def test_everybody_has_policies_of_their_own_and_only_administrators_change_the_scopes(
    platform: Platform,
) -> None:
    await notify_policies.save(platform, LI, SCOPE, [POLICY], own=True)
    assert (await notify_policies.own_policies(platform, LI, SCOPE)).policies == (POLICY,)
    assert (await notify_policies.own_policies(platform, ADMIN, SCOPE)).policies == ()
    with pytest.raises(ForbiddenError):
        await notify_policies.save(platform, LI, SCOPE, [POLICY])
    with pytest.raises(ForbiddenError):
        await notify_policies.reset(platform, LI, SCOPE)
    with pytest.raises(ForbiddenError):
        await notify_policies.save(platform, WANG, SCOPE, [POLICY], own=True)
    with pytest.raises(ScopeNotFoundError):
        await notify_policies.own_policies(platform, ADMIN, Scope(ScopeType.BUSINESS, 77))


async def test_observers_must_be_known(platform: Platform) -> None:
    stranger = Policy(Trigger.API, (Kind.JOB,), (), ("nobody",))
    with pytest.raises(IllegalParameterReasonError, match="nobody"):
        await notify_policies.save(platform, ADMIN, SCOPE, [stranger])


async def test_the_gateway_shows_every_channel_on_or_off(platform: Platform) -> None:
    await notify_policies.save(platform, ADMIN, SCOPE, [POLICY])
    async with Site(platform) as site:
        for path in (f"{G3}/get_notify_config", f"{G3}/system/get_notify_config"):
            [told] = (await site.as_gateway("GET", path, DEMO)).json()["data"]
            off = {"mail": False, "sms": False, "weixin": False, "rtx": False, "voice": False}
            assert told == {
                "trigger_type": "TIMER_TASK",
                "resource_type_list": ["JOB"],
                "role_list": ["admin", "JOB_EXTRA_OBSERVER"],
                "extra_observer_list": ["wang"],
                "resource_status_channel_map": {
                    "SUCCESS": off,
                    "FAIL": off | {"mail": True, "sms": True},
                    "READY": off,
                },
            }
        refused = await site.as_gateway("GET", f"{G3}/get_notify_config", DEMO, bk_username="wang")
        assert refused.json()["code"] == 9900403


async def test_platform_administrators_say_who_is_never_sent_anything(platform: Platform) -> None:
    assert await notify_policies.set_muted(platform, ADMIN, ["wang", "li", "li"]) == ["li", "wang"]
    assert await notify_policies.set_muted(platform, ADMIN, ["li"]) == ["li"]
    assert await notify_policies.list_muted(platform, ADMIN) == ["li"]
    with pytest.raises(ForbiddenError):
        await notify_policies.set_muted(platform, LI, [])
    with pytest.raises(IllegalParameterReasonError, match="nobody"):
        await notify_policies.set_muted(platform, ADMIN, ["nobody"])
