"""`jobfleet script`: keep scripts with their versions."""

import base64
import sys
from typing import Annotated, Any

import typer

from jobfleet.cli import exits
from jobfleet.cli.http import Api, CommandError
from jobfleet.cli.kept_scripts import SCRIPTS, find_script, owner_of
from jobfleet.cli.kept_tags import find_tag
from jobfleet.cli.output import Form, FormOption, say, show_json, show_table, show_time, tell
from jobfleet.cli.place import ScopeOption, with_server
from jobfleet.cli.run import content_of
from jobfleet.cli.script_check import check
from jobfleet.cli.texts import visible
from jobfleet.cli.wire import Done
from jobfleet.cli.wire_scripts import CreatedScript, Script, ScriptList, Version, VersionList

NameArgument = Annotated[str, typer.Argument(help="Name of the script, or its id.", show_default=False)]
FileOption = Annotated[str, typer.Option("--file", "-f", help="File with the script; - reads standard input.")]
VersionOption = Annotated[str, typer.Option("--version", help="Name of the version, such as 1.0.")]
PublicFlag = Annotated[bool, typer.Option("--public", help="A public script, for every business.")]
NoteOption = Annotated[str, typer.Option("--description", help="What is new in the version.")]


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Keep scripts with their versions.", no_args_is_help=True)
    group.command("list")(list_scripts)
    for command in (show, versions, create, edit, rename, publish, disable, delete, check):
        group.command()(command)
    group.command("add-version")(add_version)
    app.add_typer(group, name="script")


@with_server
def list_scripts(
    api: Api,
    *,
    name: Annotated[str, typer.Option(help="Only names that hold this.")] = "",
    tag: Annotated[str, typer.Option(help="Only scripts with this tag.")] = "",
    count: Annotated[int, typer.Option("--count", "-n", help="How many.", min=1, max=1000)] = 100,
    public: PublicFlag = False,
    scope: ScopeOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """List the scripts of a business, newest first."""
    owner = owner_of(api, scope, public=public)
    chosen = {"tag_id": find_tag(api, tag, owner).id} if tag else {}
    answer = api.get(SCRIPTS, ScriptList, scope=owner, name=name, length=count, **chosen)
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [
        (each.id, each.name, each.language, each.online_version or "-", each.modifier, show_time(each.modified_at))
        for each in answer.scripts
    ]
    show_table(("id", "name", "language", "online", "changed by", "changed"), rows)


@with_server
def show(
    api: Api,
    name: NameArgument,
    *,
    version: Annotated[str, typer.Option("--version", help="This version; the online one if left out.")] = "",
    public: PublicFlag = False,
    scope: ScopeOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Write a version's content to standard output, as it is."""
    script = find_script(api, name, owner_of(api, scope, public=public))
    found = _version(api, script, version or script.online_version)
    whole = api.get(f"{SCRIPTS}/{script.id}/versions/{found.id}", Version)
    if output is Form.JSON:
        show_json(whole)
        return
    _show_content(whole.content or b"")


def _show_content(content: bytes) -> None:
    """Write a script as it is; on a terminal what would steer it is written out, for whoever reads it to see."""
    if sys.stdout.isatty():
        for line in content.decode("utf-8", "replace").removesuffix("\n").split("\n"):
            tell(visible(line))
        return
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


@with_server
def versions(
    api: Api, name: NameArgument, *, public: PublicFlag = False, scope: ScopeOption = "", output: FormOption = Form.TEXT
) -> None:
    """List the versions of a script, newest first."""
    script = find_script(api, name, owner_of(api, scope, public=public))
    answer = api.get(f"{SCRIPTS}/{script.id}/versions", VersionList)
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [
        (each.id, each.version, each.state, each.modifier, show_time(each.modified_at), each.description)
        for each in answer.versions
    ]
    show_table(("id", "version", "state", "changed by", "changed", "description"), rows)


@with_server
def create(  # noqa: PLR0913 (a flag each)
    api: Api,
    name: Annotated[str, typer.Argument(help="Name of the script.", show_default=False)],
    *,
    file: FileOption,
    version: VersionOption = "1.0",
    language: Annotated[str, typer.Option("--lang", help="shell, python, perl, bat, powershell or sql.")] = "shell",
    description: Annotated[str, typer.Option(help="What the script is for.")] = "",
    public: PublicFlag = False,
    scope: ScopeOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Keep a script with its first version, a draft."""
    owner = {"scope": owner_of(api, scope, public=public), "name": name, "language": language}
    body = owner | {"description": description} | _content(file, version)
    made = api.post(SCRIPTS, CreatedScript, body)
    _tell(made, f"script {made.script.id} has the draft {version}, id {made.version.id}", output)


@with_server
def add_version(  # noqa: PLR0913 (a flag each)
    api: Api,
    name: NameArgument,
    *,
    file: FileOption,
    version: VersionOption,
    description: NoteOption = "",
    public: PublicFlag = False,
    scope: ScopeOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Add a version, a draft, to a script."""
    script = find_script(api, name, owner_of(api, scope, public=public))
    made = api.post(f"{SCRIPTS}/{script.id}/versions", Version, _content(file, version, description))
    _tell(made, f"script {script.id} has the draft {version}, id {made.id}", output)


@with_server
def edit(
    api: Api,
    name: NameArgument,
    *,
    file: FileOption,
    version: VersionOption,
    description: NoteOption = "",
    public: PublicFlag = False,
    scope: ScopeOption = "",
) -> None:
    """Change the content of a draft."""
    script = find_script(api, name, owner_of(api, scope, public=public))
    found = _version(api, script, version)
    api.post(f"{SCRIPTS}/{script.id}/versions/{found.id}", Done, _content(file, version, description))
    say(f"draft {version} of {script.name} is changed")


@with_server
def rename(
    api: Api,
    name: NameArgument,
    new_name: Annotated[str, typer.Argument(help="What it is called from now on.", show_default=False)],
    *,
    description: Annotated[str | None, typer.Option(help="What the script is for; it stays if left out.")] = None,
    public: PublicFlag = False,
    scope: ScopeOption = "",
) -> None:
    """Give a script another name or description."""
    script = find_script(api, name, owner_of(api, scope, public=public))
    words = script.description if description is None else description
    api.post(f"{SCRIPTS}/{script.id}", Done, {"name": new_name, "description": words})
    say(f"{script.name} is called {new_name}")


@with_server
def publish(
    api: Api, name: NameArgument, *, version: VersionOption, public: PublicFlag = False, scope: ScopeOption = ""
) -> None:
    """Put a version online; the one that was online goes offline."""
    script = find_script(api, name, owner_of(api, scope, public=public))
    _operate(api, script, version, "publish")
    say(f"version {version} of {script.name} is online")


@with_server
def disable(
    api: Api, name: NameArgument, *, version: VersionOption, public: PublicFlag = False, scope: ScopeOption = ""
) -> None:
    """Disable an online or offline version for good."""
    script = find_script(api, name, owner_of(api, scope, public=public))
    _operate(api, script, version, "disable")
    say(f"version {version} of {script.name} is disabled")


@with_server
def delete(
    api: Api,
    name: NameArgument,
    *,
    version: Annotated[str, typer.Option("--version", help="Only this version.")] = "",
    public: PublicFlag = False,
    scope: ScopeOption = "",
) -> None:
    """Delete a script, or one of its versions; what a template or plan uses stays."""
    script = find_script(api, name, owner_of(api, scope, public=public))
    if version:
        _operate(api, script, version, "delete")
    else:
        api.post(f"{SCRIPTS}/{script.id}/delete", Done)
    say(f"{script.name} {version} is gone".replace("  ", " "))


def _version(api: Api, script: Script, version: str) -> Version:
    if not version:
        raise CommandError(f"{script.name} has no online version; name one with --version", exits.REFUSED)
    for found in api.get(f"{SCRIPTS}/{script.id}/versions", VersionList).versions:
        if found.version == version:
            return found
    raise CommandError(f"{script.name} has no version {version}", exits.REFUSED)


def _operate(api: Api, script: Script, version: str, operation: str) -> None:
    found = _version(api, script, version)
    api.post(f"{SCRIPTS}/{script.id}/versions/{found.id}/operate", Done, {"operation": operation})


def _content(file: str, version: str, description: str = "") -> dict[str, Any]:
    content = base64.b64encode(content_of([], file, "script")).decode()
    return {"version": version, "version_description": description, "script_base64": content}


def _tell(made: object, words: str, form: Form) -> None:
    if form is Form.JSON:
        show_json(made)
    else:
        say(words)
