"""Tags, and what has them."""

import sqlalchemy as sa

from jobfleet.store.tables.columns import col, pk, scoped, serial, signed, table

tags = table(
    "tag",
    serial(),
    *scoped(),
    col("name", sa.Text),
    col("description", sa.Text),
    *signed(),
)
"""`scope_type` is «public» and `scope_id` 0 for tags of public scripts."""

tag_links = table("tag_link", pk("tag_id"), pk("kind", sa.Text), pk("resource_id", sa.Text))
"""Which things have which tags; links go with their tag."""
