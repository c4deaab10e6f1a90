"""`jobfleet template export`, `import`, `debug` and `sync-script`."""

import base64
import os
from pathlib import Path
from typing import Annotated

import typer

from jobfleet.cli import exits
from jobfleet.cli.asking import AskOption, start
from jobfleet.cli.http import Api, CommandError
from jobfleet.cli.output import Form, FormOption, say, show_json, show_table, tell
from jobfleet.cli.place import ScopeOption, scope_of, with_server
from jobfleet.cli.plan import file_bytes, pairs
from jobfleet.cli.show import View, follow
from jobfleet.cli.template import TemplateName, template_id_of
from jobfleet.cli.wire_plans import ScriptStepList, ScriptSynced, TemplatesImported

FROM_ENVIRONMENT = "JOBFLEET_ARCHIVE_PASSWORD"
PasswordFile = Annotated[
    Path | None, typer.Option(help=f"File that holds the archive's password; else ${FROM_ENVIRONMENT}.")
]
DAY_S = 86_400


@with_server
def export_templates(
    api: Api,
    templates: Annotated[list[str], typer.Argument(help="Names of templates, or their ids.")],
    *,
    file: Annotated[Path, typer.Option("--file", "-f", help="Where to write the archive.")],
    password_file: PasswordFile = None,
    secrets: Annotated[bool, typer.Option("--secrets", help="Take real passwords along; needs a password.")] = False,
    expires_days: Annotated[int | None, typer.Option(min=1, help="Days until nobody can import it any more.")] = None,
    scope: ScopeOption = "",
) -> None:
    """Take templates with their plans out, as a file that another installation can import."""
    wanted_scope = scope_of(api, scope)
    body = {
        "scope": wanted_scope,
        "templates": [template_id_of(api, wanted_scope, name) for name in templates],
        "password": _password(password_file),
        "secrets": secrets,
        "expires_in_s": None if expires_days is None else expires_days * DAY_S,
    }
    content = api.post("/api/v1/templates/export", bytes, body)
    _write(file, content)
    say(f"{file} holds {len(templates)} templates, {len(content)} bytes")


@with_server
def import_templates(
    api: Api,
    file: Annotated[Path, typer.Argument(help="Archive to read.")],
    *,
    password_file: PasswordFile = None,
    ids: Annotated[str, typer.Option(help="new, keep_or_new or keep_or_skip: whether they keep their ids.")] = "new",
    scope: ScopeOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Make the templates and plans of an archive; names that are taken get a suffix."""
    archive = base64.b64encode(file_bytes(file)).decode()
    body = {"scope": scope_of(api, scope), "archive": archive, "password": _password(password_file), "ids": ids}
    answer = api.post("/api/v1/templates/import", TemplatesImported, body)
    if output is Form.JSON:
        show_json(answer)
    else:
        _show(answer)
    if answer.state != "all":
        raise CommandError("not everything was imported", exits.REFUSED)


@with_server
def debug(  # noqa: PLR0913 (a flag each)
    api: Api,
    template: TemplateName,
    *,
    var: Annotated[list[str] | None, typer.Option(help="NAME=VALUE of a variable, for this run.")] = None,
    hosts: Annotated[list[str] | None, typer.Option(help="NAME=TARGETS of a host list, with commas.")] = None,
    scope: ScopeOption = "",
    detach: Annotated[bool, typer.Option("--detach", help="Start the job, print its id, and leave.")] = False,
    ask: AskOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Run all steps of a template as it is now, and show what they print."""
    wanted_scope = scope_of(api, scope)
    listed = {key: [part.strip() for part in text.split(",")] for key, text in pairs("--hosts", hosts)}
    body = {"scope": wanted_scope, "values": dict(pairs("--var", var)), "hosts": listed}
    named = {"template_id": template_id_of(api, wanted_scope, template)}
    path = f"/api/v1/templates/{named['template_id']}/debug"
    started = start(api, "template", path, body, output, ask, named=named)
    if detach:
        tell(started.job_id)
    else:
        say(f"job {started.job_id}")
        follow(api, started.job_id, View(output, fold=False))


@with_server
def sync_script(
    api: Api,
    script: Annotated[str, typer.Argument(help="Id of a kept script.")],
    version: Annotated[int, typer.Argument(help="Id of its version that steps are to run; it must be online.")],
    *,
    template: Annotated[list[str] | None, typer.Option(help="Only steps of this template, by name or id.")] = None,
    scope: ScopeOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Give the steps of templates that run a script another version of it."""
    wanted_scope = scope_of(api, scope)
    steps = api.get("/api/v1/templates/script-steps", ScriptStepList, scope=wanted_scope, script_id=script).steps
    chosen = {template_id_of(api, wanted_scope, name) for name in template or ()}
    ids = [one for one in steps if not chosen or one.template_id in chosen]
    if not ids:
        raise CommandError("no step runs this script", exits.REFUSED)
    named = [{"template_id": one.template_id, "step_id": one.step_id} for one in ids]
    body = {"scope": wanted_scope, "script_version": version, "steps": named}
    answer = api.post("/api/v1/templates/sync-script", ScriptSynced, body)
    names = {one.step_id: (one.template_name, one.step_name) for one in steps}
    if output is Form.JSON:
        show_json(answer)
    else:
        rows = [(*names[one.step_id], "done" if one.done else one.message) for one in answer.steps]
        show_table(("template", "step", ""), rows)
    if not all(one.done for one in answer.steps):
        raise CommandError("not every step was changed", exits.REFUSED)


def _password(file: Path | None) -> str:
    if file is None:
        return os.environ.get(FROM_ENVIRONMENT, "")
    return file_bytes(file).decode("utf-8", "replace").rstrip("\r\n")


def _write(file: Path, content: bytes) -> None:
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # it may hold secrets
        with os.fdopen(handle, "wb") as target:
            target.write(content)
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}", exits.USAGE) from error


def _show(answer: TemplatesImported) -> None:
    rows: list[tuple[object, ...]] = []
    for template in answer.templates:
        told = template.message or "; ".join(template.remarks)
        rows.append(("template", template.name, template.new_name, template.new_id or "", told))
        rows += [("plan", plan.name, plan.name, plan.new_id or "", plan.message) for plan in template.plans]
    show_table(("", "in the archive", "here", "id", ""), rows)
