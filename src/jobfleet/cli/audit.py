"""`jobfleet audit`: who did what, and whether somebody changed the record of it."""

from typing import Annotated

import typer

from jobfleet.cli import exits
from jobfleet.cli.http import Api
from jobfleet.cli.output import Form, FormOption, say, show_json, show_table, show_time, tell
from jobfleet.cli.place import with_server
from jobfleet.cli.wire_audit import AuditPage, Verdict

_ROOT = "/api/v1/audit"


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Who did what, and whether somebody changed the record of it.", no_args_is_help=True)
    group.command("list")(list_rows)
    group.command()(verify)
    app.add_typer(group, name="audit")


@with_server
def list_rows(  # noqa: PLR0913 - its flags
    api: Api,
    *,
    scope: Annotated[str, typer.Option(help="biz:ID or biz_set:ID; without it, everything.")] = "",
    user: Annotated[str, typer.Option(help="Only what this person did.")] = "",
    action: Annotated[str, typer.Option(help="Only this action, such as create_script.")] = "",
    refused: Annotated[bool, typer.Option("--refused", help="Only what was refused.")] = False,
    before: Annotated[int | None, typer.Option(help="Only rows before this id: the next page.", min=1)] = None,
    count: Annotated[int, typer.Option("--count", "-n", help="How many.", min=1, max=1000)] = 20,
    output: FormOption = Form.TEXT,
) -> None:
    """List rows of the audit trail, newest first."""
    given = {
        "scope": scope,
        "username": user,
        "action": action,
        "result": "refused" if refused else "",
        "before": before,
    }
    answer = api.get(_ROOT, AuditPage, length=count, **{name: value for name, value in given.items() if value})
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [
        (
            one.id,
            show_time(one.at),
            one.username,
            one.access,
            one.source,
            one.scope,
            one.action,
            one.result,
            one.subject,
        )
        for one in answer.rows
    ]
    show_table(("id", "at", "user", "by", "from", "scope", "action", "result", "what"), rows)


@with_server
def verify(api: Api, *, output: FormOption = Form.TEXT) -> None:
    """Prove that nobody changed, removed, added or moved a row; the exit code is 1 when somebody did."""
    found = api.get(f"{_ROOT}/verify", Verdict)
    if output is Form.JSON:
        show_json(found)
    else:
        tell(f"{found.rows} rows from {found.first} on, {found.unchained} too new to be linked; head {found.head}")
    if not found.intact:
        for one in found.breaks:
            say(one)
        raise typer.Exit(exits.FAILED)
