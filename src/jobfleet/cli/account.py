"""`jobfleet account`: the accounts that scripts and SQL run as."""

import os
import sys
from typing import Annotated, Any

import typer

from jobfleet.cli import exits
from jobfleet.cli.http import Api, CommandError
from jobfleet.cli.output import Form, FormOption, say, show_json, show_table, tell
from jobfleet.cli.place import ScopeOption, scope_of, with_server
from jobfleet.cli.wire import Account, AccountList, PasswordKey
from jobfleet.model.account import AccountType, Category

PASSWORD_VARIABLE = "JOBFLEET_ACCOUNT_PASSWORD"  # noqa: S105 (the name of a variable)
_MOST = 1000
_OF_DATABASES = frozenset(kind.name.lower() for kind in AccountType if kind.category is Category.DATABASE)

AliasArgument = Annotated[str, typer.Argument(help="Alias of the account.", show_default=False)]
AskOption = Annotated[
    bool, typer.Option("--password", help=f"Ask for the password; without it {PASSWORD_VARIABLE} counts if it is set.")
]
StdinOption = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
PortOption = Annotated[int | None, typer.Option(help="Where the database listens.", min=1, max=65_535)]
DatabaseOption = Annotated[str | None, typer.Option(help="Database or service that a session begins in.")]
LinkOption = Annotated[
    str | None, typer.Option("--system-account", help="Alias of the account that a database's client runs as.")
]
DescriptionOption = Annotated[str | None, typer.Option(help="What the account is for.")]
DatabasesFlag = Annotated[bool, typer.Option("--db", help="The database account of this alias, not the system's.")]


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Look at and change the accounts that scripts and SQL run as.", no_args_is_help=True)
    group.callback()(_group)
    group.command("list")(list_accounts)
    group.command("show")(show)
    group.command("add")(add)
    group.command("set")(change)
    group.command("delete")(delete)
    group.command("rotate-key")(rotate_key)
    app.add_typer(group, name="account")


def _group() -> None:
    """Look at and change the accounts that scripts and SQL run as."""


@with_server
def list_accounts(api: Api, *, scope: ScopeOption = "", output: FormOption = Form.TEXT) -> None:
    """List the accounts of a business."""
    answer = _list(api, scope)
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [
        (
            account.id,
            account.alias,
            account.account,
            account.type,
            account.port or "-",
            account.database or "-",
            account.system_account or "-",
            "yes" if account.has_password else "no",
        )
        for account in answer.accounts
    ]
    show_table(("id", "alias", "account", "type", "port", "database", "runs as", "password"), rows)


@with_server
def show(
    api: Api,
    alias: AliasArgument,
    *,
    db: DatabasesFlag = False,
    scope: ScopeOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Show one account; its password is never shown."""
    _tell(_find(api, scope, alias, db=db), output)


@with_server
def add(  # noqa: PLR0913 (a flag each)
    api: Api,
    account: Annotated[str, typer.Argument(help="Name of the user on the hosts or in the database.")],
    *,
    kind: Annotated[str, typer.Option("--type", help="linux, windows, mysql, oracle, db2 or postgresql.")] = "linux",
    alias: Annotated[str, typer.Option(help="What it is named by; the account's name if left out.")] = "",
    port: PortOption = None,
    database: DatabaseOption = None,
    system_account: LinkOption = None,
    description: DescriptionOption = None,
    ask: AskOption = False,
    password_stdin: StdinOption = False,
    scope: ScopeOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Make an account. Its password comes from a prompt, standard input or the environment, never from a flag."""
    if kind in _OF_DATABASES and not system_account:
        raise CommandError("a database account needs --system-account, which its client runs as", exits.USAGE)
    body = _body(port, database, system_account, description, _password(ask=ask, stdin=password_stdin))
    body |= {"scope": scope_of(api, scope), "account": account, "type": kind, "alias": alias}
    _tell(api.post("/api/v1/accounts", Account, body), output)


@with_server
def change(  # noqa: PLR0913 (a flag each)
    api: Api,
    alias: AliasArgument,
    *,
    new_alias: Annotated[str | None, typer.Option("--alias", help="What it is named by from now on.")] = None,
    port: PortOption = None,
    database: DatabaseOption = None,
    system_account: LinkOption = None,
    description: DescriptionOption = None,
    ask: AskOption = False,
    password_stdin: StdinOption = False,
    db: DatabasesFlag = False,
    scope: ScopeOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Change an account; what is not given stays."""
    body = _body(port, database, system_account, description, _password(ask=ask, stdin=password_stdin))
    body |= {} if new_alias is None else {"alias": new_alias}
    if not body:
        raise CommandError("nothing to change", exits.USAGE)
    found = _find(api, scope, alias, db=db)
    _tell(api.post(f"/api/v1/accounts/{found.id}", Account, body | {"scope": found.scope}), output)


@with_server
def delete(api: Api, alias: AliasArgument, *, db: DatabasesFlag = False, scope: ScopeOption = "") -> None:
    """Remove an account that nothing refers to."""
    found = _find(api, scope, alias, db=db)
    api.post(f"/api/v1/accounts/{found.id}/delete", Account, {"scope": found.scope})
    say(f"account {found.alias} is gone")


@with_server
def rotate_key(api: Api) -> None:
    """Make a new key that passwords are encrypted with on their way; the last two still open them."""
    key = api.post("/api/v1/password-key/rotate", PasswordKey)
    for line in key.public_key.splitlines():
        tell(line)


def _list(api: Api, scope: str) -> AccountList:
    return api.get("/api/v1/accounts", AccountList, scope=scope_of(api, scope), length=_MOST)


def _find(api: Api, scope: str, alias: str, *, db: bool) -> Account:
    wanted = {"scope": scope_of(api, scope), "category": "database" if db else "system", "alias": alias}
    found = api.get("/api/v1/accounts", AccountList, **wanted, length=_MOST).accounts
    for account in found:
        if account.alias == alias:
            return account
    raise CommandError(f"no {wanted['category']} account has the alias {alias}", exits.REFUSED)


def _body(
    port: int | None, database: str | None, system_account: str | None, description: str | None, password: str | None
) -> dict[str, Any]:
    given = {
        "port": port,
        "database": database,
        "system_account": system_account,
        "description": description,
        "password": password,
    }
    return {name: value for name, value in given.items() if value is not None}


def _password(*, ask: bool, stdin: bool) -> str | None:
    if stdin:
        return sys.stdin.readline().rstrip("\n")
    if ask:
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return os.environ.get(PASSWORD_VARIABLE)


def _tell(account: Account, form: Form) -> None:
    if form is Form.JSON:
        show_json(account)
        return
    for name in ("id", "alias", "account", "type", "port", "database", "system_account", "description", "has_password"):
        tell(f"{name.replace('_', ' '):14} {getattr(account, name)}")
