"""Tables of who hears of jobs."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from jobfleet.store.tables.columns import Big, col, pk, table

notification_policies = table(
    "notification_policy",
    pk("scope_type", sa.Text),
    pk("scope_id"),
    pk("user_name", sa.Text),
    col("policies", JSONB),
    col("modifier", sa.Text),
    col("modified_at", Big),
)
"""`user_name` is "" for the policies of the scope itself."""

notification_mutes = table(
    "notification_mute",
    pk("user_name", sa.Text),
    col("modifier", sa.Text),
    col("modified_at", Big),
)
"""People who are sent no mail."""
