"""`jobfleet migrate`: bring the database's tables to the newest version."""

import asyncio

import typer

from jobfleet.cli.options import with_settings
from jobfleet.settings import Loaded, required


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(migrate)


@with_settings
def migrate(loaded: Loaded) -> None:
    """Bring the database's tables to the newest version; safe to repeat and to run several times at once."""
    from jobfleet.store import database

    required(loaded.settings, "database_url")
    asyncio.run(database.migrate(loaded.settings.database_url))
