"""Notification policies as they come over the wire."""

import msgspec


class Policy(msgspec.Struct, frozen=True):
    """Who hears of some jobs, and over which channels."""

    trigger: str
    kinds: list[str]
    roles: list[str]
    observers: list[str]
    channels: dict[str, list[str]]


class PolicyAnswer(msgspec.Struct, frozen=True):
    """Policies of a scope or of a person."""

    saved: bool
    policies: list[Policy]
    modifier: str
    modified_at: int


class MutedList(msgspec.Struct, frozen=True):
    """Who is never sent anything."""

    users: list[str]
