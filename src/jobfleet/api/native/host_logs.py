"""What one host of a step printed: by lines, searched, and as files."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import Id
from jobfleet.api.native.route import Call, Download, FieldError, Route, Wanted
from jobfleet.model.caller import Action
from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.log_search import SearchKind, Sought
from jobfleet.operations import log_files, log_search
from jobfleet.operations.host_log import Log, LogKey, Window, read_numbers, read_window

MAX_LINES = 10_000
MAX_NUMBERS = 500
MAX_FOUND = 10_000
_TASK = "/api/v1/jobs/{job_id}/steps/{step_id}/tasks/{task_id}"

LineNumber = Annotated[int, Meta(ge=-(2**53), le=2**53)]


class WantLines(Wanted, frozen=True):
    """Ask for lines of a host's log.

    They are `count` lines from line `from` on, counted from 1, or from the end when it is negative; or the lines with
    these `numbers`, in order and separated by commas.
    """

    job_id: Id
    step_id: Id
    task_id: Id
    first: LineNumber = msgspec.field(name="from", default=1)
    count: Annotated[int, Meta(ge=0, le=MAX_LINES)] = 1000
    numbers: Annotated[str, Meta(pattern=r"^([1-9]\d{0,14}(,[1-9]\d{0,14})*)?$", max_length=8000)] = ""


class LinePart(msgspec.Struct, frozen=True):
    """Say of a line of both streams which UTF-16 units are of which stream, in order; `line` is its place in `text`."""

    line: int
    stream: int
    units: int


class LineCut(msgspec.Struct, frozen=True):
    """Say how many bytes of a long line are left out at its end; `line` is its place in `text`."""

    line: int
    cut_bytes: int


class LinesAnswer(msgspec.Struct, frozen=True):
    """Show lines of a log as columns, and what the whole log is.

    `number` counts from 1; `stream` is 1 for standard output, 2 for standard error, 3 for both (see `parts`); `at` is
    when the line's first byte came (epoch ms, 0 when nobody knows). `after` is the number of stored bytes: when there
    are more, there is something new. `dropped_bytes` came and were not kept; `cut_on_host` says that the host kept no
    more than it may send. `failed`: the host did not end well. `gone_at` (epoch ms) is when the log was removed;
    `notice` is why the host printed nothing.
    """

    number: list[int]
    text: list[str]
    stream: list[int]
    at: list[int]
    parts: list[LinePart]
    cut: list[LineCut]
    total_lines: int
    size_bytes: int
    after: int
    dropped_bytes: int
    cut_on_host: bool
    finished: bool
    failed: bool
    gone_at: int | None
    notice: str


class SearchLog(Wanted, frozen=True):
    """Ask where a text, or what an expression of RE2 means, is in a host's log.

    The kind `error` looks for words that errors have and needs no `q`. Lines before `from` count, but are not listed.
    """

    job_id: Id
    step_id: Id
    task_id: Id
    q: Annotated[str, Meta(max_length=1000)] = ""
    kind: Literal["plain", "regex", "error"] = "plain"
    case: bool = False
    first: Annotated[int, Meta(ge=1, le=2**53)] = msgspec.field(name="from", default=1)
    limit: Annotated[int, Meta(ge=0, le=MAX_FOUND)] = 1000


class SearchAnswer(msgspec.Struct, frozen=True):
    """Show where it is: `matches` in `matching_lines` of `total_lines`, the lines by number, and the places in each.

    A place is the first UTF-16 unit and the one after the last; of one line at most 20 are told. `complete` is false
    when the search was ended because it took too long, after `searched_bytes`.
    """

    matches: int
    matching_lines: int
    total_lines: int
    lines: list[int]
    spans: list[tuple[tuple[int, int], ...]]
    complete: bool
    searched_bytes: int


class OneTask(Wanted, frozen=True):
    """Name a host of a step in one attempt, by its task."""

    job_id: Id
    step_id: Id
    task_id: Id


class WantArchive(Wanted, frozen=True):
    """Ask for the logs of all hosts of a step; without `attempt` of the latest."""

    job_id: Id
    step_id: Id
    attempt: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None


def key_of_task(wanted: WantLines | SearchLog | OneTask) -> LogKey:
    """Return what names a host's log."""
    return LogKey(wanted.job_id, wanted.step_id, wanted.task_id)


async def read_log_lines(call: Call, wanted: WantLines) -> LinesAnswer:
    """Show lines of a host's log."""
    key = key_of_task(wanted)
    if not wanted.numbers:
        log, windows = await read_window(call.platform, call.caller, key, wanted.first or 1, wanted.count)
        return _lines(log, windows)
    numbers = [int(text) for text in wanted.numbers.split(",")]
    if len(numbers) > MAX_NUMBERS or numbers != sorted(set(numbers)):
        raise FieldError("numbers", f"are more than {MAX_NUMBERS}, or not in order")
    return _lines(*await read_numbers(call.platform, call.caller, key, numbers))


def _lines(log: Log, windows: list[Window]) -> LinesAnswer:
    placed = [(window.first + at, line) for window in windows for at, line in enumerate(window.lines)]
    return LinesAnswer(
        number=[number for number, _ in placed],
        text=[line.text for _, line in placed],
        stream=[line.stream for _, line in placed],
        at=[line.at for _, line in placed],
        parts=[LinePart(place, *part) for place, (_, line) in enumerate(placed) for part in line.parts],
        cut=[LineCut(place, line.cut_bytes) for place, (_, line) in enumerate(placed) if line.cut_bytes],
        total_lines=log.total_lines,
        size_bytes=log.size_bytes,
        after=log.size_bytes,
        dropped_bytes=log.dropped_bytes,
        cut_on_host=log.is_cut,
        finished=log.finished,
        failed=log.failed,
        gone_at=log.gone_at,
        notice=log.notice,
    )


async def search_host_log(call: Call, wanted: SearchLog) -> SearchAnswer:
    """Search a host's log."""
    sought = Sought(SearchKind(wanted.kind), wanted.q, wanted.case)
    bounds = {"first": wanted.first, "limit": wanted.limit}
    try:
        found = await log_search.search_log(call.platform, call.caller, key_of_task(wanted), sought, **bounds)
    except IllegalParameterReasonError as error:
        raise FieldError(*error.arguments) from error
    return SearchAnswer(
        matches=found.matches,
        matching_lines=found.matching_lines,
        total_lines=found.total_lines,
        lines=[line.number for line in found.found],
        spans=[line.spans for line in found.found],
        complete=found.is_complete,
        searched_bytes=found.searched_bytes,
    )


async def log_as_it_is(call: Call, wanted: OneTask) -> Download:
    """Give a host's log byte by byte."""
    file = await log_files.log_file(call.platform, call.caller, key_of_task(wanted), is_plain=False)
    return Download(file.name, file.body)


async def log_plain(call: Call, wanted: OneTask) -> Download:
    """Give a host's log without what only a terminal understands."""
    file = await log_files.log_file(call.platform, call.caller, key_of_task(wanted), is_plain=True)
    return Download(file.name, file.body, "text/plain; charset=utf-8")


async def log_text(call: Call, wanted: OneTask) -> Download:
    """Give a host's log as a page of text."""
    file = await log_files.log_file(call.platform, call.caller, key_of_task(wanted), is_plain=True)
    return Download(file.name, file.body, "text/plain; charset=utf-8", shown=True)


async def all_logs(call: Call, wanted: WantArchive) -> Download:
    """Give the logs of all hosts of a step as an archive."""
    archive = await log_files.log_archive(call.platform, call.caller, wanted.job_id, wanted.step_id, wanted.attempt)
    return Download(archive.name, archive.body, "application/zip")


_VIEW = Action.VIEW_HISTORY

ROUTES = (
    Route("GET", f"{_TASK}/log", _VIEW, read_log_lines, WantLines, LinesAnswer, "Show lines of a host's log"),
    Route("GET", f"{_TASK}/log/search", _VIEW, search_host_log, SearchLog, SearchAnswer, "Search a host's log"),
    Route("GET", f"{_TASK}/log/raw", _VIEW, log_as_it_is, OneTask, bytes, "Give a host's log as it is"),
    Route("GET", f"{_TASK}/log/plain", _VIEW, log_plain, OneTask, bytes, "Give a host's log as plain text"),
    Route("GET", f"{_TASK}/log/text", _VIEW, log_text, OneTask, bytes, "Show a host's log as a page of text"),
    Route(
        "GET",
        "/api/v1/jobs/{job_id}/steps/{step_id}/logs.zip",
        _VIEW,
        all_logs,
        WantArchive,
        bytes,
        "Give the logs of all hosts of a step",
    ),
)
