"""`jobfleet file-source`: object stores that files come from."""

from typing import Annotated

import typer

from jobfleet.cli.http import Api
from jobfleet.cli.output import Form, FormOption, say, show_json, show_table, tell
from jobfleet.cli.place import ScopeOption, scope_of, with_server
from jobfleet.cli.wire import Done
from jobfleet.cli.wire_sources import FileSource, FileSourceList

CodeArgument = Annotated[str, typer.Argument(help="The source's code, by which jobs name it.")]
SharedOption = Annotated[list[str] | None, typer.Option("--share", help="A scope that may use it too; several times.")]


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Name object stores that files come from.", no_args_is_help=True)
    group.callback()(_group)
    group.command("create")(create)
    group.command("update")(update)
    group.command("list")(list_all)
    group.command("delete")(delete)
    app.add_typer(group, name="file-source")


def _group() -> None:
    """Name object stores that files come from."""


@with_server
def create(  # noqa: PLR0913 (a flag each)
    api: Api,
    code: CodeArgument,
    *,
    endpoint: Annotated[str, typer.Option(help="Root of the store's addresses, such as https://s3.example.com.")],
    credential: Annotated[str, typer.Option(help="Id of the credential that opens it.")],
    name: Annotated[str, typer.Option(help="What people call it; its code if left out.")] = "",
    region: Annotated[str, typer.Option(help="Its region.")] = "us-east-1",
    bucket: Annotated[str, typer.Option(help="The only bucket to use; any if left out.")] = "",
    public: Annotated[bool, typer.Option("--public", help="Let every business use it.")] = False,
    share: SharedOption = None,
    scope: ScopeOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Add an object store that speaks S3."""
    body = {"scope": scope_of(api, scope), "code": code, "name": name or code, "endpoint": endpoint}
    more = {"credential_id": credential, "region": region, "bucket": bucket, "public": public}
    made = api.post("/api/v1/file-sources", FileSource, body | more | {"shared_with": share or []})
    _show(made, output, "is added")


@with_server
def update(  # noqa: PLR0913 (a flag each)
    api: Api,
    code: CodeArgument,
    *,
    endpoint: Annotated[str | None, typer.Option(help="Its new root; give region and bucket with it.")] = None,
    region: Annotated[str, typer.Option(help="Its region.")] = "us-east-1",
    bucket: Annotated[str, typer.Option(help="The only bucket to use.")] = "",
    credential: Annotated[str | None, typer.Option(help="Id of the credential that opens it.")] = None,
    name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    enabled: Annotated[bool | None, typer.Option("--on/--off", help="Let it be used, or not.")] = None,
    public: Annotated[bool | None, typer.Option("--public/--private", help="Let every business use it.")] = None,
    share: SharedOption = None,
    scope: ScopeOption = "",
    output: FormOption = Form.TEXT,
) -> None:
    """Change a source; what is not given stays."""
    where = {"endpoint": endpoint, "region": region, "bucket": bucket}
    body = {"scope": scope_of(api, scope), "name": name, "credential_id": credential, "enabled": enabled}
    more = {"public": public, "shared_with": share or None}
    _show(api.post(f"/api/v1/file-sources/{code}", FileSource, body | where | more), output, "is changed")


@with_server
def list_all(api: Api, *, scope: ScopeOption = "", output: FormOption = Form.TEXT) -> None:
    """List the sources that a business may use."""
    answer = api.get("/api/v1/file-sources", FileSourceList, scope=scope_of(api, scope))
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [
        (one.id, one.code, one.name, one.endpoint, one.bucket or "any", one.scope, "on" if one.enabled else "off")
        for one in answer.file_sources
    ]
    show_table(("id", "code", "name", "endpoint", "bucket", "of", "state"), rows)


@with_server
def delete(api: Api, code: CodeArgument, *, scope: ScopeOption = "") -> None:
    """Delete a source; steps that still name it fail when they start."""
    api.post(f"/api/v1/file-sources/{code}/delete", Done, {"scope": scope_of(api, scope)})
    say(f"file source {code} is deleted")


def _show(one: FileSource, output: Form, what: str) -> None:
    if output is Form.JSON:
        show_json(one)
        return
    tell(one.id)
    say(f"file source {one.code} {what}")
