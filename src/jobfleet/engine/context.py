"""What the engine works with: database, broker, keys, clock and limits."""

import time
from collections.abc import Callable

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jobfleet.bus.client import BusClient
from jobfleet.bus.requests import Requests
from jobfleet.engine.file_store import FileStore
from jobfleet.engine.sealing import Sealer
from jobfleet.model.callback import CallbackPolicy
from jobfleet.model.mail import MailTerms
from jobfleet.store.blobs import Blobs
from jobfleet.store.database import Database


def wall_clock() -> int:
    """Return now in epoch milliseconds."""
    return time.time_ns() // 1_000_000


class Context(msgspec.Struct, frozen=True):
    """Hold what every engine function needs; `clock` returns epoch milliseconds.

    `source_policy` says where third-party file sources may be. `mail` is None where no mail is sent,
    `file_store` where hosts fetch from the servers alone.
    """

    db: Database
    bus: BusClient
    requests: Requests
    order_key: Ed25519PrivateKey
    sealer: Sealer
    output_cap_bytes: int
    blobs: Blobs
    source_policy: CallbackPolicy = CallbackPolicy()
    mail: MailTerms | None = None
    file_store: FileStore | None = None
    clock: Callable[[], int] = wall_clock
