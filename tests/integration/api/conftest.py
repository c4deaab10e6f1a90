"""Fixtures of the HTTP surfaces' tests: the application on a real database and a real broker."""

from collections.abc import AsyncIterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.integration.api.site import DECLARED, Clock, Site
from tests.platforms import WINDOWS, platform_of

from jobfleet.api import callback
from jobfleet.engine.courier import Courier
from jobfleet.engine.service import Engine
from jobfleet.model.callback import CallbackPolicy
from jobfleet.operations.platform import Platform

platform = platform_of(DECLARED)


@pytest.fixture
def clock() -> Clock:
    """Give a clock that can be put forward."""
    return Clock()


@pytest.fixture
async def site(platform: Platform) -> AsyncIterator[Site]:
    """Give the HTTP application with a client on it."""
    async with Site(platform) as site:
        yield site


@pytest.fixture
async def working_site(platform: Platform, site: Site) -> AsyncIterator[Site]:
    """Give the HTTP application with a running engine; no agent is connected."""
    courier = Courier(platform.engine, CallbackPolicy(), Ed25519PrivateKey.generate(), callback.render)
    engine = Engine(platform.engine, courier, WINDOWS)
    await engine.start()
    yield site
    await engine.stop()
