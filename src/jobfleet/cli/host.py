"""`jobfleet host`: look at hosts and their agents."""

import typer

from jobfleet.cli.http import Api
from jobfleet.cli.output import Form, FormOption, show_json, show_table, show_time
from jobfleet.cli.place import ScopeOption, scope_of, with_server
from jobfleet.cli.wire import HostList


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Look at hosts and their agents.", no_args_is_help=True)
    group.callback()(_group)
    group.command("list")(list_hosts)
    app.add_typer(group, name="host")


def _group() -> None:
    """Look at hosts and their agents."""


@with_server
def list_hosts(api: Api, *, scope: ScopeOption = "", output: FormOption = Form.TEXT) -> None:
    """List the hosts of a business with the state of their agents: online, offline, revoked or never."""
    answer = api.get("/api/v1/hosts", HostList, scope=scope_of(api, scope))
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [
        (
            host.id,
            host.cloud_id,
            host.ip or host.ipv6 or "-",
            host.name or "-",
            host.os,
            host.agent,
            host.agent_version or "-",
            show_time(host.seen_at),
        )
        for host in answer.hosts
    ]
    show_table(("id", "cloud", "address", "name", "os", "agent", "version", "seen"), rows)
