"""Who may do what, and who did: users, applications, roles, tokens, the audit trail."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

from jobfleet.store.tables.columns import Big, col, pk, serial, table

users = table(
    "app_user",
    sa.Column("name", sa.Text, primary_key=True),
    col("password_hash", sa.Text, null=True),
    col("platform_admin", sa.Boolean),
    col("language", sa.Text),
)

apps = table(
    "app",
    sa.Column("code", sa.Text, primary_key=True),
    col("secret_hash", sa.Text),
    col("trusted", sa.Boolean),
)

role_bindings = table(
    "role_binding",
    sa.Column("user_name", sa.Text, primary_key=True),
    sa.Column("scope_type", sa.Text, primary_key=True),
    pk("scope_id"),
    col("role", sa.Text),
)

access_tokens = table(
    "access_token",
    sa.Column("hash", BYTEA, primary_key=True),
    col("user_name", sa.Text),
    col("kind", sa.Text),
    col("created_at", Big),
    col("expires_at", Big),
)
"""Tokens of people, by SHA-256: kind is session (bk_token) or access (access_token and the CLI)."""

platform_settings = table(
    "platform_setting",
    sa.Column("name", sa.Text, primary_key=True),
    col("value", JSONB),
)
"""Declared values that belong to the whole platform, such as the gateway's public key."""

audit = table(
    "audit",
    serial(),
    col("at", Big),
    col("username", sa.Text),
    col("app_code", sa.Text),
    col("action", sa.Text),
    col("scope_type", sa.Text),
    col("scope_id", Big),
    col("subject", sa.Text),
    col("result", sa.Text),
)
