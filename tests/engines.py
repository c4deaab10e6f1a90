"""The real engines that tests share, and what tests need to know of them."""

import shutil
import time
from pathlib import Path

import msgspec
from nats.aio.client import Client

from jobfleet.bus import identity
from jobfleet.bus.client import BusClient
from jobfleet.bus.connection import Callbacks, Endpoint, connect
from jobfleet.bus.identity import BusKeys
from jobfleet.embedded.nats import Nats, Trust

_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 8 * 2**30


def quick_place() -> Path | None:
    """Return where files are made fastest, None for the usual place: memory, when there is plenty of it.

    A copy of the migrated database is some hundred files, and most tests of the engine begin with one.
    """
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ROOM_BYTES
    return _MEMORY if roomy else None


class Broker(msgspec.Struct, frozen=True):
    """A running NATS and the keys behind its identities."""

    engine: Nats
    keys: BusKeys

    @property
    def url(self) -> str:
        return self.engine.url

    async def server(self) -> BusClient:
        """Return a new connection with the identity of a server."""
        return await connect(Endpoint([self.url], identity.server_identity(self.keys, now_s()), "server"))

    async def system(self) -> Client:
        """Return a new connection that may change account claims."""
        return await connect(Endpoint([self.url], identity.system_identity(self.keys, now_s()), "system"))

    def agent_identity(self, host_id: int) -> identity.Identity:
        """Return a fresh identity for the agent of a host."""
        seed = identity.new_seed()
        jwt = identity.agent_jwt(self.keys, host_id, identity.public_key(seed), now_s())
        return identity.Identity(jwt, seed)

    async def agent(self, host_id: int, callbacks: Callbacks | None = None) -> Client:
        """Return a new connection with the identity of the agent of a host."""
        endpoint = Endpoint(
            [self.url], self.agent_identity(host_id), f"agent-{host_id}", inbox_prefix=f"_INBOX_{host_id}"
        )
        return await connect(endpoint, callbacks or Callbacks())


def trust_of(keys: BusKeys) -> Trust:
    """Return what a broker must believe in for identities made from these keys."""
    now = now_s()
    return Trust(
        operator_jwt=identity.operator_jwt(keys, now),
        system_account=identity.public_key(keys.system_seed),
        accounts={
            identity.public_key(keys.account_seed): identity.account_jwt(keys, now),
            identity.public_key(keys.system_seed): identity.system_account_jwt(keys, now),
        },
    )


def now_s() -> int:
    """Return now in epoch seconds."""
    return int(time.time())
