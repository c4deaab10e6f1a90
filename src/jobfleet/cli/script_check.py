"""`jobfleet script check`: look for danger in a script before it runs."""

import base64
from typing import Annotated

import typer

from jobfleet.cli import exits
from jobfleet.cli.http import Api
from jobfleet.cli.output import Form, FormOption, show_json, show_table
from jobfleet.cli.place import with_server
from jobfleet.cli.run import content_of
from jobfleet.cli.wire_scripts import Findings


@with_server
def check(
    api: Api,
    file: Annotated[str, typer.Argument(help="File with the script; - reads standard input.", show_default=False)],
    *,
    language: Annotated[str, typer.Option("--lang", help="shell, python, perl, bat, powershell or sql.")] = "shell",
    output: FormOption = Form.TEXT,
) -> None:
    """Look for danger in a script; the exit code is 1 when there is more than a warning."""
    content = base64.b64encode(content_of([], file, "script")).decode()
    found = api.post("/api/v1/script-checks", Findings, {"language": language, "script_base64": content})
    if output is Form.JSON:
        show_json(found)
    else:
        rows = [(one.line, one.level, one.description, one.match) for one in found.findings]
        show_table(("line", "level", "what", "where"), rows)
    if any(one.level != "warning" for one in found.findings):
        raise typer.Exit(exits.FAILED)
