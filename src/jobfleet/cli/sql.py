"""`jobfleet sql`: run SQL on hosts and watch it."""

from typing import Annotated

import typer

from jobfleet.cli import exits
from jobfleet.cli.asking import AskOption, start
from jobfleet.cli.http import Api, CommandError
from jobfleet.cli.output import Form, FormOption, say
from jobfleet.cli.place import ScopeOption, scope_of, with_server
from jobfleet.cli.run import content_of, print_id, targets_of
from jobfleet.cli.show import View, follow
from jobfleet.model.script import DEFAULT_TIMEOUT_S, HIGHEST_TIMEOUT_S, MIN_TIMEOUT_S


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(sql)


@with_server
def sql(  # noqa: PLR0913 (a flag each)
    api: Api,
    statements: Annotated[list[str] | None, typer.Argument(help="The SQL, after --.", show_default=False)] = None,
    *,
    target: Annotated[
        list[str],
        typer.Option("--target", "-t", help="Addresses, host ids, group:ID or node:TYPE:ID; several with commas."),
    ],
    db_account: Annotated[str, typer.Option("--db-account", "-a", help="Database account, by alias.")],
    file: Annotated[str, typer.Option("--file", "-f", help="File with the SQL; - reads standard input.")] = "",
    timeout: Annotated[
        int, typer.Option(help="Seconds the SQL may take.", min=MIN_TIMEOUT_S, max=HIGHEST_TIMEOUT_S)
    ] = DEFAULT_TIMEOUT_S,
    name: Annotated[str, typer.Option(help="Name of the job.")] = "jobfleet sql",
    scope: ScopeOption = "",
    fold: Annotated[bool, typer.Option("--fold", help="Show equal output of hosts once, at the end.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Start the job, print its id, and leave.")] = False,
    ask: AskOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Run SQL through a database's client on hosts and show what it prints, as `jobfleet run` does."""
    body = {
        "targets": targets_of(target),
        "sql": _text(content_of(statements or [], file, "SQL")),
        "db_account": db_account,
        "timeout_s": timeout,
        "name": name,
        "scope": scope_of(api, scope),
    }
    started = start(api, "sql", "/api/v1/jobs/sql", body, output, ask)
    if detach:
        print_id(started, output)
    else:
        say(f"job {started.job_id}")
        follow(api, started.job_id, View(output, fold))


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise CommandError("the SQL is not UTF-8", exits.USAGE) from error
