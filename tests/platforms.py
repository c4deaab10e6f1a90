"""A platform on the real engines, for tests of operations and surfaces."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from jobfleet import credentials
from jobfleet.bus.authority import Authority
from jobfleet.bus.requests import Requests
from jobfleet.engine.context import Context
from jobfleet.engine.sealing import Sealer
from jobfleet.model.caller import Caller
from jobfleet.operations.platform import Platform
from jobfleet.store.blobs import Blobs
from jobfleet.store.database import Database
from tests.engines import Broker

ADMIN = Caller("admin", "", platform_admin=True, grants=())


@asynccontextmanager
async def platform_on(db: Database, broker: Broker) -> AsyncIterator[Platform]:
    """Give a platform without a running engine."""
    keys = credentials.generate_keys()
    bus = await broker.server()
    authority = Authority(broker.keys, (broker.url,), (broker.url,))
    sealer = Sealer(keys.master_key)
    db.seal_audit(sealer.audit_mac)
    with TemporaryDirectory() as files:
        context = Context(
            db=db,
            bus=bus,
            requests=await Requests(bus).open(),
            order_key=keys.order_key(),
            sealer=sealer,
            output_cap_bytes=1 << 20,
            blobs=Blobs(Path(files)),
        )
        yield Platform(engine=context, time_zone="Asia/Shanghai", history_days=180, output_days=60, authority=authority)
    await bus.close()
