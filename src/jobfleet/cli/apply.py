"""`jobfleet apply`: make what a file declares so."""

import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from jobfleet.cli import exits
from jobfleet.cli.http import Api, CommandError
from jobfleet.cli.output import Form, FormOption, say, show_json, tell
from jobfleet.cli.place import with_server
from jobfleet.cli.wire import Applied, Change

_SIGNS = {"added": ("+", "green"), "changed": ("~", "yellow"), "removed": ("-", "red")}


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(apply)


@with_server
def apply(
    api: Api,
    *,
    file: Annotated[str, typer.Option("--file", "-f", help="TOML file; - reads standard input.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the difference and change nothing.")] = False,
    output: FormOption = Form.TEXT,
) -> None:
    """Make what a file declares so: users, apps, businesses, hosts, topology, groups, accounts, roles.

    Doing it again changes nothing; what the file does not mention stays.
    """
    applied = api.post("/api/v1/apply", Applied, {"toml": _read(file), "dry_run": dry_run})
    if output is Form.JSON:
        show_json(applied)
        return
    show_changes(applied.changes, dry_run=dry_run)


def show_changes(changes: list[Change], *, dry_run: bool) -> None:
    """Write what became of each declared thing."""
    for change in changes:
        _show(change)
    counts = {effect: sum(change.effect == effect for change in changes) for effect in (*_SIGNS, "unchanged")}
    if not counts["removed"]:
        del counts["removed"]  # most declarations never remove anything
    words = ", ".join(f"{count} {effect}" for effect, count in counts.items())
    say(f"{words}; nothing was written" if dry_run else words)


def _read(file: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}", exits.USAGE) from error


def _show(change: Change) -> None:
    if change.effect not in _SIGNS:
        return
    sign, colour = _SIGNS[change.effect]
    tell(f"{sign} {change.table} {change.key}", colour=colour)
    for field in change.fields:
        after = _value(field.after)
        tell(f"    {field.name}: {after if change.effect == 'added' else f'{_value(field.before)} -> {after}'}")


def _value(value: Any) -> str:
    return msgspec.json.encode(value).decode()
