"""`jobfleet role`: who holds which role, and binding roles."""

from typing import Annotated

import typer

from jobfleet.cli.http import Api
from jobfleet.cli.output import Form, FormOption, say, show_json, show_table
from jobfleet.cli.place import with_server
from jobfleet.cli.wire import Done
from jobfleet.cli.wire_people import RoleList

_ALL = "/api/v1/roles"
UserArgument = Annotated[str, typer.Argument(help="Name of the user.", show_default=False)]
WhereOption = Annotated[str, typer.Option("--scope", help="A scope such as biz:2, or platform.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Look at roles and bind them: for platform administrators.", no_args_is_help=True)
    group.command("list")(list_roles)
    group.command("grant")(grant)
    group.command("revoke")(revoke)
    app.add_typer(group, name="role")


@with_server
def list_roles(
    api: Api,
    *,
    user: Annotated[str, typer.Option(help="Of this user only.")] = "",
    scope: Annotated[str, typer.Option(help="In this scope only, such as biz:2, or platform.")] = "",
    output: FormOption = Form.TEXT,
) -> None:
    """List roles of users."""
    answer = api.get(_ALL, RoleList, user=user, scope=scope)
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [(one.user, one.scope, one.role, one.source) for one in answer.roles]
    show_table(("user", "scope", "role", "from"), rows)


@with_server
def grant(
    api: Api,
    user: UserArgument,
    role: Annotated[str, typer.Argument(help="viewer, operator, editor or admin.", show_default=False)],
    *,
    scope: WhereOption,
) -> None:
    """Give a user a role in a scope, instead of the one that was given there."""
    api.post(_ALL, Done, {"user": user, "scope": scope, "role": role})
    say(f"{user} is {role} in {scope}")


@with_server
def revoke(api: Api, user: UserArgument, *, scope: WhereOption) -> None:
    """Take a user's role in a scope away."""
    api.post(f"{_ALL}/revoke", Done, {"user": user, "scope": scope})
    say(f"{user} has no role in {scope} that was granted here")
