"""Tables of what people keep for themselves, and of what they ask others for."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

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

start_requests = table(
    "start_request",
    serial(),
    *scoped(),
    col("kind", sa.Text),
    col("name", sa.Text),
    col("host_count", sa.Integer),
    col("reasons", JSONB),
    col("reason", sa.Text),
    col("digest", sa.Text),
    col("body", BYTEA),
    col("launch_mode", sa.SmallInteger),
    col("job_type", sa.SmallInteger),
    col("asked_by", sa.Text),
    col("asked_at", Big),
    col("expires_at", Big),
    col("state", sa.Text),
    col("decided_by", sa.Text),
    col("decided_at", Big, null=True),
    col("answer", sa.Text),
    col("job_id", Big, null=True),
)
"""`body` is sealed, and empty once the request is decided."""
