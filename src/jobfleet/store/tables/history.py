"""Tables that keep the history of jobs quick to page through."""

import sqlalchemy as sa

from jobfleet.store.tables.columns import Big, col, pk, table

history_days = table("history_day", pk("day"))
"""The days, counted since the epoch, whose jobs are counted in `history_count`: they are over, no job joins them."""

history_counts = table(
    "history_count",
    pk("scope_type", sa.Text),
    pk("scope_id"),
    pk("day"),
    pk("operator", sa.Text),
    pk("type", sa.SmallInteger),
    pk("launch_mode", sa.SmallInteger),
    pk("app_code", sa.Text),
    col("jobs", Big),
)
"""How many jobs were accepted on a day, by what never changes of them."""

history_names = table(
    "history_name",
    pk("scope_type", sa.Text),
    pk("scope_id"),
    pk("name", sa.Text),
    col("last_day", Big),
)
"""Each name that a job of a counted day has, and the last such day."""
