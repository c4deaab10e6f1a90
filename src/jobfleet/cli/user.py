"""`jobfleet user` and `jobfleet password`: local users and their passwords."""

import sys
from typing import Annotated
from urllib.parse import quote

import typer

from jobfleet.cli.http import Api
from jobfleet.cli.output import Form, FormOption, say, show_json, show_table, show_time
from jobfleet.cli.place import with_server
from jobfleet.cli.wire import Done
from jobfleet.cli.wire_people import Ended, Unlinked, Unlocked, UserList, UserSet

_PAGE = 1000
NameArgument = Annotated[str, typer.Argument(help="Name of the user.")]
StdinOption = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


def add_to(app: typer.Typer) -> None:
    """Add the group and the command."""
    group = typer.Typer(help="Look after users: for platform administrators.", no_args_is_help=True)
    group.callback()(_group)
    group.command("list")(list_users)
    group.command("add")(add)
    group.command("set-password")(set_password)
    group.command("disable")(disable)
    group.command("enable")(enable)
    group.command("unlock")(unlock)
    group.command("end-sessions")(end_sessions)
    group.command("link")(link)
    group.command("unlink")(unlink)
    app.add_typer(group, name="user")
    app.command("password")(change_password)


def _group() -> None:
    """Look after users: for platform administrators."""


@with_server
def list_users(api: Api, *, output: FormOption = Form.TEXT) -> None:
    """List users."""
    page = api.get("/api/v1/users", UserList, length=_PAGE)
    found = list(page.users)
    while page.users and len(found) < page.total:
        page = api.get("/api/v1/users", UserList, start=len(found), length=_PAGE)
        found += page.users
    if output is Form.JSON:
        show_json(UserList(len(found), found))
        return
    rows = [
        (
            one.name,
            "yes" if one.platform_admin else "no",
            "yes" if one.has_password else "no",
            ", ".join(who.issuer for who in one.identities) or "-",
            show_time(one.disabled_at),
        )
        for one in found
    ]
    show_table(("name", "administrator", "password", "identity provider", "disabled"), rows)


@with_server
def add(
    api: Api,
    name: NameArgument,
    *,
    ask: Annotated[bool, typer.Option("--password", help="Ask for a password.")] = False,
    password_stdin: StdinOption = False,
    language: Annotated[str, typer.Option(help="zh or en.")] = "zh",
) -> None:
    """Make a user without any role; without a password only an identity provider signs them in."""
    password = _password(stdin=password_stdin) if ask or password_stdin else None
    made = api.post("/api/v1/users", UserSet, {"name": name, "password": password, "language": language})
    say(f"made user {name}" if made.created else f"{name} was there already")


@with_server
def set_password(api: Api, name: NameArgument, *, password_stdin: StdinOption = False) -> None:
    """Give a user a new password; their sessions and sign-ins end."""
    api.post("/api/v1/users", UserSet, {"name": name, "password": _password(stdin=password_stdin)})
    say(f"{name} has a new password")


@with_server
def disable(api: Api, name: NameArgument) -> None:
    """Let a user in no more, by no token either."""
    api.post(f"{_path(name)}/disable", Done)
    say(f"{name} is disabled")


@with_server
def enable(api: Api, name: NameArgument) -> None:
    """Let a disabled user in again."""
    api.post(f"{_path(name)}/enable", Done)
    say(f"{name} is enabled")


@with_server
def unlock(
    api: Api,
    name: Annotated[str, typer.Argument(help="Name of the user; or an address with --address.")],
    *,
    address: Annotated[bool, typer.Option("--address", help="An address that sign-ins come from.")] = False,
) -> None:
    """Forget wrong passwords, so that sign-ins need not wait."""
    if address:
        told = api.post("/api/v1/unlock-address", Unlocked, {"address": name})
    else:
        told = api.post(f"{_path(name)}/unlock", Unlocked)
    say(f"{name} may sign in" if told.unlocked else f"{name} did not have to wait")


@with_server
def end_sessions(api: Api, name: NameArgument) -> None:
    """End the sessions and sign-ins of a user; personal tokens stay."""
    say(f"{api.post(f'{_path(name)}/end-sessions', Ended).ended} ended")


@with_server
def link(
    api: Api,
    name: NameArgument,
    subject: Annotated[str, typer.Argument(help="What the identity provider knows them by: its claim `sub`.")],
) -> None:
    """Let an identity of the provider sign in as a user, whatever its name there."""
    api.post(f"{_path(name)}/link", Done, {"subject": subject})
    say(f"{subject} signs in as {name}")


@with_server
def unlink(api: Api, name: NameArgument) -> None:
    """Forget a user's identities and the roles that these gave, and end the user's sessions."""
    say(f"{api.post(f'{_path(name)}/unlink', Unlinked).unlinked} forgotten")


@with_server
def change_password(api: Api, *, password_stdin: StdinOption = False) -> None:
    """Change your own password; your other sessions and sign-ins end. Standard input has the old and the new one."""
    old = _line() if password_stdin else typer.prompt("Old password", hide_input=True)
    new = _line() if password_stdin else typer.prompt("New password", hide_input=True, confirmation_prompt=True)
    api.post("/api/v1/password", Done, {"old_password": old, "new_password": new})
    say("your password is changed")


def _path(name: str) -> str:
    return f"/api/v1/users/{quote(name, safe='')}"


def _password(*, stdin: bool) -> str:
    return _line() if stdin else str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _line() -> str:
    return sys.stdin.readline().rstrip("\n")
