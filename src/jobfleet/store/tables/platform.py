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
