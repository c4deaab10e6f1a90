"""Where the output of a followed job goes: to the screen line by line, or kept until the end."""

import sys
from typing import TYPE_CHECKING, Protocol

import typer

from jobfleet.cli.http import Api
from jobfleet.cli.lines import STDERR, Line, Lines
from jobfleet.cli.output import console, host_name, style
from jobfleet.cli.wire import Followed, JobAnswer, Step

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

_COLOURS = ("cyan", "green", "yellow", "blue", "magenta", "bright_cyan", "bright_green", "bright_yellow")


class Sink(Protocol):
    """Take what comes while a job is followed."""

    def take(self, news: Followed) -> None:
        """Take news."""

    def close(self) -> None:
        """Take that nothing more comes."""


class Kept:
    """Keep the output of every task, both streams in order of arrival."""

    def __init__(self) -> None:
        self.outputs: dict[int, bytearray] = {}

    def take(self, news: Followed) -> None:
        """Keep what came."""
        for chunk in news.chunks:
            kept = self.outputs.setdefault(chunk.task_id, bytearray())
            for segment in chunk.segments:
                kept += segment.data

    def close(self) -> None:
        """Do nothing more."""

    def frozen(self) -> dict[int, bytes]:
        """Return the output by task."""
        return {task_id: bytes(kept) for task_id, kept in self.outputs.items()}


class Live:
    """Write each line with its host before it: standard output to ours, standard error to ours."""

    def __init__(self, api: Api, job_id: int, bar: "Bar") -> None:
        self._api = api
        self._job_id = job_id
        self._bar = bar
        self._lines = Lines()
        self._names: dict[int, str] = {}

    def take(self, news: Followed) -> None:
        """Write the lines that are whole."""
        for chunk in news.chunks:
            for line in self._lines.take(chunk):
                self._write(line)
        self._bar.flush()

    def close(self) -> None:
        """Write last lines that have no end."""
        for line in self._lines.rest():
            self._write(line)
        self._bar.flush()

    def _write(self, line: Line) -> None:
        name = self._name(line.task_id)
        width = max(map(len, self._names.values()))
        prefix = style(f"{name.ljust(width)} |", colour=_COLOURS[line.task_id % len(_COLOURS)])
        self._bar.write(f"{prefix} {line.text}", is_error=line.stream == STDERR)

    def _name(self, task_id: int) -> str:
        if task_id not in self._names:
            answer = self._api.get(f"/api/v1/jobs/{self._job_id}", JobAnswer, tasks=True)
            self._names |= {task.log_task_id: host_name(task.host) for task in answer.tasks}
        return self._names.get(task_id, f"task {task_id}")


class Bar:
    """Show on a terminal how many hosts are done; elsewhere show nothing."""

    def __init__(self, *, wanted: bool) -> None:
        self._console: Console | None = console() if wanted and sys.stderr.isatty() else None
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def take(self, news: Followed) -> None:
        """Show how far the job is."""
        if self._console is not None and news.steps:
            self._show(self._console, news.steps[-1])

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def write(self, text: str, *, is_error: bool) -> None:
        """Write a line above the bar; where one stream is no terminal, it goes there undisturbed."""
        stream = sys.stderr if is_error else sys.stdout
        if self._progress is not None and self._console is not None and stream.isatty():
            from rich.text import Text

            self._console.print(Text.from_ansi(text), soft_wrap=True)
        else:
            typer.echo(text, file=stream)

    def flush(self) -> None:
        """Bring what is written to its readers."""
        sys.stdout.flush()

    def _show(self, terminal: "Console", step: Step) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        counters = step.counters
        if self._progress is None or self._task is None:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self._progress = Progress(*columns, console=terminal, transient=True)
            self._task = self._progress.add_task("hosts", total=counters.total)
            self._progress.start()
        words = f"{step.status}, {counters.failed} failed" if counters.failed else step.status
        self._progress.update(self._task, completed=counters.total - counters.running, description=words)
