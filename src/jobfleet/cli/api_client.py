"""`jobfleet api-client`: applications that call the API, and their secrets."""

from typing import Annotated

import typer

from jobfleet.cli.http import Api
from jobfleet.cli.output import Form, FormOption, say, show_json, show_table, show_time, tell
from jobfleet.cli.place import with_server
from jobfleet.cli.wire import Done
from jobfleet.cli.wire_people import ApiClientList, ClientSecret

_ALL = "/api/v1/apps"
CodeArgument = Annotated[str, typer.Argument(help="Code of the application.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Look after API clients: for platform administrators.", no_args_is_help=True)
    group.command("list")(list_clients)
    group.command("create")(create)
    group.command("rotate")(rotate)
    group.command("disable")(disable)
    group.command("enable")(enable)
    app.add_typer(group, name="api-client")


@with_server
def list_clients(api: Api, *, output: FormOption = Form.TEXT) -> None:
    """List API clients, never their secrets."""
    answer = api.get(_ALL, ApiClientList)
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [
        (
            one.code,
            "yes" if one.trusted else "no",
            ", ".join(one.scopes) or "all",
            one.description,
            show_time(one.used_at),
            show_time(one.disabled_at),
        )
        for one in answer.apps
    ]
    show_table(("code", "trusted", "scopes", "description", "used", "disabled"), rows)


@with_server
def create(
    api: Api,
    code: CodeArgument,
    *,
    trusted: Annotated[bool, typer.Option("--trusted", help="It may name the user that it acts for.")] = False,
    scope: Annotated[list[str] | None, typer.Option(help="Keep it to a scope such as biz:2; may be repeated.")] = None,
    rate: Annotated[int | None, typer.Option(help="Requests a second that it may make; 0: any number.")] = None,
    description: Annotated[str, typer.Option(help="What it is.")] = "",
) -> None:
    """Make an API client and print its secret, this once."""
    rules = {"trusted": trusted, "scopes": scope or [], "rate_per_s": rate, "description": description}
    made = api.post(_ALL, ClientSecret, {"code": code, **rules})
    tell(made.secret)


@with_server
def rotate(api: Api, code: CodeArgument) -> None:
    """Print a new secret, this once; the one before is worthless."""
    tell(api.post(f"{_ALL}/{code}/rotate", ClientSecret).secret)


@with_server
def disable(api: Api, code: CodeArgument) -> None:
    """Let an API client call no more."""
    api.post(f"{_ALL}/{code}/disable", Done)
    say(f"disabled {code}")


@with_server
def enable(api: Api, code: CodeArgument) -> None:
    """Let an API client call again."""
    api.post(f"{_ALL}/{code}/enable", Done)
    say(f"enabled {code}")
