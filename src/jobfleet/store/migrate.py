"""Bring a database to the newest version."""

from importlib import resources

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.ext.asyncio import create_async_engine

from jobfleet.store import partitions
from jobfleet.store.database import CONNECT_TIMEOUT_S, async_url


async def migrate(url: str, now: int) -> None:
    """Bring a database's tables to the newest version and make the partitions for `now` (epoch ms).

    Safe when several servers start at once.
    """
    engine = create_async_engine(async_url(url), connect_args={"timeout": CONNECT_TIMEOUT_S})
    try:
        async with engine.begin() as connection:
            await connection.execute(sa.text("SELECT pg_advisory_xact_lock(7425123)"))
            await connection.run_sync(_upgrade)
            await partitions.ensure(connection, now)
    finally:
        await engine.dispose()


def _upgrade(connection: sa.Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(resources.files("jobfleet.store") / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
