"""Tags, and what has them."""

import sqlalchemy as sa

from jobfleet.store.tables.columns import Big, col, pk, serial, table

tags = table(
    "tag",
    serial(),
    col("scope_type", sa.Text),
    col("scope_id", Big),
    col("name", sa.Text),
    col("description", sa.Text),
    col("creator", sa.Text),
    col("created_at", Big),
    col("modifier", sa.Text),
    col("modified_at", Big),
)
"""`scope_type` is «public» and `scope_id` 0 for tags of public scripts."""

tag_links = table("tag_link", pk("tag_id"), pk("kind", sa.Text), pk("resource_id", sa.Text))
"""Which things have which tags; links go with their tag."""
