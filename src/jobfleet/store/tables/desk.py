"""Tables of what people keep for themselves."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA

from jobfleet.store.tables.columns import Big, col, pk, scoped, serial, table

drafts = table(
    "draft",
    serial(),
    col("user_name", sa.Text),
    *scoped(),
    col("kind", sa.Text),
    col("title", sa.Text),
    col("content", BYTEA),
    col("modified_at", Big),
)
"""`content` is sealed for its user: a script that nobody ran yet may hold anything."""

kept_views = table(
    "kept_view",
    pk("user_name", sa.Text),
    pk("scope_type", sa.Text),
    pk("scope_id"),
    pk("page", sa.Text),
    pk("name", sa.Text),
    col("query", sa.Text),
    col("modified_at", Big),
)
"""Filters of a page under a name: `query` is what stands behind `?` in its address."""

favourites = table(
    "favourite",
    pk("user_name", sa.Text),
    pk("scope_type", sa.Text),
    pk("scope_id"),
    pk("kind", sa.Text),
    pk("thing", sa.Text),
    col("created_at", Big),
)
"""What somebody wants at hand: `thing` is the id of a plan, template, script or host."""
