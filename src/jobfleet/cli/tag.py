"""`jobfleet tag`: keep tags, and put them on scripts and templates."""

from typing import Annotated

import typer

from jobfleet.cli.http import Api
from jobfleet.cli.kept_scripts import SCRIPTS, find_script, owner_of
from jobfleet.cli.kept_tags import TAGS, find_tag
from jobfleet.cli.output import Form, FormOption, say, show_json, show_table, show_time
from jobfleet.cli.place import ScopeOption, scope_of, with_server
from jobfleet.cli.wire import Done
from jobfleet.cli.wire_scripts import Tag, TagList

NameArgument = Annotated[str, typer.Argument(help="Name of the tag.", show_default=False)]
TagsArgument = Annotated[list[str] | None, typer.Argument(help="Names of its tags from now on; none takes all off.")]
PublicFlag = Annotated[bool, typer.Option("--public", help="Tags of public scripts.")]
DescriptionOption = Annotated[str, typer.Option(help="What the tag is for.")]


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Keep tags, and put them on scripts and templates.", no_args_is_help=True)
    group.command("list")(list_tags)
    for command in (create, rename, delete, script, template):
        group.command()(command)
    app.add_typer(group, name="tag")


@with_server
def list_tags(
    api: Api,
    *,
    name: Annotated[str, typer.Option(help="Only names that hold this.")] = "",
    count: Annotated[int, typer.Option("--count", "-n", help="How many.", min=1, max=1000)] = 100,
    public: PublicFlag = False,
    scope: ScopeOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """List the tags of a business by name."""
    answer = api.get(TAGS, TagList, scope=owner_of(api, scope, public=public), name=name, length=count)
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [(each.id, each.name, each.modifier, show_time(each.modified_at), each.description) for each in answer.tags]
    show_table(("id", "name", "changed by", "changed", "description"), rows)


@with_server
def create(
    api: Api,
    name: NameArgument,
    *,
    description: DescriptionOption = "",
    public: PublicFlag = False,
    scope: ScopeOption = "",
) -> None:
    """Keep a tag."""
    body = {"scope": owner_of(api, scope, public=public), "name": name, "description": description}
    say(f"tag {name} has the id {api.post(TAGS, Tag, body).id}")


@with_server
def rename(
    api: Api,
    name: NameArgument,
    new_name: Annotated[str, typer.Argument(help="What it is called from now on.", show_default=False)],
    *,
    description: Annotated[str | None, typer.Option(help="What the tag is for; it stays if left out.")] = None,
    public: PublicFlag = False,
    scope: ScopeOption = "",
) -> None:
    """Give a tag another name or description."""
    tag = find_tag(api, name, owner_of(api, scope, public=public))
    words = tag.description if description is None else description
    api.post(f"{TAGS}/{tag.id}", Tag, {"scope": tag.scope, "name": new_name, "description": words})
    say(f"{name} is called {new_name}")


@with_server
def delete(api: Api, name: NameArgument, *, public: PublicFlag = False, scope: ScopeOption = "") -> None:
    """Delete a tag; what had it has it no more."""
    tag = find_tag(api, name, owner_of(api, scope, public=public))
    api.post(f"{TAGS}/{tag.id}/delete", Done, {"scope": tag.scope})
    say(f"{name} is gone")


@with_server
def script(
    api: Api,
    name: Annotated[str, typer.Argument(help="Name of the script, or its id.", show_default=False)],
    tags: TagsArgument = None,
    *,
    public: PublicFlag = False,
    scope: ScopeOption = "",
) -> None:
    """Give a script these tags in place of those that it has."""
    owner = owner_of(api, scope, public=public)
    found = find_script(api, name, owner)
    wanted = [find_tag(api, each, owner).id for each in tags or ()]
    api.post(f"{SCRIPTS}/{found.id}/tags", Done, {"tags": wanted})
    say(f"{found.name} has {len(wanted)} tags")


@with_server
def template(
    api: Api,
    template_id: Annotated[int, typer.Argument(help="Id of the template.", show_default=False)],
    tags: TagsArgument = None,
    *,
    scope: ScopeOption = "",
) -> None:
    """Give a template these tags in place of those that it has."""
    owner = scope_of(api, scope)
    wanted = [find_tag(api, each, owner).id for each in tags or ()]
    api.post(f"/api/v1/templates/{template_id}/tags", Done, {"scope": owner, "tags": wanted})
    say(f"template {template_id} has {len(wanted)} tags")
