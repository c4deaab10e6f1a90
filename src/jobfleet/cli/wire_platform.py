"""What commands read of the platform's own things: the white list and settings."""

from typing import Any

import msgspec


class WhitelistedHost(msgspec.Struct, frozen=True):
    """A host of a record."""

    id: int
    cloud_id: int
    ip: str | None
    ipv6: str | None


class WhitelistRecord(msgspec.Struct, frozen=True):
    """A record of the white list; times are epoch milliseconds."""

    id: int
    hosts: list[WhitelistedHost]
    scopes: list[str]
    actions: list[str]
    remark: str
    creator: str
    created_at: int
    modifier: str
    modified_at: int


class WhitelistPage(msgspec.Struct, frozen=True):
    """A page of records."""

    total: int
    records: list[WhitelistRecord]


class Setting(msgspec.Struct, frozen=True):
    """A setting of the platform."""

    name: str
    value: Any
    default: Any
    is_set: bool
    description: str


class SettingList(msgspec.Struct, frozen=True):
    """All settings of the platform."""

    settings: list[Setting]
