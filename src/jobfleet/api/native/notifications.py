"""Notification hooks: who wants to be told of what happens in a scope, and what became of it."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import ScopeText
from jobfleet.api.native.route import Call, Done, Route, Wanted
from jobfleet.api.native.templates import Length
from jobfleet.api.rules import callback_url_of
from jobfleet.model.caller import Action
from jobfleet.model.notice import MAX_HOOK_NAME_CHARACTERS, Hook, Occasion
from jobfleet.model.scope import parse_scope
from jobfleet.operations import notifications
from jobfleet.store.notifications import Delivery

HookOccasion = Literal[
    "approval_waiting",
    "job_succeeded",
    "job_failed",
    "schedule_failed",
    "start_waiting",
    "start_approved",
    "start_refused",
]
HookName = Annotated[str, Meta(min_length=1, max_length=MAX_HOOK_NAME_CHARACTERS)]


class ListHooks(Wanted, frozen=True):
    """Name a scope."""

    scope: ScopeText


class SetHook(Wanted, frozen=True):
    """Say where a scope wants to be told of which occasions."""

    scope: ScopeText
    name: HookName
    url: Annotated[str, Meta(min_length=1)]
    occasions: Annotated[list[HookOccasion], Meta(min_length=1)]


class DeleteHook(Wanted, frozen=True):
    """Name a hook of a scope."""

    scope: ScopeText
    name: HookName


class ListNotifications(Wanted, frozen=True):
    """Ask for the latest notifications of a scope."""

    scope: ScopeText
    length: Length = 20


class TestSent(msgspec.Struct, frozen=True):
    """Name the notification by which a hook is tried; the list of notifications tells what becomes of it."""

    id: int


class HookList(msgspec.Struct, frozen=True):
    """Show the hooks of a scope by name."""

    hooks: list[Hook]


class NotificationList(msgspec.Struct, frozen=True):
    """Show notifications, newest first."""

    notifications: list[Delivery]


async def list_hooks(call: Call, wanted: ListHooks) -> HookList:
    """Show the hooks of a scope."""
    return HookList(await notifications.list_hooks(call.platform, call.caller, parse_scope(wanted.scope)))


async def set_hook(call: Call, wanted: SetHook) -> Hook:
    """Set a hook."""
    occasions = tuple(Occasion(one) for one in wanted.occasions)
    hook = Hook(wanted.name, callback_url_of("url", wanted.url), occasions)
    return await notifications.set_hook(call.platform, call.caller, parse_scope(wanted.scope), hook)


async def delete_hook(call: Call, wanted: DeleteHook) -> Done:
    """Remove a hook."""
    await notifications.delete_hook(call.platform, call.caller, parse_scope(wanted.scope), wanted.name)
    return Done()


async def test_hook(call: Call, wanted: DeleteHook) -> TestSent:
    """Try whether a hook hears."""
    scope = parse_scope(wanted.scope)
    return TestSent(await notifications.test_hook(call.platform, call.caller, scope, wanted.name))


async def list_notifications(call: Call, wanted: ListNotifications) -> NotificationList:
    """Show what became of the latest notifications."""
    scope = parse_scope(wanted.scope)
    return NotificationList(await notifications.list_deliveries(call.platform, call.caller, scope, wanted.length))


_ROOT, _SET = "/api/v1/notification-hooks", Action.SET_NOTIFICATIONS
_LIST = "/api/v1/notifications"
ROUTES = (
    Route("GET", _ROOT, _SET, list_hooks, ListHooks, HookList, "List the notification hooks of a scope"),
    Route("POST", _ROOT, _SET, set_hook, SetHook, Hook, "Set a notification hook"),
    Route("POST", f"{_ROOT}/delete", _SET, delete_hook, DeleteHook, Done, "Remove a notification hook"),
    Route("POST", f"{_ROOT}/test", _SET, test_hook, DeleteHook, TestSent, "Try whether a notification hook hears"),
    Route("GET", _LIST, _SET, list_notifications, ListNotifications, NotificationList, "List notifications"),
)
