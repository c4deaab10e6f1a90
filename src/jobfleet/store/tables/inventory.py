"""Where jobs run: scopes, hosts, groups, accounts, agents."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB

from jobfleet.store.tables.columns import Big, col, pk, serial, signed, table

businesses = table(
    "business",
    pk("id"),
    col("name", sa.Text),
    col("time_zone", sa.Text, null=True),
    col("archived", sa.Boolean),
)

business_sets = table(
    "business_set",
    pk("id"),
    col("name", sa.Text),
    col("time_zone", sa.Text, null=True),
    col("all_businesses", sa.Boolean),
    col("business_ids", ARRAY(Big)),
)

hosts = table(
    "host",
    serial(),
    col("business_id", Big),
    col("cloud_id", Big),
    col("cloud_name", sa.Text),
    col("ip", sa.Text, null=True),
    col("ipv6", sa.Text, null=True),
    col("name", sa.Text),
    col("os", sa.Text),
    col("tags", JSONB),
)

topology_nodes = table(
    "topology_node",
    sa.Column("type", sa.Text, primary_key=True),
    pk("id"),
    col("name", sa.Text),
    col("business_id", Big),
    col("parent_type", sa.Text, null=True),
    col("parent_id", Big, null=True),
    col("host_ids", ARRAY(Big)),
)

dynamic_groups = table(
    "dynamic_group",
    sa.Column("id", sa.Text, primary_key=True),
    col("name", sa.Text),
    col("business_id", Big),
    col("host_ids", ARRAY(Big), null=True),
    col("filter", JSONB(none_as_null=True), null=True),
)

accounts = table(
    "account",
    serial(),
    col("business_id", Big),
    col("scope_type", sa.Text),
    col("alias", sa.Text),
    col("account", sa.Text),
    col("category", sa.SmallInteger),
    col("type", sa.SmallInteger),
    col("password", sa.Text, null=True),
    col("port", sa.Integer, null=True),
    col("db_name", sa.Text),
    col("system_account_id", Big, null=True),
    col("description", sa.Text),
    *signed(),
)
"""`password` is sealed; `system_account_id` is the account that a database account's client runs as."""

host_whitelist = table(
    "host_whitelist",
    pk("host_id"),
    sa.Column("action", sa.Text, primary_key=True),
    col("all_scopes", sa.Boolean),
    col("business_ids", ARRAY(Big)),
)

agents = table(
    "agent",
    pk("host_id"),
    col("public_key", sa.Text),
    col("version", sa.Text),
    col("boot_id", sa.Text),
    col("enrolled_at", Big),
    col("seen_at", Big, null=True),
    col("revoked_at", Big, null=True),
    col("refused", JSONB),
)

revoked_keys = table(
    "revoked_key",
    sa.Column("public_key", sa.Text, primary_key=True),
    col("revoked_at", Big),
)
"""Public keys of agents that were cut off or replaced; never forgotten, as their identities do not expire."""

enrolment_tokens = table(
    "enrolment_token",
    sa.Column("hash", BYTEA, primary_key=True),
    col("business_id", Big, null=True),
    col("reusable", sa.Boolean),
    col("created_by", sa.Text),
    col("created_at", Big),
    col("expires_at", Big),
    col("used_at", Big, null=True),
    col("replaces", sa.Boolean),
)
