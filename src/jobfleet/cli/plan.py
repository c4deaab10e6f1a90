"""`jobfleet plan`: keep plans, and run them."""

import base64
from pathlib import Path
from typing import Annotated

import typer

from jobfleet.cli import exits
from jobfleet.cli.apply import show_changes
from jobfleet.cli.asking import AskOption, start
from jobfleet.cli.http import Api, CommandError
from jobfleet.cli.output import Form, FormOption, say, show_json, show_table, show_time, tell
from jobfleet.cli.place import ScopeOption, scope_of, with_server
from jobfleet.cli.plan_view import show_definition
from jobfleet.cli.show import View, follow
from jobfleet.cli.wire import Done
from jobfleet.cli.wire_plans import PlanApplied, PlanLine, PlanList, PlanView, UploadList
from jobfleet.model.declared_plan import local_names, parse_declaration
from jobfleet.model.errors import DeclarationError

PlanName = Annotated[str, typer.Argument(help="Name of the plan, or TEMPLATE/PLAN, or its id.")]
MOST_FOUND = 1000


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Keep plans, and run them.", no_args_is_help=True)
    group.command("list")(list_plans)
    for command in (apply, show, run, sync, delete):
        group.command()(command)
    _add_more(group)
    app.add_typer(group, name="plan")


def _add_more(group: typer.Typer) -> None:
    from jobfleet.cli.plan_values import set_values

    group.command("set")(set_values)


@with_server
def apply(
    api: Api,
    *,
    file: Annotated[Path, typer.Option("--file", "-f", help="TOML file with a template and a plan.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the difference and change nothing.")] = False,
    scope: ScopeOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Make a template and a plan what a file declares: created, or changed by name.

    Files that it names are taken from beside it. Doing it again changes nothing.
    """
    applied = apply_file(api, scope_of(api, scope), file, dry_run=dry_run)
    if output is Form.JSON:
        show_json(applied)
    else:
        show_changes(applied.changes, dry_run=dry_run)


def apply_file(api: Api, scope: str, file: Path, *, dry_run: bool) -> PlanApplied:
    """Make a template and a plan what a file declares; the files that it names are sent along.

    Raises:
        CommandError: A file cannot be read, has mistakes, or the server refuses it.
    """
    text = file_bytes(file).decode("utf-8", "replace")
    contents, uploads = _local_files(text)
    body = {
        "scope": scope,
        "toml": text,
        "files": {name: base64.b64encode(file_bytes(file.parent / name)).decode() for name in contents},
        "uploads": _uploaded(api, scope, file.parent, sorted(uploads)),
        "dry_run": dry_run,
    }
    return api.post("/api/v1/plans/apply", PlanApplied, body)


def _local_files(text: str) -> tuple[set[str], set[str]]:
    try:
        return local_names(parse_declaration(text))
    except DeclarationError as error:
        lines = "".join(f"\n  {mistake}" for mistake in error.mistakes)
        raise CommandError(f"the declared plan has mistakes:{lines}", exits.USAGE) from error


def _uploaded(api: Api, scope: str, directory: Path, names: list[str]) -> dict[str, str]:
    """Send files to the server; return the path of each by the name that it has in the declaration."""
    found = {}
    for name in names:
        if not (directory / name).is_file():
            raise CommandError(f"{directory / name} is no file", exits.USAGE)
        body = {"scope": scope, "names": [Path(name).name]}
        [address] = api.post("/api/v1/uploads", UploadList, body).uploads
        api.put(address.address, directory / name)
        found[name] = address.path
    return found


def file_bytes(file: Path) -> bytes:
    """Return what a file holds.

    Raises:
        CommandError: It cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}", exits.USAGE) from error


@with_server
def list_plans(
    api: Api,
    *,
    name: Annotated[str, typer.Option(help="Only those with this in their name.")] = "",
    scope: ScopeOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """List the plans of a business, last changed first."""
    query = {"scope": scope_of(api, scope), "name": name}
    answer = api.get("/api/v1/plans", PlanList, **query, length=MOST_FOUND)
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [
        (one.id, one.name, one.template_name, "yes" if one.needs_sync else "", show_time(one.modified_at), one.modifier)
        for one in answer.plans
    ]
    show_table(("id", "name", "template", "needs sync", "changed", "by"), rows)


@with_server
def show(api: Api, plan: PlanName, *, scope: ScopeOption = "", output: FormOption = Form.TEXT) -> None:
    """Show the steps and variables of a plan."""
    wanted_scope = scope_of(api, scope)
    answer = api.get(f"/api/v1/plans/{plan_id_of(api, wanted_scope, plan)}", PlanView, scope=wanted_scope)
    if output is Form.JSON:
        show_json(answer)
    else:
        show_definition(answer)


@with_server
def run(  # noqa: PLR0913 (a flag each)
    api: Api,
    plan: PlanName,
    *,
    var: Annotated[list[str] | None, typer.Option(help="NAME=VALUE of a variable, for this run.")] = None,
    var_file: Annotated[
        list[str] | None, typer.Option(help="NAME=FILE: the value is what the file holds; for passwords.")
    ] = None,
    hosts: Annotated[list[str] | None, typer.Option(help="NAME=TARGETS of a host list, with commas.")] = None,
    name: Annotated[str, typer.Option(help="Name of the job; the plan's if left out.")] = "",
    scope: ScopeOption = "",
    fold: Annotated[bool, typer.Option("--fold", help="Show equal output of hosts once, at the end.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Start the job, print its id, and leave.")] = False,
    ask: AskOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Run a plan and show what it prints, live and by host; exit codes are those of `run`.

    A job that waits for a person waits on: `jobfleet job confirm ID` lets it go on.
    """
    wanted_scope = scope_of(api, scope)
    files = {key: file_bytes(Path(path)).decode().rstrip("\n") for key, path in pairs("--var-file", var_file)}
    listed = {key: [part.strip() for part in text.split(",")] for key, text in pairs("--hosts", hosts)}
    values = dict(pairs("--var", var)) | files
    plan_id = plan_id_of(api, wanted_scope, plan)
    body = {"scope": wanted_scope, "plan_id": plan_id, "values": values, "hosts": listed, "name": name}
    started = start(api, "plan", f"/api/v1/plans/{plan_id}/run", body, output, ask)
    if not detach:
        say(f"job {started.job_id}")
        follow(api, started.job_id, View(output, fold))
    elif output is Form.JSON:
        show_json(started)
    else:
        tell(started.job_id)


def pairs(flag: str, texts: list[str] | None) -> list[tuple[str, str]]:
    """Return what a flag gives as NAME=VALUE.

    Raises:
        CommandError: It is not written so.
    """
    found = [text.partition("=") for text in texts or ()]
    for name, equals, _ in found:
        if not name or not equals:
            raise CommandError(f"{flag} takes NAME=…", exits.USAGE)
    return [(name, value) for name, _, value in found]


@with_server
def sync(api: Api, plan: PlanName, *, scope: ScopeOption = "") -> None:
    """Make a plan's steps and variables what its template has now; new steps come in disabled."""
    wanted_scope = scope_of(api, scope)
    path = f"/api/v1/plans/{plan_id_of(api, wanted_scope, plan)}/sync"
    show_definition(api.post(path, PlanView, {"scope": wanted_scope}))


@with_server
def delete(api: Api, plan: PlanName, *, scope: ScopeOption = "") -> None:
    """Remove a plan; its template stays."""
    wanted_scope = scope_of(api, scope)
    api.post(f"/api/v1/plans/{plan_id_of(api, wanted_scope, plan)}/delete", Done, {"scope": wanted_scope})
    say(f"plan {plan} was removed")


def plan_id_of(api: Api, scope: str, wanted: str) -> int:
    """Return the id of a plan that is meant by id, by name, or by its template's name and its own.

    Raises:
        CommandError: There is none, or there are several.
    """
    if wanted.isdecimal():
        return int(wanted)
    name = wanted.rpartition("/")[2]
    answer = api.get("/api/v1/plans", PlanList, scope=scope, name=name, length=MOST_FOUND)
    found = [one for one in answer.plans if wanted in {one.name, f"{one.template_name}/{one.name}"}]
    if len(found) > 1:
        raise CommandError(f"several plans have this name: {', '.join(map(_named, found))}", exits.USAGE)
    if not found:
        raise CommandError(f"there is no plan {wanted} in {scope}", exits.REFUSED)
    return found[0].id


def _named(one: PlanLine) -> str:
    return f"{one.template_name}/{one.name} ({one.id})"
