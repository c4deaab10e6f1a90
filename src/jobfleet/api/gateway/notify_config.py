"""The notification policies of a scope, which only the gateway's version 3 tells."""

from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.scope import ScopePair, scope_of
from jobfleet.api.surface import Call
from jobfleet.model.notify_policy import Channel, Ending, Kind, Policy, Trigger
from jobfleet.operations import notify_policies

TriggerText = Annotated[str, Meta(extra_json_schema={"enum": [trigger.value for trigger in Trigger]})]


class GetNotifyConfig(ScopePair, frozen=True, kw_only=True):
    """Name a scope."""


class NotifyPolicy(msgspec.Struct, frozen=True):
    """Show who hears of jobs that were started in one way; each channel is on or off for each ending."""

    trigger_type: TriggerText
    resource_type_list: list[Kind]
    role_list: list[str]
    extra_observer_list: list[str]
    resource_status_channel_map: dict[Ending, dict[Channel, bool]]


async def get_notify_config(call: Call, wanted: GetNotifyConfig) -> list[NotifyPolicy]:
    """Answer the policies that count in a scope.

    Source: docs/reference/notifications.md, «Policies».
    """
    found = await notify_policies.scope_policies(call.platform, call.caller, scope_of(wanted))
    return [_shown(one) for one in found.policies]


def _shown(policy: Policy) -> NotifyPolicy:
    chosen = {ending: policy.channels.get(ending, ()) for ending in Ending}
    channels = {ending: {channel: channel in on for channel in Channel} for ending, on in chosen.items()}
    return NotifyPolicy(policy.trigger.value, list(policy.kinds), list(policy.roles), list(policy.observers), channels)
