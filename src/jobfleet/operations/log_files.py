"""Hand out what hosts printed as files: of one host as it is or plain, of all hosts as an archive, part by part."""

import asyncio
import csv
import io
import zipfile
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import msgspec

from jobfleet.model.caller import Caller
from jobfleet.model.escapes import plain, plain_cut
from jobfleet.model.job import Step, StepType, Task
from jobfleet.operations.file_logs import read_received
from jobfleet.operations.host_log import LogKey, all_bytes, describe, open_log, stored_bytes
from jobfleet.operations.log_text import portions
from jobfleet.operations.platform import Platform
from jobfleet.operations.query import visible_step
from jobfleet.operations.watch import scope_of_job
from jobfleet.store import outputs, task_reads

MAX_HELD_BYTES = 4 * 2**20
"""An endless line is made plain in pieces of about this size; larger outputs go into an archive by parts."""


class LogFile(msgspec.Struct, frozen=True):
    """Give a file's name and its bytes, part by part."""

    name: str
    body: AsyncIterator[bytes]


async def log_file(platform: Platform, caller: Caller, key: LogKey, *, is_plain: bool) -> LogFile:
    """Return what a host printed, byte by byte, or plain: without what only a terminal understands.

    Raises:
        JobNotFoundError, StepNotFoundError, ForbiddenError: It is not there, or not for the caller.
    """
    async with platform.engine.db.begin() as tx:
        log, reader = await open_log(tx, platform, caller, key)
    body = all_bytes(platform, log, reader)
    name = f"{_stem(log.task)}.{'txt' if is_plain else 'log'}"
    return LogFile(name, _plain(body) if is_plain else body)


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def _plain(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    rest = b""
    async for part in body:
        rest += part
        cut = plain_cut(rest) or (len(rest) if len(rest) > MAX_HELD_BYTES else 0)
        if cut:
            yield await asyncio.to_thread(plain, rest[:cut])
            rest = rest[cut:]
    if rest:
        yield await asyncio.to_thread(plain, rest)


async def log_archive(platform: Platform, caller: Caller, job_id: int, step_id: int, attempt: int | None) -> LogFile:
    """Return what all hosts of a step printed as a zip, with an index of them; `attempt` None means the latest.

    Raises:
        JobNotFoundError, StepNotFoundError, ForbiddenError, UnsupportedOperationError: See `visible_step`.
    """
    scope = await scope_of_job(platform, caller, job_id)
    async with platform.engine.db.begin() as tx:
        _, step, info = await visible_step(tx, platform, caller, scope, job_id, step_id)
        chosen = step.attempt if attempt is None else attempt
        rows = await task_reads.list_of_attempt(tx, job_id, step_id, chosen)
    return LogFile(f"job-{job_id}-step-{step_id}.zip", _archive(platform, step, rows, info.time_zone or ""))


async def _archive(platform: Platform, step: Step, rows: Sequence[Task], zone: str) -> AsyncIterator[bytes]:
    sink = _Sink()
    names = _names(rows)
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for portion in portions(rows):
            if len(portion) == 1 and portion[0].output_bytes > MAX_HELD_BYTES:
                async for piece in _large(platform, step, portion[0], zone, archive, names[portion[0].id], sink):
                    yield piece
                continue
            texts = await _texts(platform, step, portion, zone)
            for task in portion:
                if task.id in texts:
                    await asyncio.to_thread(archive.writestr, _entry(names[task.id], task), texts[task.id])
                yield sink.taken()
        archive.writestr("index.csv", _index(rows, names))
    yield sink.taken()


async def _large(
    platform: Platform, step: Step, task: Task, zone: str, archive: zipfile.ZipFile, name: str, sink: "_Sink"
) -> AsyncIterator[bytes]:
    if step.type is StepType.FILE:
        texts = await _texts(platform, step, [task], zone)
        body = _once(texts.get(task.id, b""))
    else:
        async with platform.engine.db.begin() as tx:
            _, reader = await describe(tx, platform, step, task, None)
        body = stored_bytes(platform, task, [place.offset for place in reader.places])
    with archive.open(_entry(name, task), "w", force_zip64=True) as file:
        async for part in body:
            await asyncio.to_thread(file.write, part)
            yield sink.taken()


async def _texts(platform: Platform, step: Step, portion: Sequence[Task], zone: str) -> dict[int, bytes]:
    async with platform.engine.db.begin() as tx:
        if step.type is StepType.FILE:
            received = await read_received(tx, step, portion, zone)
            return {task_id: "".join(one.text for one in records).encode() for task_id, records in received.items()}
        found = await outputs.read(tx, step.job_id, [task.log_task_id for task in portion if task.output_bytes])
    joined = {task_id: b"".join(chunk.data for chunk in chunks) for task_id, chunks in found.items()}
    return {task.id: joined[task.log_task_id] for task in portion if task.log_task_id in joined}


class _Sink(io.RawIOBase):
    """Take what an archive writes, and give it away."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[bytes] = []

    def writable(self) -> bool:
        """Say that one can write here."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Take bytes."""
        self._held.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """Return what was written since the last call."""
        held, self._held = self._held, []
        return b"".join(held)


def _names(rows: Sequence[Task]) -> dict[int, str]:
    """Return names of files by task id; a host with several tasks has a number at the end of each."""
    seen: dict[str, int] = {}
    names = {}
    for task in rows:
        stem = _stem(task)
        seen[stem] = seen.get(stem, 0) + 1
        names[task.id] = f"{stem}.log" if seen[stem] == 1 else f"{stem}-{seen[stem]}.log"
    return names


def _stem(task: Task) -> str:
    target = task.target
    address = (target.ip or target.ipv6 or str(target.host_id)).replace(":", "_")
    return address if target.cloud_id == 0 else f"{target.cloud_id}_{address}"


def _entry(name: str, task: Task) -> zipfile.ZipInfo:
    at = datetime.fromtimestamp((task.ended_at or task.started_at or 0) / 1000, UTC)
    entry = zipfile.ZipInfo(name, (max(1980, at.year), at.month, at.day, at.hour, at.minute, at.second))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _index(rows: Sequence[Task], names: dict[int, str]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("file", "host_id", "cloud_id", "ip", "ipv6", "status", "exit_code", "total_ms", "output_bytes"))
    for task in rows:
        host = task.target
        told = (int(task.status), task.exit_code, task.total_ms, task.output_bytes)
        writer.writerow((names[task.id], host.host_id, host.cloud_id, host.ip, host.ipv6, *told))
    return text.getvalue()
