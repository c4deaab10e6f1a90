"""`jobfleet config`: the effective settings, with secrets masked."""

from enum import StrEnum
from typing import Annotated

import msgspec
import typer

from jobfleet import settings
from jobfleet.cli.options import with_settings
from jobfleet.settings_sources import Loaded


class Form(StrEnum):
    """Name the forms in which settings are printed."""

    TEXT = "text"
    JSON = "json"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(config)


@with_settings
def config(
    loaded: Loaded, form: Annotated[Form, typer.Option("-o", "--output", help="Form of the answer.")] = Form.TEXT
) -> None:
    """Print the effective settings and where each comes from; secrets are masked."""
    typer.echo(_json(loaded) if form is Form.JSON else _text(loaded), nl=False)


def _text(loaded: Loaded) -> str:
    rows = [(name, _toml(value), loaded.origins[name]) for name, value in settings.masked(loaded.settings).items()]
    width = max(len(name) + len(value) for name, value, _ in rows) + 3
    return "".join(f"{f'{name} = {value}':<{width}}  # {origin}\n" for name, value, origin in rows)


def _json(loaded: Loaded) -> str:
    return msgspec.json.format(msgspec.json.encode(settings.masked(loaded.settings))).decode() + "\n"


def _toml(value: object) -> str:
    return msgspec.json.encode(value).decode()
