"""Queries over agents as the engine sees them: when they were heard of."""

from collections.abc import Sequence

import msgspec

from jobfleet.model.order import Hello
from jobfleet.store.database import Transaction, raw


async def note_seen(tx: Transaction, hellos: Sequence[Hello], now: int) -> None:
    """Note that agents were heard of at `now` (epoch ms), with their version, boot and refused orders."""
    await (await raw(tx)).execute(
        """
        UPDATE agent a SET seen_at = $2, version = w.version, boot_id = w.boot_id, refused = w.refused::jsonb
        FROM unnest($1::bigint[], $3::text[], $4::text[], $5::text[]) AS w (host_id, version, boot_id, refused)
        WHERE a.host_id = w.host_id AND a.revoked_at IS NULL
        """,
        [hello.host_id for hello in hellos],
        now,
        [hello.version for hello in hellos],
        [hello.boot_id for hello in hellos],
        [msgspec.json.encode(hello.refused).decode() for hello in hellos],
    )
