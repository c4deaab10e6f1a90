"""`jobfleet server`: HTTP, the engine, or both, on an external PostgreSQL and NATS."""

from collections.abc import Callable

import typer

from jobfleet.cli.exits import refuse
from jobfleet.cli.options import with_settings
from jobfleet.settings import Settings
from jobfleet.settings_sources import Loaded, required

Serve = Callable[[Settings], int]
"""What runs a server until it is told to stop and returns its exit code; the top of the package puts it together."""


def add_to(app: typer.Typer, serve: Serve) -> None:
    """Add the command."""

    @with_settings
    def server(loaded: Loaded) -> None:
        """Answer HTTP and run jobs; any number of servers may share one database."""
        from jobfleet.bus.connection import IdentityRefusedError
        from jobfleet.credentials import KeysFileError

        required(loaded.settings, "database_url", "nats_url", "keys_file")
        try:
            raise typer.Exit(serve(loaded.settings))
        except (KeysFileError, IdentityRefusedError) as error:
            refuse(str(error))

    app.command()(server)
