"""`jobfleet credential`: keep secrets for other systems; they never stand in flags."""

import sys
from typing import Annotated, Literal

import typer

from jobfleet.cli import exits
from jobfleet.cli.http import Api, CommandError
from jobfleet.cli.output import Form, FormOption, say, show_json, show_table, show_time, tell
from jobfleet.cli.place import ScopeOption, scope_of, with_server
from jobfleet.cli.wire import Done
from jobfleet.cli.wire_sources import Credential, CredentialList

Kind = Literal["access_key", "password", "username_password", "secret_key"]
MEMBERS = {
    "access_key": ("access_key", "secret_key"),
    "password": ("password",),
    "username_password": ("username", "password"),
    "secret_key": ("secret_key",),
}
StdinOption = Annotated[
    bool, typer.Option("--secrets-stdin", help="Read the secrets from standard input, one a line in the order asked.")
]
IdArgument = Annotated[str, typer.Argument(help="The credential's id.", metavar="ID")]


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Keep secrets with which other systems are reached.", no_args_is_help=True)
    group.callback()(_group)
    group.command("create")(create)
    group.command("update")(update)
    group.command("list")(list_all)
    group.command("delete")(delete)
    app.add_typer(group, name="credential")


def _group() -> None:
    """Keep secrets with which other systems are reached."""


@with_server
def create(
    api: Api,
    name: Annotated[str, typer.Argument(help="What it is to be called.")],
    *,
    kind: Annotated[Kind, typer.Option("--type", help="Which secrets it holds.")] = "access_key",
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    secrets_stdin: StdinOption = False,
    scope: ScopeOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Store a credential; its secrets are asked for, or read from standard input."""
    body = {"scope": scope_of(api, scope), "name": name, "type": kind, "description": description}
    made = api.post("/api/v1/credentials", Credential, body | {"secrets": _secrets(kind, stdin=secrets_stdin)})
    _show(made, output)


@with_server
def update(  # noqa: PLR0913 (a flag each)
    api: Api,
    credential_id: IdArgument,
    *,
    name: Annotated[str | None, typer.Option(help="Its new name.")] = None,
    description: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    secrets: Annotated[bool, typer.Option("--secrets", help="Give it new secrets.")] = False,
    secrets_stdin: StdinOption = False,
    scope: ScopeOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Change a credential; what is not given stays."""
    where = scope_of(api, scope)
    body: dict[str, object] = {"scope": where, "name": name, "description": description}
    if secrets or secrets_stdin:
        kind = api.get(f"/api/v1/credentials/{credential_id}", Credential, scope=where).type
        body["secrets"] = _secrets(kind, stdin=secrets_stdin)
    _show(api.post(f"/api/v1/credentials/{credential_id}", Credential, body), output)


@with_server
def list_all(api: Api, *, scope: ScopeOption = "", output: FormOption = Form.TEXT) -> None:
    """List the credentials of a business, without their secrets."""
    answer = api.get("/api/v1/credentials", CredentialList, scope=scope_of(api, scope))
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [(one.id, one.name, one.type, one.changed_by, show_time(one.changed_at)) for one in answer.credentials]
    show_table(("id", "name", "type", "changed by", "changed"), rows)


@with_server
def delete(api: Api, credential_id: IdArgument, *, scope: ScopeOption = "") -> None:
    """Delete a credential that no file source uses."""
    api.post(f"/api/v1/credentials/{credential_id}/delete", Done, {"scope": scope_of(api, scope)})
    say(f"credential {credential_id} is deleted")


def _secrets(kind: str, *, stdin: bool) -> dict[str, str]:
    return {name: _secret(name, stdin=stdin) for name in MEMBERS[kind]}


def _secret(name: str, *, stdin: bool) -> str:
    label = name.replace("_", " ").capitalize()
    given = sys.stdin.readline().rstrip("\n") if stdin else str(typer.prompt(label, hide_input=True))
    if not given:
        raise CommandError(f"{label} is missing", exits.USAGE)
    return given


def _show(one: Credential, output: Form) -> None:
    if output is Form.JSON:
        show_json(one)
        return
    tell(one.id)
    say(f"credential {one.name} is stored")
