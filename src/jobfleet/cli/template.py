"""`jobfleet template`: look at templates, and remove them."""

from typing import Annotated

import typer

from jobfleet.cli import exits
from jobfleet.cli.http import Api, CommandError
from jobfleet.cli.output import Form, FormOption, say, show_json, show_table, show_time
from jobfleet.cli.place import ScopeOption, scope_of, with_server
from jobfleet.cli.plan_view import show_definition
from jobfleet.cli.wire import Done
from jobfleet.cli.wire_plans import PlanView, TemplateList

TemplateName = Annotated[str, typer.Argument(help="Name of the template, or its id.")]
MOST_FOUND = 1000


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Look at templates, and remove them.", no_args_is_help=True)
    group.command("list")(list_templates)
    group.command()(show)
    group.command()(delete)
    add_tools(group)
    app.add_typer(group, name="template")


@with_server
def list_templates(
    api: Api,
    *,
    name: Annotated[str, typer.Option(help="Only those with this in their name.")] = "",
    scope: ScopeOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """List the templates of a business, last changed first."""
    query = {"scope": scope_of(api, scope), "name": name}
    answer = api.get("/api/v1/templates", TemplateList, **query, length=MOST_FOUND)
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [
        (one.id, one.name, one.step_count, show_time(one.modified_at), one.modifier, one.description)
        for one in answer.templates
    ]
    show_table(("id", "name", "steps", "changed", "by", "description"), rows)


@with_server
def show(api: Api, template: TemplateName, *, scope: ScopeOption = "", output: FormOption = Form.TEXT) -> None:
    """Show the steps and variables of a template."""
    wanted_scope = scope_of(api, scope)
    path = f"/api/v1/templates/{template_id_of(api, wanted_scope, template)}"
    answer = api.get(path, PlanView, scope=wanted_scope)
    if output is Form.JSON:
        show_json(answer)
    else:
        show_definition(answer)


@with_server
def delete(api: Api, template: TemplateName, *, scope: ScopeOption = "") -> None:
    """Remove a template and all its plans."""
    wanted_scope = scope_of(api, scope)
    template_id = template_id_of(api, wanted_scope, template)
    api.post(f"/api/v1/templates/{template_id}/delete", Done, {"scope": wanted_scope})
    say(f"template {template} was removed")


def add_tools(group: typer.Typer) -> None:
    """Add the commands that work with whole templates."""
    from jobfleet.cli import template_tools as tools

    group.command("export")(tools.export_templates)
    group.command("import")(tools.import_templates)
    group.command("debug")(tools.debug)
    group.command("sync-script")(tools.sync_script)


def template_id_of(api: Api, scope: str, wanted: str) -> int:
    """Return the id of a template that is meant by id or by name.

    Raises:
        CommandError: The scope has no template of this name.
    """
    if wanted.isdecimal():
        return int(wanted)
    answer = api.get("/api/v1/templates", TemplateList, scope=scope, name=wanted, length=MOST_FOUND)
    found = [one.id for one in answer.templates if one.name == wanted]
    if not found:
        raise CommandError(f"there is no template {wanted} in {scope}", exits.REFUSED)
    return found[0]
