"""What tells of the service itself: its version, and the entry that leads to the page about callbacks."""

import msgspec
from msgspec import UNSET, UnsetType

import jobfleet
from jobfleet.api.surface import Call


class Nothing(msgspec.Struct, frozen=True):
    """Ask without parameters."""


class ServiceVersion(msgspec.Struct, frozen=True):
    """Show the version of the service."""

    version: str


async def get_latest_service_version(_call: Call, _wanted: Nothing) -> ServiceVersion:
    """Answer the version of the server that was asked.

    Source: docs/reference/service.md, «Version».
    """
    return ServiceVersion(jobfleet.__version__)


async def callback_protocol(_call: Call, _wanted: Nothing) -> UnsetType:
    """Answer nothing: the entry exists in the published list only to lead to the page about callbacks.

    Source: docs/reference/callbacks.md.
    """
    return UNSET
