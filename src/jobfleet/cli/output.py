"""How commands show things: results on standard output, everything else on standard error."""

import os
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TextIO

import msgspec
import typer

from jobfleet.cli.texts import harmless
from jobfleet.cli.wire import Target
from jobfleet.model.escapes import for_terminal

if TYPE_CHECKING:
    from rich.console import Console


class Form(StrEnum):
    """Name the forms of output."""

    TEXT = "text"
    JSON = "json"


FormOption = Annotated[Form, typer.Option("--output", "-o", help="text for people, json for programs.")]


_RAW_CONTROLS = re.compile(r"[\x7f-\x9f]")
"""Control characters that JSON may hold as they are."""


def show_json(value: object) -> None:
    """Write one JSON document to standard output; control characters are written out in it."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    typer.echo(_RAW_CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def tell(text: object = "", *, colour: str | None = None, bold: bool = False) -> None:
    """Write a line to standard output, harmless whatever it says."""
    line = harmless(str(text))
    typer.echo(style(line, colour=colour, bold=bold) if colour or bold else line)


def say(text: str) -> None:
    """Write a line to standard error, harmless whatever it says."""
    typer.echo(harmless(text), err=True)


def show_output(text: str, *, ends_line: bool = False) -> None:
    """Write what a host printed to standard output; see `as_shown`. With `ends_line` a last line without end gets one.

    Not by `typer.echo`, which takes colours out of what goes to a pipe.
    """
    end = "\n" if ends_line and text and not text.endswith("\n") else ""
    sys.stdout.write(as_shown(text, sys.stdout) + end)
    sys.stdout.flush()


def as_shown(text: str, stream: TextIO) -> str:
    """Return what a host printed as a stream gets it: as it is, but on a terminal with nothing but its colours."""
    return for_terminal(text, colours=not os.environ.get("NO_COLOR")) if stream.isatty() else text


def style(text: str, *, colour: str | None = None, bold: bool = False) -> str:
    """Return a text with colour for terminals; a pipe gets none, nor anybody who sets NO_COLOR."""
    return text if os.environ.get("NO_COLOR") else typer.style(text, fg=colour, bold=bold)


def console() -> "Console":
    """Return the terminal that progress is shown on: standard output when that is one, else standard error."""
    from rich.console import Console

    return Console(stderr=not sys.stdout.isatty())


def show_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write a table: aligned, with a head, in full width when it is piped."""
    texts = [[harmless(str(cell)) for cell in row] for row in rows]
    widths = [max([len(name), *(len(row[at]) for row in texts)]) for at, name in enumerate(columns)]
    typer.echo(style(_line([name.upper() for name in columns], widths), bold=True))
    for row in texts:
        typer.echo(_line(row, widths))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def host_name(target: Target) -> str:
    """Return how a host is called: its address, with the cloud area where that is not 0, and a container's name."""
    host = host_address(target.cloud_id, target.ip or target.ipv6, target.id)
    return host if target.container is None else f"{host}/{target.container.name}"


def host_address(cloud_id: int, ip: str | None, host_id: int) -> str:
    """Return how a host is called that is known by these."""
    address = ip or f"host {host_id}"
    return f"{cloud_id}:{address}" if cloud_id else address


def show_time(at: int | None) -> str:
    """Return a moment (epoch ms) in the time of this machine, "-" for none."""
    if at is None:
        return "-"
    return datetime.fromtimestamp(at / 1000, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def show_duration(ms: int | None) -> str:
    """Return a duration in words, "-" for none."""
    return "-" if ms is None else f"{ms / 1000:.2f} s"
