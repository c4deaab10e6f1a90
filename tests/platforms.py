"""A platform on the real engines, for tests of operations and surfaces."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from litestar import Litestar

from jobfleet import credentials
from jobfleet.api.app import create_app
from jobfleet.bus.authority import Authority
from jobfleet.bus.requests import Requests
from jobfleet.engine.context import Context
from jobfleet.engine.housekeeping import Windows
from jobfleet.engine.sealing import Sealer
from jobfleet.model.caller import Caller
from jobfleet.model.declared import parse_state
from jobfleet.operations.declare import apply_state
from jobfleet.operations.platform import Platform, Sessions
from jobfleet.settings import Settings
from jobfleet.store.blobs import Blobs
from jobfleet.store.database import Database
from tests.engines import Broker

_SETTINGS = Settings()
WINDOWS = Windows(_SETTINGS.history_days, _SETTINGS.output_days, _SETTINGS.audit_days)
"""For how long an installation keeps what, when it chooses nothing."""

CHOICES: dict[str, Any] = {
    "sessions": Sessions(_SETTINGS.session_life_s * 1000, _SETTINGS.session_idle_s * 1000),
    **{
        name: getattr(_SETTINGS, name)
        for name in ("time_zone", "history_days", "output_days", "log_answer_bytes", "upload_limit_bytes")
    },
}
"""What a platform is told when its installation chooses nothing."""

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
        yield Platform(engine=context, authority=authority, **CHOICES)
    await bus.close()


def platform_of(state: str) -> Any:
    """Return a fixture `platform` that gives one on which a state is declared, without a running engine."""

    @pytest.fixture(name="platform")
    async def give(db: Database, nats: Broker) -> AsyncIterator[Platform]:
        await apply_state(db, parse_state(state), dry_run=False)
        async with platform_on(db, nats) as platform:
            yield platform

    return give


def app_on(platform: Platform, **settings: Any) -> Litestar:
    """Return the application on a platform; `settings` are those of `create_app`."""
    return create_app(platform, **({"body_limit_bytes": _SETTINGS.request_body_limit_bytes} | settings))


_idle: list["Ready"] = []


class Ready:
    """An application that serves one platform after another: most tests take less time than making one."""

    def __init__(self, platform: Platform) -> None:
        self._platform = msgspec.structs.replace(platform)
        self.app = app_on(self._platform)

    @classmethod
    def serving(cls, platform: Platform) -> "Ready":
        """Return one that serves this platform from now on and nobody else uses."""
        if not _idle:
            return cls(platform)
        ready = _idle.pop()
        for name in Platform.__struct_fields__:
            msgspec.structs.force_setattr(ready._platform, name, getattr(platform, name))
        return ready

    def give_back(self) -> None:
        """Let another test use it."""
        _idle.append(self)


@contextmanager
def serving(platform: Platform) -> Iterator[Litestar]:
    """Give an application on a platform as an installation has it when it chooses nothing."""
    ready = Ready.serving(platform)
    yield ready.app
    ready.give_back()
