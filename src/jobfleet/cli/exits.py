"""Exit codes of the command line; they tell the truth to scripts."""

from typing import NoReturn

import typer

from jobfleet.cli.output import say

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
    for line in f"jobfleet: {message}".split("\n"):
        say(line)
    raise typer.Exit(code)
