"""`jobfleet new-keys` and `jobfleet nats-config`: the trust of an installation on engines of its own."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobfleet.cli.exits import refuse
from jobfleet.cli.options import with_settings
from jobfleet.settings_sources import Loaded, required

if TYPE_CHECKING:
    from jobfleet.bus.identity import BusKeys
    from jobfleet.embedded.nats import Trust


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("new-keys")(new_keys)
    app.command("nats-config")(nats_config)


def new_keys(file: Annotated[Path, typer.Argument(help="File to write; it must not be there yet.")]) -> None:
    """Make the keys of a new installation in a file (mode 0600) that all its servers get as `keys_file`."""
    from jobfleet import credentials

    try:
        credentials.write_new(file, credentials.render_keys(credentials.generate_keys()))
    except OSError as error:
        refuse(f"{file} cannot be written: {error.strerror}")


@with_settings
def nats_config(
    loaded: Loaded,
    claims_dir: Annotated[Path, typer.Option(help="Where that broker keeps account claims.")] = Path("claims"),
) -> None:
    """Print what the configuration of an external NATS needs so that this installation's identities hold there."""
    from jobfleet import credentials
    from jobfleet.embedded import nats

    required(loaded.settings, "keys_file")
    try:
        keys = credentials.load_keys(Path(loaded.settings.keys_file))
    except credentials.KeysFileError as error:
        refuse(str(error))
    trust = trust_of(keys.bus, int(time.time()))
    typer.echo(nats.configuration(trust, claims_dir) + nats.preload(trust), nl=False)


def trust_of(keys: "BusKeys", now_s: int) -> "Trust":
    """Return what a broker must believe in for the identities of these keys."""
    from jobfleet.bus import identity
    from jobfleet.embedded.nats import Trust

    return Trust(
        operator_jwt=identity.operator_jwt(keys, now_s),
        system_account=identity.public_key(keys.system_seed),
        accounts={
            identity.public_key(keys.account_seed): identity.account_jwt(keys, now_s),
            identity.public_key(keys.system_seed): identity.system_account_jwt(keys, now_s),
        },
    )
