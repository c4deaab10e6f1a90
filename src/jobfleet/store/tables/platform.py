"""What belongs to the whole platform besides its settings: keys that passwords travel under, and the white list."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA

from jobfleet.store.tables.columns import Big, col, pk, serial, signed, table

password_keys = table(
    "password_key", pk("id"), col("public_key", sa.Text), col("private_key", BYTEA), col("created_at", Big)
)
"""`public_key` is Base64 of the DER form, `private_key` sealed for its id; the newest is the one to encrypt with."""

whitelist_records = table(
    "whitelist_record",
    serial(),
    col("host_ids", ARRAY(Big)),
    col("all_scopes", sa.Boolean),
    col("scopes", ARRAY(sa.Text)),
    col("actions", ARRAY(sa.Text)),
    col("remark", sa.Text),
    *signed(),
)
"""Hosts that scopes (texts such as `biz:2`) may use though they are another business's, beside what is declared."""

server_presences = table(
    "server_presence",
    sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
    col("host", sa.Text),
    col("role", sa.Text),
    col("version", sa.Text),
    col("started_at", Big),
    col("seen_at", Big),
    col("disk_free_bytes", Big),
    col("disk_total_bytes", Big),
)
"""The servers that run, each by its own word; `disk_…` is where it keeps files."""
