"""Queries over the hashes of outputs, by which hosts that printed alike are grouped."""

from collections.abc import Mapping, Sequence

from jobfleet.model.normal import Normal, Prints
from jobfleet.store.database import Transaction, raw
from jobfleet.store.tasks import Key


async def store(tx: Transaction, hashed: Mapping[Key, tuple[int, Prints]]) -> None:
    """Store the sizes and hashes of outputs; there must be a place for the output of their jobs."""
    if not hashed:
        return
    # In order of their keys, so that two servers that store the same rows wait for each other only one way round.
    rows = [(key, *hashed[key]) for key in sorted(hashed)]
    await (await raw(tx)).execute(
        """
        INSERT INTO output_hash (job_id, task_id, size_bytes, exact, times, numbers, address)
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bytea[], $6::bytea[],
                             $7::bytea[])
        ON CONFLICT (job_id, task_id) DO UPDATE SET size_bytes = excluded.size_bytes, exact = excluded.exact,
            times = excluded.times, numbers = excluded.numbers, address = excluded.address
        """,
        [key[0] for key, _, _ in rows],
        [key[1] for key, _, _ in rows],
        [size for _, size, _ in rows],
        [prints.exact for _, _, prints in rows],
        [prints.times for _, _, prints in rows],
        [prints.numbers for _, _, prints in rows],
        [prints.address for _, _, prints in rows],
    )


async def read(tx: Transaction, job_id: int, normal: Normal, sizes: Mapping[int, int]) -> dict[int, bytes]:
    """Return the hashes of outputs in a normal form by task id.

    Args:
        sizes: The sizes of the outputs that are asked for; a hash of another size is of an older state, and left out.
    """
    rows = await (await raw(tx)).fetch(
        f"SELECT task_id, size_bytes, {normal.value} FROM output_hash WHERE job_id = $1 AND task_id = ANY($2)",  # noqa: S608 - one of four names
        job_id,
        list(sizes),
    )
    return {row[0]: bytes(row[2]) for row in rows if row[1] == sizes[row[0]]}


async def addresses(tx: Transaction, host_ids: Sequence[int]) -> dict[int, tuple[bytes, ...]]:
    """Return the addresses of hosts by id."""
    rows = await (await raw(tx)).fetch("SELECT id, ip, ipv6 FROM host WHERE id = ANY($1)", list(host_ids))
    return {row[0]: tuple(text.encode() for text in row[1:] if text) for row in rows}
