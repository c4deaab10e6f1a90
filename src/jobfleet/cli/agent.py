"""`jobfleet agent`: run the agent of this host."""

from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> typer.Typer:
    """Add the group `agent` and return it, so that commands about agents can join it."""
    group = typer.Typer(help="Run the agent of this host, and look after agents.", invoke_without_command=True)
    group.callback()(agent)
    app.add_typer(group, name="agent")
    return group


def agent(  # noqa: PLR0913, PLR0917 (one parameter a flag)
    context: typer.Context,
    server: Annotated[
        str, typer.Option(help="Address of the server; needed for the first start.", envvar="JOBFLEET_AGENT_SERVER")
    ] = "",
    token: Annotated[
        str, typer.Option(help="Enrolment token; needed for the first start.", envvar="JOBFLEET_AGENT_TOKEN")
    ] = "",
    ip: Annotated[str, typer.Option(help="Address of this host; empty: the one that the server sees.")] = "",
    cloud_id: Annotated[int, typer.Option(help="Cloud area of this host.", min=0)] = 0,
    data_dir: Annotated[
        Path, typer.Option(help="Where the agent keeps its identity and its tasks.", envvar="JOBFLEET_AGENT_DATA_DIR")
    ] = Path("jobfleet-agent"),
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
    containers_every: Annotated[
        float,
        typer.Option(
            help="Seconds between two looks for containers of this host; 0: never.",
            envvar="JOBFLEET_AGENT_CONTAINERS_EVERY",
            min=0,
        ),
    ] = 15.0,
) -> None:
    """Run the agent of this host until it is told to stop; scripts that run go on without it."""
    if context.invoked_subcommand is not None:
        return
    from jobfleet.agent.main import run_agent
    from jobfleet.agent.settings import AgentSettings

    settings = AgentSettings(
        data_dir=str(data_dir),
        server=server,
        token=token,
        ip=ip,
        cloud_id=cloud_id,
        log_level=log_level,
        containers_every_s=containers_every,
    )
    raise typer.Exit(run_agent(settings))
