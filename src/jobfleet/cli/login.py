"""`jobfleet login` and `jobfleet logout`: keep a server and a token for the commands that follow."""

import os
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from jobfleet.cli import exits
from jobfleet.cli.http import Api, CommandError
from jobfleet.cli.output import say
from jobfleet.cli.place import Login, ScopeOption, guarded, login_file, read_login
from jobfleet.cli.wire import Done, Token


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(login)
    app.command()(logout)


@guarded
def login(
    *,
    server: Annotated[str, typer.Option(help="Address of the server.", envvar="JOBFLEET_SERVER", prompt=True)],
    username: Annotated[str, typer.Option(help="Your name.", prompt=True)],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    scope: ScopeOption = "",
) -> None:
    """Sign in, and keep server, token and business for the commands that follow."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else typer.prompt("Password", hide_input=True)
    address = server.rstrip("/")
    with Api(address, "") as api:
        token = api.post("/api/v1/sign-in", Token, {"username": username, "password": password})
    path = login_file(os.environ)
    _write(path, Login(address, token.token, scope))
    say(f"signed in at {address} as {username}; kept in {path}")


@guarded
def logout() -> None:
    """End the token of the last login and forget it."""
    kept = read_login(os.environ)
    if kept.token:
        with Api(kept.server, kept.token) as api:
            api.post("/api/v1/sign-out", Done)
    login_file(os.environ).unlink(missing_ok=True)
    say("signed out")


def _write(path: Path, kept: Login) -> None:
    lines = [f"{name} = {msgspec.json.encode(value).decode()}\n" for name, value in msgspec.to_builtins(kept).items()]
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(lines)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}", exits.USAGE) from error
