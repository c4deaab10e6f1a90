"""The containers that agents tell of."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from jobfleet.store.tables.columns import Big, col, serial, table

containers = table(
    "container",
    serial(),
    col("host_id", Big),
    col("runtime", sa.Text),
    col("namespace", sa.Text),
    col("pod", sa.Text),
    col("name", sa.Text),
    col("uid", sa.Text),
    col("labels", JSONB),
    col("seen_at", Big),
    col("gone_at", Big, null=True),
)
"""`gone_at`: when its host did not tell of it any more; one that comes back under its name has its old id."""
