"""The one that gives agents their identities on the bus and takes them back."""

import asyncio
from collections.abc import Mapping

import msgspec

from jobfleet.bus import identity
from jobfleet.bus.connection import Endpoint, connect
from jobfleet.bus.identity import BusKeys

TIMEOUT_S = 5
"""How long to wait for a broker that is away."""


class Authority(msgspec.Struct, frozen=True):
    """Hold the keys of the bus and where it is.

    `urls` are what a server connects to and `public_urls` what agents are told; `ca` is the PEM text of the
    authority that signed the broker's certificate, "" for the system's.
    """

    keys: BusKeys
    urls: tuple[str, ...]
    public_urls: tuple[str, ...]
    ca: str = ""


def agent_jwt(authority: Authority, host_id: int, public_key: str, now: int) -> str:
    """Return the JWT of the agent of a host; `now` is epoch milliseconds."""
    return identity.agent_jwt(authority.keys, host_id, public_key, now // 1000)


async def publish_revocations(authority: Authority, revoked: Mapping[str, int], now: int) -> None:
    """Tell the broker all keys that are revoked; it cuts their agents off at once.

    Args:
        revoked: Public key to when it was revoked, epoch milliseconds; `now` likewise.

    Raises:
        ClaimsRefusedError: The broker does not believe these keys.
        OSError, TimeoutError, nats.errors.Error: The broker is away.
    """
    seconds = {key: at // 1000 + 1 for key, at in revoked.items()}
    jwt = identity.account_jwt(authority.keys, now // 1000, seconds)
    who = identity.system_identity(authority.keys, now // 1000)
    async with asyncio.timeout(TIMEOUT_S):
        system = await connect(Endpoint(list(authority.urls), who, "revocations", authority.ca))
    try:
        await identity.push_account(system, jwt)
    finally:
        await system.close()
