"""Where the output of a followed job goes: to the screen line by line, or kept until the end."""

import sys
from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from jobfleet.cli.http import Api
from jobfleet.cli.lines import STDERR, Line, Lines
from jobfleet.cli.output import as_shown, console, host_name, style
from jobfleet.cli.texts import harmless
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
            self._write(self._lines.take(chunk))

    def close(self) -> None:
        """Write last lines that have no end."""
        self._write(self._lines.rest())

    def _write(self, lines: Iterable[Line]) -> None:
        for stream, members in groupby(lines, key=lambda line: line.stream):
            is_error = stream == STDERR
            to = sys.stderr if is_error else sys.stdout
            has_colour = to.isatty()
            texts = [
                f"{self._prefix(line.task_id, has_colour=has_colour)} {as_shown(line.text, to)}\n" for line in members
            ]
            self._bar.write("".join(texts), is_error=is_error)

    def _prefix(self, task_id: int, *, has_colour: bool) -> str:
        if task_id not in self._names:
            self._learn_names(task_id)
        prefix = f"{self._names[task_id]} |"
        return style(prefix, colour=_COLOURS[task_id % len(_COLOURS)]) if has_colour else prefix

    def _learn_names(self, task_id: int) -> None:
        """Ask for the hosts of all tasks, and give their names one width."""
        answer = self._api.get(f"/api/v1/jobs/{self._job_id}", JobAnswer, tasks=True)
        known = {task.log_task_id: harmless(host_name(task.host)) for task in answer.tasks}
        names = {task_id: f"task {task_id}"} | known
        width = max(map(len, names.values()))
        self._names |= {each: name.ljust(width) for each, name in names.items()}


class Waits:
    """Say for whom a job waits, once for each of its steps."""

    def __init__(self, bar: "Bar") -> None:
        self._bar = bar
        self._told = 0

    def take(self, news: Followed) -> None:
        """Say that the job waits for a person."""
        job = news.job
        if job.status == "waiting" and job.current_step_id != self._told:
            self._told = job.current_step_id
            steer = f"`jobfleet job confirm {job.id}`, `jobfleet job reject {job.id}`"
            self._bar.write(f"job {job.id} waits for a person: {steer}\n", is_error=True)

    def close(self) -> None:
        """Do nothing more."""


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
        """Write whole lines above the bar; where a stream is no terminal, they go there undisturbed."""
        stream = sys.stderr if is_error else sys.stdout
        if self._progress is not None and self._console is not None and stream.isatty():
            from rich.text import Text

            self._console.print(Text.from_ansi(text), soft_wrap=True)
        else:
            stream.write(text)
            stream.flush()

    def _show(self, terminal: "Console", step: Step) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        counters = step.counters
        if self._progress is None or self._task is None:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self._progress = Progress(*columns, console=terminal, transient=True)
            self._task = self._progress.add_task("hosts", total=counters.total)
            self._progress.start()
        words = f"{step.status}, {counters.failed} failed" if counters.failed else step.status
        self._progress.update(self._task, completed=counters.done, description=words)
