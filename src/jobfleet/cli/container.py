"""`jobfleet container`: look at the containers of hosts."""

import typer

from jobfleet.cli.http import Api
from jobfleet.cli.output import Form, FormOption, show_json, show_table
from jobfleet.cli.place import ScopeOption, scope_of, with_server
from jobfleet.cli.wire import ContainerList


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Look at the containers of hosts.", no_args_is_help=True)
    group.callback()(_group)
    group.command("list")(list_containers)
    app.add_typer(group, name="container")


def _group() -> None:
    """Look at the containers of hosts."""


@with_server
def list_containers(api: Api, *, scope: ScopeOption = "", output: FormOption = Form.TEXT) -> None:
    """List the containers that run on the hosts of a business."""
    answer = api.get("/api/v1/containers", ContainerList, scope=scope_of(api, scope))
    if output is Form.JSON:
        show_json(answer)
        return
    rows = [
        (one.id, one.host_id, one.name, one.runtime, one.cluster or "-", one.namespace or "-", one.pod or "-")
        for one in answer.containers
    ]
    show_table(("id", "host", "name", "runtime", "cluster", "namespace", "pod"), rows)
