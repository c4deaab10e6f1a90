"""Follow a job as a command wants it: live, folded, or as JSON; then end with what became of it."""

import sys
from io import TextIOWrapper

import msgspec
import typer

from jobfleet.cli import results
from jobfleet.cli.follow import Follower
from jobfleet.cli.http import Api
from jobfleet.cli.output import Form, host_name, say, show_json, show_output, tell
from jobfleet.cli.sinks import Bar, Kept, Live, Waits
from jobfleet.cli.wire import JobAnswer, Task

MAX_NAMES = 20
"""Hosts of a folded group that are named; the others are counted."""


class View(msgspec.Struct, frozen=True):
    """Say how a job is shown."""

    form: Form = Form.TEXT
    fold: bool = False


def follow(api: Api, job_id: int, view: View) -> None:
    """Follow a job to its end, show it, and end the command with its exit code.

    Raises:
        CommandError: See `Follower.follow`.
    """
    _accept_any_text()
    bar, kept = Bar(wanted=view.form is Form.TEXT), Kept()
    is_live = view.form is Form.TEXT and not view.fold
    shown = Live(api, job_id, bar) if is_live else kept
    sinks = (bar, Waits(bar), shown) if view.form is Form.TEXT else (bar, shown)
    answer = Follower(api, job_id, tuple(reversed(sinks))).follow()
    code = results.exit_code_of(answer.job, results.counted(answer))
    if view.form is Form.JSON:
        show_json(results.as_json(answer, kept.frozen(), code))
    else:
        _tell(answer, kept.frozen() if view.fold else None)
    raise typer.Exit(code)


def _accept_any_text() -> None:
    """Let a terminal that cannot show a character show another instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _tell(answer: JobAnswer, folded: dict[int, bytes] | None) -> None:
    if folded is None:
        for task in answer.tasks:
            if not results.has_succeeded(task):
                say(f"{host_name(task.host)}: {results.verdict(task)}")
    else:
        for members, output in results.fold(answer.tasks, folded):
            _tell_group(members, output)
    say(results.summary(answer))


def _tell_group(members: list[Task], output: bytes) -> None:
    names = ", ".join(host_name(task.host) for task in members[:MAX_NAMES])
    more = f" and {len(members) - MAX_NAMES} more" if len(members) > MAX_NAMES else ""
    tell(f"== {names}{more} ({len(members)}): {results.verdict(members[0])}", bold=True)
    show_output(output.decode("utf-8", "replace"), ends_line=True)
