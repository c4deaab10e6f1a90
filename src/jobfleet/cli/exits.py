"""Exit codes of the command line; they tell the truth to scripts."""

from typing import NoReturn

import typer

SUCCEEDED = 0
FAILED = 1
USAGE = 2
NO_TARGET = 3
UNKNOWN = 4
STOPPED = 5
REFUSED = 6
UNREACHABLE = 7


def refuse(message: str, code: int = USAGE) -> NoReturn:
    """End the command with a message on stderr."""
    typer.echo(f"jobfleet: {message}", err=True)
    raise typer.Exit(code)
