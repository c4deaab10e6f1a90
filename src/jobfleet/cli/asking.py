"""Start something, or ask a second person to let it start."""

import uuid
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from jobfleet.cli.http import Api, CommandError
from jobfleet.cli.output import Form, say, show_json, tell
from jobfleet.cli.wire import Started
from jobfleet.cli.wire_requests import Request

REQUESTS = "/api/v1/start-requests"
HINT = "\n  somebody else may let it start, unless the rule says otherwise: the same with --ask 'why it is needed'"

AskOption = Annotated[
    str,
    typer.Option("--ask", help="Ask a second person to approve it, and say why.", show_default=False),
]


def start(
    api: Api, kind: str, path: str, body: dict[str, Any], output: Form, ask: str, *, named: Mapping[str, Any] = {}
) -> Started:
    """Return what was started; with `ask`, ask for it instead and end the command.

    Args:
        kind: What is started: script, sql, plan, template, schedule or run.
        named: What the path of a start names and a request for approval has to say.

    Raises:
        CommandError: The server refused, or cannot be reached; where a second person is needed, it says how to ask.
        typer.Exit: It was asked for.
    """
    if ask:
        _ask(api, {kind: {**body, **named}, "reason": ask}, output)
    try:
        return api.post(path, Started, body, key=uuid.uuid4().hex)
    except CommandError as error:
        if not error.needs_second:
            raise
        raise CommandError(f"{error}{HINT}", error.exit_code) from error


def _ask(api: Api, body: dict[str, Any], output: Form) -> None:
    asked = api.post(REQUESTS, Request, body)
    if output is Form.JSON:
        show_json(asked)
    else:
        tell(asked.id)
        say(f"it starts when somebody approves it: `jobfleet request approve {asked.id} --scope {asked.scope}`")
    raise typer.Exit
