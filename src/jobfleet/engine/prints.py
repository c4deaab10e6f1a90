"""Hash what hosts printed as their tasks end, so that hosts that printed alike can be told at once."""

from collections.abc import Collection, Mapping, Sequence

from jobfleet.model.job_id import DAY_MS, accepted_day_ms
from jobfleet.model.normal import Printer, Prints
from jobfleet.store import output_hashes, outputs, partitions
from jobfleet.store.database import Transaction
from jobfleet.store.outputs import NewChunk
from jobfleet.store.tasks import Key, TaskState

HASHED_AT_ONCE_BYTES = 256 * 1024
"""A larger output is hashed when somebody first asks: its end must not keep other hosts' results waiting."""

SURE_MS = 2 * DAY_MS
"""So long after the begin of its day there is a place for a job's output, however short the window for output."""


async def without_place(tx: Transaction, job_ids: Collection[int], now: int) -> set[int]:
    """Return those of the jobs whose span of output is dropped: retried after long, or running for very long."""
    old = {job_id for job_id in job_ids if now - accepted_day_ms(job_id) > SURE_MS}
    return await partitions.list_without_output(tx, old) if old else set()


async def store_prints(
    tx: Transaction, ended: Mapping[Key, TaskState], new_chunks: Sequence[NewChunk], now: int
) -> None:
    """Hash the outputs of tasks that end now; `new_chunks` are stored already.

    Source: docs/reference/output-groups.md.
    """
    meant = {key: state for key, state in ended.items() if 0 < state.output_bytes <= HASHED_AT_ONCE_BYTES}
    if not meant:
        return
    gone = await without_place(tx, {key[0] for key in meant}, now)
    meant = {key: state for key, state in meant.items() if key[0] not in gone}
    contents = await _contents(tx, meant, new_chunks)
    known = await output_hashes.addresses(tx, sorted({state.host_id for state in meant.values()}))
    printer, hashed = Printer(), dict[Key, tuple[int, Prints]]()
    for key, data in contents.items():
        if len(data) == meant[key].output_bytes:
            hashed[key] = len(data), printer.prints(data, known.get(meant[key].host_id, ()))
    await output_hashes.store(tx, hashed)


async def _contents(
    tx: Transaction, meant: Mapping[Key, TaskState], new_chunks: Sequence[NewChunk]
) -> dict[Key, bytes]:
    """Return whole outputs: those that came with this very report, and others from the record."""
    fresh: dict[Key, list[NewChunk]] = {}
    for chunk in new_chunks:
        fresh.setdefault((chunk.job_id, chunk.task_id), []).append(chunk)
    found, stored = {}, dict[int, list[int]]()
    for key in meant:
        own = fresh.get(key, [])
        if own and own[0].offset == 0:
            found[key] = b"".join(segment.data for chunk in own for segment in chunk.segments)
        else:
            stored.setdefault(key[0], []).append(key[1])
    for job_id, task_ids in stored.items():
        for task_id, chunks in (await outputs.read(tx, job_id, task_ids)).items():
            found[job_id, task_id] = b"".join(chunk.data for chunk in chunks)
    return found
