"""`jobfleet agent enrol-token` and `jobfleet agent revoke`: let agents in, and put them out."""

import re
from typing import Annotated

import typer

from jobfleet.cli import exits
from jobfleet.cli.http import Api, CommandError
from jobfleet.cli.output import Form, FormOption, say, show_json, show_time, tell
from jobfleet.cli.place import ScopeOption, scope_of, with_server
from jobfleet.cli.wire import Done, Host, HostList, Token

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def add_to(group: typer.Typer) -> None:
    """Add the commands to the group `agent`."""
    group.command("enrol-token")(enrol_token)
    group.command("revoke")(revoke)


def seconds(text: str) -> int:
    """Return the seconds of a duration such as 90s, 15m, 1h or 7d.

    Raises:
        CommandError: It is none.
    """
    match = re.fullmatch(r"([1-9][0-9]{0,6})([smhd])", text)
    if match is None:
        raise CommandError(f"{text!r} is no duration such as 90s, 15m, 1h or 7d", exits.USAGE)
    return int(match[1]) * _UNITS_S[match[2]]


@with_server
def enrol_token(
    api: Api,
    *,
    reusable: Annotated[
        bool, typer.Option("--reusable", help="Good for any number of agents until it expires.")
    ] = False,
    expires: Annotated[str, typer.Option(help="How long it is good for: 90s, 15m, 1h, 7d.")] = "1h",
    business: Annotated[
        int | None, typer.Option(help="Take up hosts that are not known yet into this business.", min=1)
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Let an agent take the place of one that is not revoked.")
    ] = False,
    output: FormOption = Form.TEXT,
) -> None:
    """Print a token with which `jobfleet agent --server … --token …` enrols; it is shown this once."""
    body = {"reusable": reusable, "expires_in_s": seconds(expires), "business": business, "replace": replace}
    made = api.post("/api/v1/agents/tokens", Token, body)
    if output is Form.JSON:
        show_json(made)
        return
    tell(made.token)
    say(f"good until {show_time(made.expires_at)}, for {'any number of agents' if reusable else 'one agent'}")


@with_server
def revoke(
    api: Api,
    host: Annotated[str, typer.Argument(help="The host: its id, address or cloud:address.")],
    *,
    scope: ScopeOption = "",
) -> None:
    """Cut the agent of a host off, at once and for good; a new enrolment brings the host back."""
    host_id = int(host) if host.isdecimal() else _find(api, host, scope_of(api, scope))
    api.post(f"/api/v1/agents/{host_id}/revoke", Done)
    say(f"the agent of host {host_id} is cut off")


def _find(api: Api, name: str, scope: str) -> int:
    for host in api.get("/api/v1/hosts", HostList, scope=scope).hosts:
        if name in _names(host):
            return host.id
    raise CommandError(f"{scope} has no host {name}", exits.NO_TARGET)


def _names(host: Host) -> set[str]:
    own = {address for address in (host.ip, host.ipv6) if address}
    return {f"{host.cloud_id}:{address}" for address in own} | (own if host.cloud_id == 0 else set())
