"""`jobfleet token`: personal access tokens, for programs that work for a person."""

from typing import Annotated

import typer

from jobfleet.cli.agent_admin import seconds
from jobfleet.cli.http import Api
from jobfleet.cli.output import Form, FormOption, say, show_json, show_table, show_time, tell
from jobfleet.cli.place import scope_named, with_server
from jobfleet.cli.wire import Done
from jobfleet.cli.wire_people import MadeToken, TokenList, TokenView


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Make, list and revoke personal access tokens.", no_args_is_help=True)
    group.callback()(_group)
    group.command("create")(create)
    group.command("list")(list_tokens)
    group.command("revoke")(revoke)
    app.add_typer(group, name="token")


def _group() -> None:
    """Make, list and revoke personal access tokens."""


@with_server
def create(
    api: Api,
    name: Annotated[str, typer.Argument(help="What the token is for; one of a name at a time.")],
    *,
    role: Annotated[str, typer.Option(help="At most this role: viewer, operator, editor or admin.")] = "viewer",
    scope: Annotated[
        list[str] | None, typer.Option(help="Only this business or business set; several times. All of yours without.")
    ] = None,
    platform: Annotated[bool, typer.Option("--platform", help="May administer the platform, as you may.")] = False,
    expires: Annotated[str, typer.Option(help="How long it is good for: 15m, 1h, 30d; at most 366d.")] = "30d",
    output: FormOption = Form.TEXT,
) -> None:
    """Print a token that does at most what is said here in your name; it is shown this once."""
    body = {
        "name": name,
        "role": "admin" if platform else role,
        "scopes": [scope_named(text) for text in scope or ()],
        "platform": platform,
        "expires_in_s": seconds(expires),
    }
    made = api.post("/api/v1/tokens", MadeToken, body)
    if output is Form.JSON:
        show_json(made)
        return
    tell(made.token)
    say(f"token {made.about.id}, good until {show_time(made.about.expires_at)}, for {_reach(made.about)}")


@with_server
def list_tokens(
    api: Api,
    *,
    of_all: Annotated[bool, typer.Option("--all", help="Everybody's; for platform administrators.")] = False,
    output: FormOption = Form.TEXT,
) -> None:
    """List your tokens."""
    answer = api.get("/api/v1/tokens", TokenList, all=of_all)
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [
        (one.id, one.username, one.name, _reach(one), show_time(one.expires_at), show_time(one.used_at))
        for one in answer.tokens
    ]
    show_table(("id", "user", "name", "for", "ends", "last used"), rows)


@with_server
def revoke(
    api: Api, token_id: Annotated[int, typer.Argument(help="Its id, as `jobfleet token list` shows it.")]
) -> None:
    """Make a token worthless, at once and for good."""
    api.post(f"/api/v1/tokens/{token_id}/revoke", Done)
    say(f"token {token_id} is worthless now")


def _reach(token: TokenView) -> str:
    if token.platform:
        return "everything that its user may do"
    return f"{token.role} in {', '.join(token.scopes) or 'all of its user’s businesses'}"
