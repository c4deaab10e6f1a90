"""`jobfleet run`: run a script on hosts and watch it."""

import base64
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from jobfleet.cli import exits
from jobfleet.cli.asking import AskOption, start
from jobfleet.cli.http import Api, CommandError
from jobfleet.cli.kept_scripts import PUBLIC, find_script
from jobfleet.cli.output import Form, FormOption, say, show_json, tell
from jobfleet.cli.place import ScopeOption, scope_of, with_server
from jobfleet.cli.show import View, follow
from jobfleet.cli.wire import Started
from jobfleet.model.script import DEFAULT_TIMEOUT_S, HIGHEST_TIMEOUT_S, MIN_TIMEOUT_S


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(run)


@with_server
def run(  # noqa: PLR0913 (a flag each)
    api: Api,
    script: Annotated[list[str] | None, typer.Argument(help="The script, after --.", show_default=False)] = None,
    *,
    target: Annotated[
        list[str],
        typer.Option("--target", "-t", help="Addresses, host ids, group:ID, node:TYPE:ID, container:ID; with commas."),
    ],
    file: Annotated[str, typer.Option("--file", "-f", help="File with the script; - reads standard input.")] = "",
    kept: Annotated[str, typer.Option("--script", help="Kept script, by name or id: its online version runs.")] = "",
    account: Annotated[str, typer.Option(help="Account to run as, by alias; the usual one if left out.")] = "",
    timeout: Annotated[
        int, typer.Option(help="Seconds the script may take.", min=MIN_TIMEOUT_S, max=HIGHEST_TIMEOUT_S)
    ] = DEFAULT_TIMEOUT_S,
    param: Annotated[
        list[str] | None, typer.Option(help="Parameter of the script; may be given several times.")
    ] = None,
    lang: Annotated[
        str, typer.Option(help="shell, python, perl, bat or powershell; a shebang wins on Unix.")
    ] = "shell",
    name: Annotated[str, typer.Option(help="Name of the job.")] = "jobfleet run",
    scope: ScopeOption = "",
    fold: Annotated[bool, typer.Option("--fold", help="Show equal output of hosts once, at the end.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Start the job, print its id, and leave.")] = False,
    ask: AskOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Run a script on hosts and show what it prints, live and by host.

    Ctrl-C leaves the job running; a second Ctrl-C within 3 seconds stops it. The exit code tells what happened:
    0 all succeeded, 1 a host failed, 2 usage, 3 no target, 4 unknown or timed out, 5 stopped, 6 refused,
    7 server unreachable.
    """
    targets, business = targets_of(target), scope_of(api, scope)
    body = _chosen(api, business, script or [], file, kept) | {
        "scope": business,
        "targets": targets,
        "language": lang,
        "params": " ".join(param or []),
        "account": account,
        "timeout_s": timeout,
        "name": name,
    }
    started = start(api, "script", "/api/v1/jobs/script", body, output, ask)
    if detach:
        print_id(started, output)
    else:
        say(f"job {started.job_id}")
        follow(api, started.job_id, View(output, fold))


def _chosen(api: Api, scope: str, words: list[str], file: str, kept: str) -> dict[str, Any]:
    if not kept:
        return {"script_base64": base64.b64encode(content_of(words, file, "script")).decode()}
    if words or file:
        raise CommandError("give the script after --, with -f or with --script", exits.USAGE)
    return {"script_id": find_script(api, kept, scope, PUBLIC).id}


def targets_of(flags: list[str]) -> list[str]:
    """Return the targets that flags name, several with commas.

    Raises:
        CommandError: They name none.
    """
    targets = [part.strip() for text in flags for part in text.split(",") if part.strip()]
    if not targets:
        raise CommandError("no target: -t names nothing", exits.NO_TARGET)
    return targets


def content_of(words: list[str], file: str, what: str) -> bytes:
    """Return what is to run: the words after --, or what a file holds.

    Raises:
        CommandError: Both or none are given, or the file cannot be read.
    """
    if bool(words) == bool(file):
        raise CommandError(f"give the {what} either after -- or with -f", exits.USAGE)
    if words:
        return os.fsencode(" ".join(words))
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}", exits.USAGE) from error


def print_id(started: Started, form: Form) -> None:
    """Print the id of a job that was started."""
    if form is Form.JSON:
        show_json(started)
    else:
        tell(started.job_id)
