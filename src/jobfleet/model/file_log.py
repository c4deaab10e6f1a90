"""The records of files in logs: gathered from what agents told, each with its lines of text."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from jobfleet.model.definition import FileSource, FileSpec, host_sources
from jobfleet.model.status import UNFINISHED_TASK, TaskStatus
from jobfleet.model.target import Target
from jobfleet.model.transfer import Direction, FileStatus, Progress

_WORDS = {
    FileStatus.PULLING: "Pulling",
    FileStatus.WAITING: "Waiting",
    FileStatus.UPLOADING: "Uploading",
    FileStatus.DOWNLOADING: "Downloading",
    FileStatus.FINISHED: "Finished",
    FileStatus.FAILED: "Failed",
}
_UNITS = ("B", "KB", "MB", "GB", "TB")
_lines = msgspec.json.Decoder(Progress)


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

    `in_vain` says that it waits for files that cannot be had. `batch` counts from 1, 0 for a step that does not roll.
    """

    target: Target
    is_source: bool
    status: TaskStatus
    ended_at: int | None
    message: str
    output: bytes
    in_vain: bool = False
    batch: int = 0


def file_logs(told: Told, spec: FileSpec, hosts: Mapping[int, Target], zone: str) -> list[FileLog]:
    """Return the records of one task; files that it told nothing of wait, or failed with it.

    Args:
        hosts: Source hosts by id.
        zone: IANA zone of the times in the text.

    Source: docs/reference/files.md, «Records».
    """
    found: dict[tuple[int, str, str], list[Progress]] = {}
    for progress in _progress(told.output):
        found.setdefault((progress.source, progress.path, progress.dest), []).append(progress)
    records = [_ended(list(news), told) for news in found.values()] or list(_untold(told, spec))
    return [_record(news, told, hosts, ZoneInfo(zone)) for news in records]


def _progress(output: bytes) -> Iterable[Progress]:
    for line in output.splitlines():
        try:
            yield _lines.decode(line)
        except msgspec.MsgspecError:  # the last line of an output that is still coming, or was cut
            continue


def _ended(news: list[Progress], told: Told) -> list[Progress]:
    """Return a record's news; what was on its way when its task ended has failed with it."""
    last = news[-1]
    if last.status in {FileStatus.FINISHED, FileStatus.FAILED} or told.status in UNFINISHED_TASK:
        return news
    at = told.ended_at or last.at
    return [*news, msgspec.structs.replace(last, at=at, status=FileStatus.FAILED, message=told.message)]


def _untold(told: Told, spec: FileSpec) -> Iterable[list[Progress]]:
    is_open = told.status in UNFINISHED_TASK and not told.in_vain
    status = FileStatus.WAITING if is_open else FileStatus.FAILED
    mode = Direction.UPLOAD if told.is_source else Direction.DOWNLOAD
    dest = "" if told.is_source else spec.target_path
    message = "" if is_open else told.message or told.status.name.lower().replace("_", " ")
    for source, host_id in _sources(told, spec):
        for item in source.items:
            yield [Progress(told.ended_at or 0, mode, host_id, source.shown(item), dest, status, 0, message=message)]


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
    detail = one.message if not one.error_code else f"{one.error_code} {one.message}"
    return (
        f"{at}FileName: {one.dest or one.path} FileSize: {_size(one)} Status: {_WORDS[status].lower()} "
        f"StatusDesc: {_WORDS[status]} Speed: {_speed(one)} Progress: {_percent(one)} Detail: {detail or '--'}\n"
    )


def _size(one: Progress) -> str:
    if not one.size_bytes and one.status != FileStatus.FINISHED:
        return "--"
    size, unit = float(one.size_bytes), 0
    while size >= 1024 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.1f} {_UNITS[unit]}" if unit else f"{one.size_bytes} B"


def _speed(one: Progress) -> str:
    return f"{one.speed_kib_s} KB/s" if one.done_bytes or one.status == FileStatus.FINISHED else "--"


def _percent(one: Progress) -> str:
    if one.status == FileStatus.FINISHED:
        return "100%"
    return f"{min(99, 100 * one.done_bytes // one.size_bytes)}%" if one.size_bytes else "0%"
