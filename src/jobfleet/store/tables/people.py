"""Who may do what, and who did: users, applications, roles, tokens, the audit trail."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB

from jobfleet.store.tables.columns import Big, col, pk, scoped, serial, table

users = table(
    "app_user",
    sa.Column("name", sa.Text, primary_key=True),
    col("password_hash", sa.Text, null=True),
    col("platform_admin", sa.Boolean),
    col("language", sa.Text),
    col("disabled_at", Big, null=True),
    col("own_language", sa.Text, null=True),
    col("own_zone", sa.Text, null=True),
    col("own_theme", sa.Text, null=True),
)
"""`language` is what administrators say; `own_…` is what the person chose, null until then."""

apps = table(
    "app",
    sa.Column("code", sa.Text, primary_key=True),
    col("secret_hash", sa.Text),
    col("trusted", sa.Boolean),
    col("description", sa.Text),
    col("scopes", ARRAY(sa.Text)),
    col("rate_per_s", sa.Integer, null=True),
    col("creator", sa.Text),
    col("created_at", Big, null=True),
    col("secret_at", Big, null=True),
    col("disabled_at", Big, null=True),
    col("used_at", Big, null=True),
)
"""`scopes`: texts such as `biz:2` that the application is kept to, none for all; `rate_per_s` is its own, null for
everybody's."""

role_bindings = table(
    "role_binding",
    sa.Column("user_name", sa.Text, primary_key=True),
    sa.Column("scope_type", sa.Text, primary_key=True),
    pk("scope_id"),
    col("role", sa.Text),
)

held_roles = table(
    "held_role",
    sa.Column("user_name", sa.Text, primary_key=True),
    sa.Column("scope_type", sa.Text, primary_key=True),
    pk("scope_id"),
    col("role", sa.Text),
)
"""A view: the roles bound here, and those that an identity provider gave."""

access_tokens = table(
    "access_token",
    sa.Column("hash", BYTEA, primary_key=True),
    col("user_name", sa.Text),
    col("kind", sa.Text),
    col("created_at", Big),
    col("expires_at", Big),
    sa.Column("id", Big, nullable=False, server_default=sa.FetchedValue()),
    col("name", sa.Text),
    col("ceiling", JSONB(none_as_null=True), null=True),
    col("used_at", Big, null=True),
    col("idle_ms", Big, null=True),
)
"""Tokens of people, by SHA-256: of sessions, of sign-ins by password, and personal ones with a name and a ceiling."""

sign_in_failures = table(
    "sign_in_failure",
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    col("failures", sa.Integer),
    col("last_at", Big),
    col("locked_until", Big),
)
"""Failed sign-ins of late, by user name and by source address."""

foreign_identities = table(
    "foreign_identity",
    sa.Column("issuer", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    col("user_name", sa.Text),
    col("linked_at", Big),
    col("used_at", Big, null=True),
)
foreign_roles = table(
    "foreign_role",
    sa.Column("user_name", sa.Text, primary_key=True),
    sa.Column("scope_type", sa.Text, primary_key=True),
    pk("scope_id"),
    col("role", sa.Text),
)
"""Who an identity provider says that our users are, and the roles that their groups there give them."""

platform_settings = table(
    "platform_setting",
    sa.Column("name", sa.Text, primary_key=True),
    col("value", JSONB),
    col("modifier", sa.Text, null=True),
    col("modified_at", Big, null=True),
)
"""Declared values that belong to the whole platform, such as the gateway's public key."""

audit = table(
    "audit",
    serial(),
    col("at", Big),
    col("username", sa.Text),
    col("app_code", sa.Text),
    col("action", sa.Text),
    *scoped(),
    col("subject", sa.Text),
    col("result", sa.Text),
    col("entry", sa.Uuid(as_uuid=False)),
    col("access", sa.Text),
    col("source", sa.Text),
    col("resource_type", sa.Text),
    col("resource_id", sa.Text),
    col("resource_name", sa.Text),
    col("change", sa.Text),
    col("mac", BYTEA),
    col("seq", Big, null=True),
    col("link", BYTEA, null=True),
)
"""`mac` proves what a row says, `link` its place `seq` among the others; see docs/reference/audit.md."""

audit_anchor = table(
    "audit_anchor",
    sa.Column("id", sa.SmallInteger, primary_key=True, server_default=sa.FetchedValue()),
    col("seq", Big),
    col("link", BYTEA),
    col("at", Big),
    col("mac", BYTEA),
)
"""One row at most: the last place of the trail that was forgotten when its time was over."""

audit_verdicts = table(
    "audit_verdict",
    sa.Column("id", sa.SmallInteger, primary_key=True, server_default=sa.FetchedValue()),
    col("at", Big),
    col("username", sa.Text),
    col("row_count", Big),
    col("breaks", ARRAY(sa.Text)),
)
"""One row at most: what was found when somebody last looked at the whole trail."""
