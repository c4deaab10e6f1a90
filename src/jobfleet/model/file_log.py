"""The records of files in logs: gathered from what agents told, each with its lines of text."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from jobfleet.model.definition import FileSource, FileSpec, host_sources
from jobfleet.model.file_news import LeftOut
from jobfleet.model.status import SUCCEEDED_TASK, UNFINISHED_TASK, TaskStatus
from jobfleet.model.target import Target
from jobfleet.model.transfer import Direction, FileStatus, Progress
from jobfleet.model.unreadable import UNREADABLE

_WORDS = {
    FileStatus.PULLING: "Pulling",
    FileStatus.WAITING: "Waiting",
    FileStatus.UPLOADING: "Uploading",
    FileStatus.DOWNLOADING: "Downloading",
    FileStatus.FINISHED: "Finished",
    FileStatus.FAILED: "Failed",
}
_UNITS = ("B", "KB", "MB", "GB", "TB")
_NOT_KEPT = "what was told of it is not kept"
_lines = msgspec.json.Decoder(Progress)
_counts = msgspec.json.Decoder(LeftOut)


class FileLog(msgspec.Struct, frozen=True):
    """Tell of one file on its way between two hosts.

    `source` is None for the server itself; `dest` and `target` are None for sending. `text` are the record's lines.
    `size` and `speed` are texts for people, "--" while they are not known; `process` is a percentage. `last` is what
    was told last, in numbers.
    """

    mode: Direction
    source: Target | None
    path: str
    dest: str | None
    target: Target | None
    status: FileStatus
    size: str
    speed: str
    process: str
    text: str
    last: Progress


class Told(msgspec.Struct, frozen=True):
    """Hold what one task told, and how it ended if it did without a word.

    `output` is what is kept of what it told; `is_kept` says whether that is all. `in_vain` says that it waits for
    files that cannot be had. `batch` counts from 1, 0 for a step that does not roll.
    """

    target: Target
    is_source: bool
    status: TaskStatus
    ended_at: int | None
    message: str
    output: bytes
    in_vain: bool = False
    batch: int = 0
    is_kept: bool = True


def file_logs(told: Told, spec: FileSpec, hosts: Mapping[int, Target], zone: str) -> list[FileLog]:
    """Return the records of one task; files that it told no end of wait, or ended as it did.

    What found no room in its output is one record more, at the end, that says how many files these are.

    Args:
        hosts: Source hosts by id.
        zone: IANA zone of the times in the text.

    Source: docs/reference/files.md, «Records».
    """
    in_zone = ZoneInfo(zone)
    return [_record(news, told, hosts, in_zone) for news in _news(told, spec)]


def last_news(told: Told, spec: FileSpec) -> list[Progress]:
    """Return what is known last of each file of one task: the records of `file_logs` without their text."""
    return [news[-1] for news in _news(told, spec)]


def _news(told: Told, spec: FileSpec) -> list[list[Progress]]:
    """Return what was told of each file, in order."""
    found: dict[tuple[int, str, str], list[Progress]] = {}
    for progress in _progress(told.output):
        found.setdefault((progress.source, progress.path, progress.dest), []).append(progress)
    rest = list(_rest(told, spec))
    unsaid = rest if found else [*_untold(told, spec), *rest]
    return [_ended(news, told) for news in found.values()] + [[one] for one in unsaid]


def _progress(output: bytes) -> Iterable[Progress]:
    for line in output.splitlines():
        try:
            yield _lines.decode(line)
        except UNREADABLE:  # the last line of an output that is still coming, or was cut
            continue


def _ended(news: list[Progress], told: Told) -> list[Progress]:
    """Return a record's news; what was on its way when its task ended has ended as the task did."""
    last = news[-1]
    if last.status in {FileStatus.FINISHED, FileStatus.FAILED} or told.status in UNFINISHED_TASK:
        return news
    at = told.ended_at or last.at
    if told.status in SUCCEEDED_TASK:
        return [*news, msgspec.structs.replace(last, at=at, status=FileStatus.FINISHED, done_bytes=last.size_bytes)]
    return [*news, msgspec.structs.replace(last, at=at, status=FileStatus.FAILED, message=told.message)]


def _rest(told: Told, spec: FileSpec) -> Iterator[Progress]:
    """Yield what stands for the files whose end found no room in the output."""
    counts = [count for line in told.output.splitlines() if (count := _count(line)) is not None]
    if not counts:
        return
    left = counts[-1]  # it grows
    message = f"{left.more_finished} finished and {left.more_failed} failed without a record: no room in the output"
    status = FileStatus.FAILED if left.more_failed else FileStatus.FINISHED
    yield msgspec.structs.replace(_blank(told, spec, status, message), path=f"({left.count} more)")


def _count(line: bytes) -> LeftOut | None:
    try:
        return _counts.decode(line)
    except UNREADABLE:
        return None


class _Unsaid(Progress, frozen=True):
    """Stand for what nobody told: sizes are not known."""


def _blank(told: Told, spec: FileSpec, status: FileStatus, message: str) -> Progress:
    mode = Direction.UPLOAD if told.is_source else Direction.DOWNLOAD
    source, dest = (told.target.host_id, "") if told.is_source else (0, spec.target_path)
    return _Unsaid(told.ended_at or 0, mode, source, "", dest, status, 0, message=message)


def _untold(told: Told, spec: FileSpec) -> Iterator[Progress]:
    """Yield a word for each path of the request, of a task that told nothing, or whose words are not kept any more."""
    status, message = _without_a_word(told)
    blank = _blank(told, spec, status, message)
    for source, host_id in _sources(told, spec):
        for item in source.items:
            yield msgspec.structs.replace(blank, source=host_id, path=source.shown(item))


def _without_a_word(told: Told) -> tuple[FileStatus, str]:
    if told.status in UNFINISHED_TASK and not told.in_vain:
        return FileStatus.WAITING, ""
    if told.status in SUCCEEDED_TASK:
        return FileStatus.FINISHED, _NOT_KEPT
    reason = told.message or told.status.name.lower().replace("_", " ")
    return FileStatus.FAILED, reason if told.is_kept else f"{reason} ({_NOT_KEPT})"


def _sources(told: Told, spec: FileSpec) -> list[tuple[FileSource, int]]:
    """Return (source, host id) that a task is about: its own, or for a target all."""
    if told.is_source:
        return [host_sources(spec)[-told.target.ordinal - 1]]
    meant = [source for source in spec.sources if source.batch in {0, told.batch}]
    return [(source, host_id) for source in meant for host_id in source.host_ids or (0,)]


def _record(news: list[Progress], told: Told, hosts: Mapping[int, Target], zone: ZoneInfo) -> FileLog:
    last = news[-1]
    is_upload = last.mode == Direction.UPLOAD
    return FileLog(
        mode=Direction(last.mode),
        source=hosts.get(last.source),
        path=last.path,
        dest=None if is_upload else last.dest,
        target=None if is_upload else told.target,
        status=FileStatus(last.status),
        size=_size(last),
        speed=_speed(last),
        process=_percent(last),
        text="".join(_line(one, zone) for one in news),
        last=last,
    )


def _line(one: Progress, zone: ZoneInfo) -> str:
    status = FileStatus(one.status)
    at = f"[{datetime.fromtimestamp(one.at / 1000, zone):%Y-%m-%d %H:%M:%S}] " if one.at else ""
    name = one.path if isinstance(one, _Unsaid) else one.dest or one.path
    detail = one.message if not one.error_code else f"{one.error_code} {one.message}"
    return (
        f"{at}FileName: {name} FileSize: {_size(one)} Status: {_WORDS[status].lower()} "
        f"StatusDesc: {_WORDS[status]} Speed: {_speed(one)} Progress: {_percent(one)} Detail: {detail or '--'}\n"
    )


def _size(one: Progress) -> str:
    if isinstance(one, _Unsaid) or (not one.size_bytes and one.status != FileStatus.FINISHED):
        return "--"
    size, unit = float(one.size_bytes), 0
    while size >= 1024 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.1f} {_UNITS[unit]}" if unit else f"{one.size_bytes} B"


def _speed(one: Progress) -> str:
    if isinstance(one, _Unsaid):
        return "--"
    return f"{one.speed_kib_s} KB/s" if one.done_bytes or one.status == FileStatus.FINISHED else "--"


def _percent(one: Progress) -> str:
    if one.status == FileStatus.FINISHED:
        return "100%"
    return f"{min(99, 100 * one.done_bytes // one.size_bytes)}%" if one.size_bytes else "0%"
