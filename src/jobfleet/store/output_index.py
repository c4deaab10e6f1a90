"""Queries over one task's output by its parts: where its lines are, and the parts that a reader asks for."""

from collections.abc import Sequence

import msgspec
import zstandard

from jobfleet.store.database import Transaction, raw

_marks = msgspec.msgpack.Decoder(list[tuple[int, int, int]])
COUNTED_AT_ONCE = 64


class Place(msgspec.Struct, frozen=True):
    """Say where a chunk of output is, and how many line ends it has."""

    offset: int
    size_bytes: int
    newlines: int


class Part(msgspec.Struct, frozen=True):
    """Hold a chunk's bytes, with (stream, epoch ms, size) of each segment."""

    offset: int
    data: bytes
    marks: Sequence[tuple[int, int, int]]


async def list_places(tx: Transaction, job_id: int, task_id: int) -> list[Place]:
    """Return where a task's output is, in order.

    Chunks that an older version stored are counted now, and the count is kept.
    """
    rows = await (await raw(tx)).fetch(
        """
        SELECT offset_bytes, size_bytes, newlines FROM output_chunk
        WHERE job_id = $1 AND task_id = $2 ORDER BY offset_bytes
        """,
        job_id,
        task_id,
    )
    if uncounted := [row[0] for row in rows if row[2] is None]:
        counted = await _count(tx, job_id, task_id, uncounted)
        return [Place(row[0], row[1], counted.get(row[0], row[2])) for row in rows]
    return [Place(row[0], row[1], row[2]) for row in rows]


async def _count(tx: Transaction, job_id: int, task_id: int, offsets: Sequence[int]) -> dict[int, int]:
    counted: dict[int, int] = {}
    for first in range(0, len(offsets), COUNTED_AT_ONCE):
        parts = await read_parts(tx, job_id, task_id, offsets[first : first + COUNTED_AT_ONCE])
        counted |= {part.offset: part.data.count(b"\n") for part in parts}
    await (await raw(tx)).execute(
        """
        UPDATE output_chunk c SET newlines = w.newlines
        FROM unnest($3::bigint[], $4::integer[]) AS w (offset_bytes, newlines)
        WHERE c.job_id = $1 AND c.task_id = $2 AND c.offset_bytes = w.offset_bytes
        """,
        job_id,
        task_id,
        list(counted),
        list(counted.values()),
    )
    return counted


async def read_parts(tx: Transaction, job_id: int, task_id: int, offsets: Sequence[int]) -> list[Part]:
    """Return the chunks of a task's output that begin at these offsets, in order."""
    rows = await (await raw(tx)).fetch(
        """
        SELECT c.offset_bytes, c.segments, b.data FROM output_chunk c
        JOIN output_blob b ON b.job_id = c.job_id AND b.hash = c.hash
        WHERE c.job_id = $1 AND c.task_id = $2 AND c.offset_bytes = ANY($3) ORDER BY c.offset_bytes
        """,
        job_id,
        task_id,
        list(offsets),
    )
    expander = zstandard.ZstdDecompressor()
    return [Part(row[0], expander.decompress(row[2]), _marks.decode(row[1])) for row in rows]


async def read_tails(tx: Transaction, job_id: int, task_ids: Sequence[int]) -> dict[int, bytes]:
    """Return the last chunk of each task's output; tasks without output are absent."""
    rows = await (await raw(tx)).fetch(
        """
        SELECT w.task_id, b.data FROM unnest($2::bigint[]) AS w (task_id)
        CROSS JOIN LATERAL (
            SELECT hash FROM output_chunk WHERE job_id = $1 AND task_id = w.task_id
            ORDER BY offset_bytes DESC LIMIT 1) c
        JOIN output_blob b ON b.job_id = $1 AND b.hash = c.hash
        """,
        job_id,
        list(task_ids),
    )
    expander = zstandard.ZstdDecompressor()
    return {row[0]: expander.decompress(row[1]) for row in rows}
