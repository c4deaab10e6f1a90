"""`jobfleet setting`: look at and change what the platform is set to while servers run."""

from typing import Annotated

import msgspec
import typer

from jobfleet.cli.http import Api
from jobfleet.cli.output import Form, FormOption, say, show_json, show_table
from jobfleet.cli.place import with_server
from jobfleet.cli.wire_platform import Setting, SettingList

_ALL = "/api/v1/settings"

NameArgument = Annotated[str, typer.Argument(help="Name of the setting.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Look at and change what the platform is set to.", no_args_is_help=True)
    group.command("list")(list_settings)
    group.command("set")(change)
    group.command()(reset)
    app.add_typer(group, name="setting")


@with_server
def list_settings(api: Api, *, output: FormOption = Form.TEXT) -> None:
    """List the settings with their values."""
    answer = api.get(_ALL, SettingList)
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [(one.name, _text(one.value), "yes" if one.is_set else "no", one.description) for one in answer.settings]
    show_table(("name", "value", "set", "meaning"), rows)


@with_server
def change(
    api: Api,
    name: NameArgument,
    value: Annotated[str, typer.Argument(help="A number, null, a JSON list or table, or a text: 3600, '[\"a.sh\"]'.")],
) -> None:
    """Set a setting; it counts for the next request on every server."""
    kept = api.post(f"{_ALL}/{name}", Setting, {"value": _value(value)})
    say(f"{name} is {_text(kept.value)}")


@with_server
def reset(api: Api, name: NameArgument) -> None:
    """Give a setting its default again."""
    kept = api.post(f"{_ALL}/{name}/reset", Setting)
    say(f"{name} is {_text(kept.value)}")


def _value(text: str) -> object:
    """Return what a text means: JSON when it is that, else the text itself, as expressions are."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
