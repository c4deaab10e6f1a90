"""Queries over output: chunks in order, their bytes stored once by hash and compressed."""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec
import zstandard

from jobfleet.model.order import Segment
from jobfleet.store.database import Transaction, raw

_COMPRESSION_LEVEL = 1
_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="output")
"""Nobody else's: a disk that hangs holds the threads of files, and results of scripts are stored all the same."""

_marks = msgspec.msgpack.Decoder(list[tuple[int, int, int]])


class NewChunk(msgspec.Struct, frozen=True):
    """Carry output of a task that follows without a gap on what is stored."""

    job_id: int
    task_id: int
    offset: int
    segments: Sequence[Segment]


class StoredChunk(msgspec.Struct, frozen=True):
    """Show a stored chunk: bytes from `offset` on, with (stream, epoch ms, size) of each segment."""

    task_id: int
    offset: int
    data: bytes
    marks: Sequence[tuple[int, int, int]]


async def insert(tx: Transaction, chunks: Iterable[NewChunk], now: int) -> None:
    """Store chunks; equal bytes within a job are stored once."""
    rows, blobs = [], {}
    compressor = zstandard.ZstdCompressor(level=_COMPRESSION_LEVEL)
    for chunk in chunks:
        data = b"".join(segment.data for segment in chunk.segments)
        digest = hashlib.sha256(data).digest()
        marks = msgspec.msgpack.encode([(part.stream, part.at, len(part.data)) for part in chunk.segments])
        rows.append((chunk.job_id, chunk.task_id, chunk.offset, len(data), now, digest, marks, data.count(b"\n")))
        if (chunk.job_id, digest) not in blobs:
            blobs[chunk.job_id, digest] = compressor.compress(data)
    if rows:
        await _insert_blobs(tx, blobs)
        await _insert_chunks(tx, rows)


async def _insert_blobs(tx: Transaction, blobs: dict[tuple[int, bytes], bytes]) -> None:
    # In order of their keys, so that two servers that store the same blobs wait for each other only one way round.
    ordered = sorted(blobs)
    await (await raw(tx)).execute(
        """
        INSERT INTO output_blob (job_id, hash, data) SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[])
        ON CONFLICT DO NOTHING
        """,
        [key[0] for key in ordered],
        [key[1] for key in ordered],
        [blobs[key] for key in ordered],
    )


async def _insert_chunks(tx: Transaction, rows: list[tuple[int, int, int, int, int, bytes, bytes, int]]) -> None:
    columns = ("job_id", "task_id", "offset_bytes", "size_bytes", "stored_at", "hash", "segments", "newlines")
    await (await raw(tx)).copy_records_to_table("output_chunk", records=rows, columns=columns)


async def read(tx: Transaction, job_id: int, task_ids: Sequence[int]) -> dict[int, list[StoredChunk]]:
    """Return the whole output of tasks by task id, chunks in order; tasks without output are absent."""
    rows = await (await raw(tx)).fetch(
        """
        SELECT task_id, offset_bytes, hash, segments FROM output_chunk
        WHERE job_id = $1 AND task_id = ANY($2) ORDER BY task_id, offset_bytes
        """,
        job_id,
        list(task_ids),
    )
    blobs = await _read_blobs(tx, job_id, {bytes(row[2]) for row in rows})
    found: dict[int, list[StoredChunk]] = {}
    for row in rows:
        chunk = StoredChunk(row[0], row[1], blobs[bytes(row[2])], _marks.decode(row[3]))
        found.setdefault(row[0], []).append(chunk)
    return found


async def read_since(
    tx: Transaction, job_id: int, step_id: int, seen: dict[int, int], limit_bytes: int
) -> list[StoredChunk]:
    """Return chunks that start at or after what was seen (bytes by task id), oldest first.

    They are those of the tasks whose output belongs to the step's latest attempt.

    Args:
        limit_bytes: Stop after about this many bytes; at least one chunk is returned where there is any.
    """
    chosen = await _tasks_with_news(tx, job_id, step_id, seen, limit_bytes)
    if not chosen:
        return []
    rows = await (await raw(tx)).fetch(
        """
        SELECT task_id, offset_bytes, hash, segments, size_bytes FROM output_chunk
        WHERE job_id = $1 AND task_id = ANY($2) ORDER BY stored_at, task_id, offset_bytes
        """,
        job_id,
        chosen,
    )
    kept, size = [], 0
    for row in rows:
        if row[1] >= seen.get(row[0], 0) and size < limit_bytes:
            kept.append(row)
            size += row[4]
    blobs = await _read_blobs(tx, job_id, {bytes(row[2]) for row in kept})
    return [StoredChunk(row[0], row[1], blobs[bytes(row[2])], _marks.decode(row[3])) for row in kept]


async def _tasks_with_news(
    tx: Transaction, job_id: int, step_id: int, seen: dict[int, int], limit_bytes: int
) -> list[int]:
    """Return tasks of which more is stored than was seen, enough of them for about `limit_bytes`.

    Rows are put together here: the planner knows nothing yet of a job that has just begun, and a join of its
    10,000 tasks with themselves or with what was seen becomes a nested loop that takes a minute.
    """
    rows = await (await raw(tx)).fetch(
        "SELECT id, attempt, log_task_id, output_bytes FROM task WHERE job_id = $1 AND step_id = $2 AND ordinal >= 0",
        job_id,
        step_id,
    )
    latest = max((row[1] for row in rows), default=0)
    stored = {row[0]: row[3] for row in rows}
    chosen, size = [], 0
    for task_id in (row[2] for row in rows if row[1] == latest):
        news = stored.get(task_id, 0) - seen.get(task_id, 0)
        if news > 0 and size < limit_bytes:
            chosen.append(task_id)
            size += news
    return chosen


async def _read_blobs(tx: Transaction, job_id: int, hashes: set[bytes]) -> dict[bytes, bytes]:
    rows = await (await raw(tx)).fetch(
        "SELECT hash, data FROM output_blob WHERE job_id = $1 AND hash = ANY($2)", job_id, list(hashes)
    )
    found = [(bytes(row[0]), row[1]) for row in rows]
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _expanded, found)


def _expanded(rows: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    # In a thread of our own: a portion of 32 MiB would hold up everybody else for a tenth of a second.
    expander = zstandard.ZstdDecompressor()
    return {digest: expander.decompress(data) for digest, data in rows}
