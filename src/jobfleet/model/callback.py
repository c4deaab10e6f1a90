"""What callbacks are about, where they may go, and when they are tried again."""

import ipaddress
from collections.abc import Collection

import msgspec

from jobfleet.model.status import RunStatus

RETRY_AFTER_MS = (1_000, 5_000, 30_000, 120_000, 600_000)
"""How long after each failed try the next one is due; after the last one the callback is given up."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Outcome(msgspec.Struct, frozen=True):
    """Say how a job ended: its status, and id and status of each step in order."""

    status: RunStatus
    steps: tuple[tuple[int, RunStatus], ...]


class CallbackPolicy(msgspec.Struct, frozen=True):
    """Say where callbacks may go.

    `allowed_hosts` are host names or addresses, empty for any; `loopback` is True only on one machine.
    """

    allowed_hosts: tuple[str, ...] = ()
    loopback: bool = False


def refusal_of(policy: CallbackPolicy, host: str, addresses: Collection[str]) -> str:
    """Return why a callback may not go to a host with these addresses, or "" when it may.

    Every address counts: a name that leads to a forbidden one among others is refused.

    Source: docs/reference/callbacks.md, «Where callbacks may go».
    """
    if policy.allowed_hosts and host not in policy.allowed_hosts:
        return "the host is not on the list of allowed ones"
    if not addresses:
        return "the host has no address"
    return next((reason for text in addresses if (reason := _refusal(policy, ipaddress.ip_address(text)))), "")


def _refusal(policy: CallbackPolicy, address: Address) -> str:
    plain = getattr(address, "ipv4_mapped", None) or address
    if plain.is_loopback:
        return "" if policy.loopback else "the address is this machine's own"
    if plain.is_link_local:
        return "the address is link-local, where metadata services are"
    if plain.is_unspecified or plain.is_multicast or plain.is_reserved:
        return "the address is not a host's"
    return "the address is a metadata service's" if str(plain) in _METADATA else ""


_METADATA = frozenset({"100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254"})
"""Metadata services of clouds outside the link-local range."""


def next_try(tries: int, now: int) -> int | None:
    """Return when a callback that failed is due again (epoch ms), or None when it is given up.

    Args:
        tries: Failed tries before this one.
    """
    return now + RETRY_AFTER_MS[tries] if tries < len(RETRY_AFTER_MS) else None
