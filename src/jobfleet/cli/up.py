"""`jobfleet up`: the whole product on one machine."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from jobfleet.cli.exits import FAILED, refuse
from jobfleet.cli.options import with_settings
from jobfleet.settings_sources import Loaded


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(up)


@with_settings
def up(
    loaded: Loaded,
    agents: Annotated[int, typer.Option(help="Local agents: hosts 127.0.0.1, 127.0.0.2, …", min=0, max=1000)] = 1,
    apply: Annotated[
        Path | None, typer.Option(help="TOML file of declared state to apply.", exists=True, dir_okay=False)
    ] = None,
) -> None:
    """Run PostgreSQL, NATS, a server and local agents until told to stop; prints one line when all answer."""
    from jobfleet.cli.local import LocalError, Plan, run

    try:
        code = asyncio.run(run(Plan(loaded.settings, agents, apply)))
    except LocalError as error:
        refuse(str(error), FAILED)
    raise typer.Exit(code)
