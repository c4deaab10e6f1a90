"""Databases of older versions come to the newest one with what they hold."""

from importlib import resources

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.ext.asyncio import create_async_engine
from tests.conftest import execute

from jobfleet.embedded.postgres import Postgres
from jobfleet.store.database import Database, async_url
from jobfleet.store.migrate import migrate

OLD = "0008"
NOW = 1_793_000_000_000
HELD = """
INSERT INTO app_user (name, password_hash, platform_admin, language) VALUES ('ann', NULL, false, 'en');
INSERT INTO access_token (hash, user_name, kind, created_at, expires_at) VALUES ('a', 'ann', 'cli', 1, 9);
INSERT INTO access_token (hash, user_name, kind, created_at, expires_at) VALUES ('b', 'ann', 'cli', 1, 9);
INSERT INTO role_binding (user_name, scope_type, scope_id, role) VALUES ('ann', 'biz', 2, 'viewer');
INSERT INTO script VALUES ('s1', 'biz', 2, 'Disk usage', 1, '', 'ann', 1, 'ann', 1);
INSERT INTO script_version VALUES (1000, 's1', '1', 1, '', '', 'ann', 1, 'ann', 1);
INSERT INTO script_version VALUES (1001, 's1', '2', 2, '', '', 'ann', 1, 'ann', 1)
"""
COLUMNS = """
SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
WHERE table_schema = 'public' AND table_name !~ '_s[0-9]+$' ORDER BY 1, 2
"""
INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename !~ '_s[0-9]+$' ORDER BY 1"


async def test_a_database_of_the_version_before_keeps_what_it_holds(postgres: Postgres, db: Database) -> None:
    await execute(postgres, "create database old")
    url = postgres.url_of("old")
    await _fill(url)
    await migrate(url, NOW)
    old = Database(url)
    try:
        assert await _rows(old, "SELECT online_version_id FROM script WHERE name_parts @> '{us,usa}'") == [(1000,)]
        assert await _rows(old, "SELECT count(DISTINCT id) FROM access_token") == [(2,)]
        assert await _rows(old, "SELECT user_name, role FROM held_role") == [("ann", "viewer")]
        assert await _rows(old, COLUMNS) == await _rows(db, COLUMNS)
        assert await _rows(old, INDEXES) == await _rows(db, INDEXES)
    finally:
        await old.close()


async def _fill(url: str) -> None:
    """Make the old version's tables and put something into them."""
    engine = create_async_engine(async_url(url))
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade_to_old)
        for statement in HELD.split(";\n"):
            await connection.execute(sa.text(statement))
    await engine.dispose()


def _upgrade_to_old(connection: sa.Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(resources.files("jobfleet.store") / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, OLD)


async def _rows(db: Database, query: str) -> list[tuple[object, ...]]:
    async with db.begin() as tx:
        return [tuple(row) for row in await tx.execute(sa.text(query))]
