"""`jobfleet migrate`: bring the database's tables to the newest version."""

import asyncio

import typer

from jobfleet.cli.options import with_settings
from jobfleet.settings_sources import Loaded, required


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(migrate)


@with_settings
def migrate(loaded: Loaded) -> None:
    """Bring the database's tables to the newest version; safe to repeat and to run several times at once."""
    from jobfleet.engine.context import wall_clock
    from jobfleet.store.migrate import migrate as bring_up_to_date

    required(loaded.settings, "database_url")
    asyncio.run(bring_up_to_date(loaded.settings.database_url, wall_clock()))
