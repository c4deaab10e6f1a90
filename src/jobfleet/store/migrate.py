"""Bring a database to the newest version."""

from importlib import resources

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from jobfleet.store import partitions
from jobfleet.store.database import CONNECT_TIMEOUT_S, async_url
from jobfleet.store.locks import AdvisoryLock, wait_for

_MIGRATIONS = resources.files("jobfleet.store") / "migrations"


async def migrate(url: str, now: int) -> None:
    """Bring a database's tables to the newest version and make the partitions for `now` (epoch ms).

    Safe when several servers start at once.
    """
    engine = create_async_engine(async_url(url), connect_args={"timeout": CONNECT_TIMEOUT_S})
    try:
        async with engine.begin() as connection:
            await wait_for(connection, AdvisoryLock.MIGRATION)
            if not await _is_newest(connection):
                await connection.run_sync(_upgrade)
            await partitions.ensure(connection, now)
    finally:
        await engine.dispose()


async def _is_newest(connection: AsyncConnection) -> bool:
    """Tell whether a database has come through the last migration; their files begin with their names."""
    if await connection.scalar(sa.text("SELECT to_regclass('alembic_version') IS NULL")):
        return False
    newest = max(file.name[:4] for file in (_MIGRATIONS / "versions").iterdir() if file.name[:4].isdigit())
    return bool(await connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == newest)


def _upgrade(connection: sa.Connection) -> None:
    # Imported here: most starts find the newest version, and this is a sixth of what they would import.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
