"""Which server a command speaks with, and as whom: flags, environment, a local installation, or a login."""

import functools
import inspect
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from jobfleet.cli import exits
from jobfleet.cli.data_files import ADDRESS_FILE, CREDENTIALS_FILE
from jobfleet.cli.http import Api, CommandError
from jobfleet.cli.wire import Token, WhoAmI

LOCAL_DIRECTORY = Path("jobfleet-data")
"""Where `jobfleet up` keeps its data unless told otherwise."""

LONGEST_RUN_S = 4 * 86_400
"""How long a command may last that was signed in by itself: longer than any script."""

PANEL = "Server"

_SCOPE = re.compile(r"(biz|biz_set):[1-9][0-9]{0,17}")


class Place(msgspec.Struct, frozen=True):
    """Say where to go: a server with a token, or with the password of a local installation's administrator."""

    server: str
    token: str = ""
    admin_password: str = ""

    def __repr__(self) -> str:
        """Return a text without secrets."""
        return f"Place({self.server})"


class Login(msgspec.Struct, frozen=True):
    """What `jobfleet login` keeps."""

    server: str = ""
    token: str = ""
    scope: str = ""

    def __repr__(self) -> str:
        """Return a text without secrets."""
        return f"Login({self.server})"


def find_place(server: str, token: str, data_dir: Path | None, env: Mapping[str, str]) -> Place:
    """Return the server to speak with.

    A server or token that is given wins over a local installation's, that over a login, and that over
    `jobfleet-data` in the working directory.

    Raises:
        CommandError: Nothing says which server, or what says so cannot be read.

    Source: docs/reference/cli.md, «Which server».
    """
    kept = read_login(env)
    local = _local(data_dir) if data_dir else None
    if local is None and not server and not kept.server and (LOCAL_DIRECTORY / ADDRESS_FILE).exists():
        local = _local(LOCAL_DIRECTORY)
    base = local or Place(kept.server, kept.token)
    if server and server.rstrip("/") != base.server:
        base = Place(server.rstrip("/"))
    found = msgspec.structs.replace(base, token=token) if token else base
    if not found.server:
        raise CommandError("which server? Give --server, --data-dir, or use `jobfleet login`", exits.USAGE)
    return found


def _local(directory: Path) -> Place:
    try:
        address = (directory / ADDRESS_FILE).read_text(encoding="ascii").strip()
        made = tomllib.loads((directory / CREDENTIALS_FILE).read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        why = f"{directory} is not the data of a running `jobfleet up`: {error}"
        raise CommandError(why, exits.UNREACHABLE) from error
    return Place(address, admin_password=str(made.get("admin_password", "")))


def login_file(env: Mapping[str, str]) -> Path:
    """Return where a login is kept."""
    config = env.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(config) / "jobfleet" / "cli.toml"


def read_login(env: Mapping[str, str]) -> Login:
    """Return the login that is kept, an empty one when there is none.

    Raises:
        CommandError: The file cannot be read.
    """
    path = login_file(env)
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Login)
    except FileNotFoundError:
        return Login()
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be read: {error}", exits.USAGE) from error


def open_api(place: Place) -> Api:
    """Return a server ready to be asked; a local installation's administrator is signed in.

    Raises:
        CommandError: Nobody is signed in, or signing in failed.
    """
    if place.token:
        return Api(place.server, place.token)
    if not place.admin_password:
        raise CommandError("nobody is signed in: give --token or use `jobfleet login`", exits.REFUSED)
    with Api(place.server, "") as api:
        body = {"username": "admin", "password": place.admin_password, "expires_in_s": LONGEST_RUN_S}
        return Api(place.server, api.post("/api/v1/sign-in", Token, body).token, for_now=True)


def scope_of(api: Api, wanted: str) -> str:
    """Return the scope to work in: the one wanted, else that of the login, else the only business there is.

    Raises:
        CommandError: There are several, or none.
    """
    chosen = wanted or os.environ.get("JOBFLEET_CLI_SCOPE") or read_login(os.environ).scope
    if chosen:
        return scope_named(chosen)
    scopes = api.get("/api/v1/whoami", WhoAmI).scopes
    businesses = [view.scope for view in scopes if view.scope.startswith("biz:")]
    candidates = businesses or [view.scope for view in scopes]
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise CommandError("you have no role in any business", exits.REFUSED)
    raise CommandError(f"which business? Give --scope, one of {', '.join(candidates[:20])}", exits.USAGE)


def scope_named(text: str) -> str:
    """Return a scope as the API names it: `biz:2` for `2`.

    Raises:
        CommandError: It is none.
    """
    scope = f"biz:{text}" if text.isdecimal() else text
    if not _SCOPE.fullmatch(scope):
        raise CommandError(f"{text} is no scope: biz:2, biz_set:9991001, or just 2", exits.USAGE)
    return scope


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command that ends with message and exit code where it raises a CommandError."""

    @functools.wraps(command)
    def wrapper(**arguments: Any) -> None:
        try:
            command(**arguments)
        except CommandError as error:
            exits.refuse(str(error), error.exit_code)

    return wrapper


def with_server(command: Callable[..., None]) -> Callable[..., None]:
    """Turn a command that takes `api: Api` first into one with flags that say which server."""

    @functools.wraps(command)
    def wrapper(server: str = "", token: str = "", data_dir: Path | None = None, **arguments: Any) -> None:
        with open_api(find_place(server, token, data_dir, os.environ)) as api:
            command(api, **arguments)

    own = list(inspect.signature(command).parameters.values())[1:]
    parameters = [*own, *_FLAGS]
    wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return guarded(wrapper)


def _flag(name: str, kind: Any, default: object, text: str, envvar: str) -> inspect.Parameter:
    option = typer.Option(help=text, envvar=envvar, rich_help_panel=PANEL, show_default=False)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option])


SERVER = _flag("server", str, "", "Address of the server, such as http://127.0.0.1:8080.", "JOBFLEET_SERVER")
_FLAGS = (
    SERVER,
    _flag("token", str, "", "Token to call it with.", "JOBFLEET_TOKEN"),
    _flag("data_dir", Path | None, None, "Data of a `jobfleet up` on this machine.", "JOBFLEET_DATA_DIR"),
)
ScopeOption = Annotated[str, typer.Option(help="Business or business set: biz:2, biz_set:9991001, or just 2.")]
