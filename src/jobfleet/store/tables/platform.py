"""What belongs to the whole platform besides its settings: keys that passwords travel under."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA

from jobfleet.store.tables.columns import Big, col, pk, table

password_keys = table(
    "password_key", pk("id"), col("public_key", sa.Text), col("private_key", BYTEA), col("created_at", Big)
)
"""`public_key` is Base64 of the DER form, `private_key` sealed for its id; the newest is the one to encrypt with."""
