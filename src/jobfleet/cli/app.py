"""The command line's tree: every module of commands adds its own."""

from typing import Annotated

import typer

from jobfleet import __version__
from jobfleet.cli import (
    account,
    agent,
    agent_admin,
    api_client,
    apply,
    audit,
    config,
    container,
    credential,
    demo,
    file_source,
    hook,
    host,
    job,
    keys,
    login,
    migrate,
    notify,
    plan,
    request,
    role,
    rule,
    run,
    schedule,
    script,
    server,
    setting,
    sim,
    sql,
    tag,
    template,
    token,
    up,
    user,
    whitelist,
)
from jobfleet.cli.server import Serve

COMMANDS = (
    up,
    demo,
    run,
    sql,
    script,
    tag,
    rule,
    job,
    plan,
    template,
    schedule,
    request,
    hook,
    notify,
    host,
    container,
    account,
    credential,
    file_source,
    whitelist,
    setting,
    apply,
    audit,
    login,
    token,
    user,
    role,
    api_client,
    config,
    migrate,
    keys,
    sim,
)
"""Modules of commands in the order in which help lists them."""


def build(serve: Serve) -> typer.Typer:
    """Return the whole command line.

    Args:
        serve: Runs a server with given settings; returns its exit code.
    """
    app = typer.Typer(
        name="jobfleet",
        help="Run scripts, distribute files and run SQL on fleets of hosts.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    app.callback()(_global)
    agent_admin.add_to(agent.add_to(app))
    server.add_to(app, serve)
    for module in COMMANDS:
        module.add_to(app)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


def _global(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Take what stands before the command; `version` has done its work by now."""
