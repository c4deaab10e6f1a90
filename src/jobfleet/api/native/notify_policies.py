"""Notification policies: who hears of jobs over which channels, and who is sent nothing."""

from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from jobfleet.api.access import SIGNED_IN
from jobfleet.api.native.jobs import ScopeText
from jobfleet.api.native.route import Call, Done, Nothing, Route, Wanted
from jobfleet.model.caller import Action
from jobfleet.model.notify_policy import (
    MAX_OBSERVERS,
    MAX_POLICIES,
    ROLES,
    Channel,
    Ending,
    Kind,
    Policy,
    PolicySet,
    Trigger,
)
from jobfleet.model.scope import parse_scope
from jobfleet.operations import notify_policies
from jobfleet.operations.notify_policies import MAX_MUTED

Item = TypeVar("Item")
UserName = Annotated[str, Meta(min_length=1, max_length=255)]
RoleName = Annotated[str, Meta(extra_json_schema={"enum": list(ROLES)})]


class WantPolicies(Wanted, frozen=True):
    """Name a scope; `own` asks for the caller's own policies in it."""

    scope: ScopeText
    own: bool = False


class GivenPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Say who hears of some jobs, and over which channels."""

    trigger: Trigger
    kinds: Annotated[tuple[Kind, ...], Meta(min_length=1, max_length=len(Kind))]
    roles: Annotated[tuple[RoleName, ...], Meta(max_length=len(ROLES))] = ()
    observers: Annotated[tuple[UserName, ...], Meta(max_length=MAX_OBSERVERS)] = ()
    channels: dict[Ending, tuple[Channel, ...]] = {}


class SetPolicies(WantPolicies, frozen=True, kw_only=True):
    """Store policies in place of all that were there."""

    policies: Annotated[tuple[GivenPolicy, ...], Meta(max_length=MAX_POLICIES)]


class PolicyAnswer(msgspec.Struct, frozen=True):
    """Show policies; `saved` is false of the usual ones, which count while nobody saved any."""

    saved: bool
    policies: tuple[Policy, ...]
    modifier: str
    modified_at: int


class SetMuted(Wanted, frozen=True):
    """Say who is never sent anything, in place of who was before."""

    users: Annotated[tuple[UserName, ...], Meta(max_length=MAX_MUTED)]


class MutedList(msgspec.Struct, frozen=True):
    """Show who is never sent anything, by name."""

    users: list[str]


async def show_policies(call: Call, wanted: WantPolicies) -> PolicyAnswer:
    """Show policies."""
    show = notify_policies.own_policies if wanted.own else notify_policies.scope_policies
    return _answer(await show(call.platform, call.caller, parse_scope(wanted.scope)))


async def set_policies(call: Call, wanted: SetPolicies) -> PolicyAnswer:
    """Store policies."""
    given = [
        Policy(one.trigger, _once(one.kinds), _once(one.roles), _once(one.observers), one.channels)
        for one in wanted.policies
    ]
    scope = parse_scope(wanted.scope)
    return _answer(await notify_policies.save(call.platform, call.caller, scope, given, own=wanted.own))


async def reset_policies(call: Call, wanted: WantPolicies) -> Done:
    """Forget policies."""
    await notify_policies.reset(call.platform, call.caller, parse_scope(wanted.scope), own=wanted.own)
    return Done()


async def show_muted(call: Call, _wanted: Nothing) -> MutedList:
    """Show who is never sent anything."""
    return MutedList(await notify_policies.list_muted(call.platform, call.caller))


async def set_muted(call: Call, wanted: SetMuted) -> MutedList:
    """Say who is never sent anything."""
    return MutedList(await notify_policies.set_muted(call.platform, call.caller, wanted.users))


def _once(items: tuple[Item, ...]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(items))


def _answer(found: PolicySet) -> PolicyAnswer:
    return PolicyAnswer(found.saved, found.policies, found.modifier, found.modified_at)


_ROOT, _MUTED = "/api/v1/notification-policies", "/api/v1/notification-mutes"
_ADMIN = Action.MANAGE_PLATFORM
ROUTES = (
    Route("GET", _ROOT, SIGNED_IN, show_policies, WantPolicies, PolicyAnswer, "Show notification policies"),
    Route("POST", _ROOT, SIGNED_IN, set_policies, SetPolicies, PolicyAnswer, "Set notification policies"),
    Route("POST", f"{_ROOT}/reset", SIGNED_IN, reset_policies, WantPolicies, Done, "Forget notification policies"),
    Route("GET", _MUTED, _ADMIN, show_muted, Nothing, MutedList, "List who is never sent anything"),
    Route("POST", _MUTED, _ADMIN, set_muted, SetMuted, MutedList, "Say who is never sent anything"),
)
