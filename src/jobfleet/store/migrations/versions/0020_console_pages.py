"""Keep what the console's pages on assets, governance and the platform need."""

from alembic import op

revision = "0020"
down_revision = "0019"

GOVERNANCE = """
ALTER TABLE app ADD COLUMN description text NOT NULL DEFAULT '';
ALTER TABLE app ADD COLUMN scopes text[] NOT NULL DEFAULT '{}';
ALTER TABLE app ADD COLUMN rate_per_s integer;
ALTER TABLE app ADD COLUMN creator text NOT NULL DEFAULT '';
ALTER TABLE app ADD COLUMN created_at bigint;
ALTER TABLE app ADD COLUMN secret_at bigint;
ALTER TABLE app ADD COLUMN disabled_at bigint;
ALTER TABLE app ADD COLUMN used_at bigint;

ALTER TABLE platform_setting ADD COLUMN modifier text;
ALTER TABLE platform_setting ADD COLUMN modified_at bigint;

CREATE TABLE audit_verdict (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    at bigint NOT NULL,
    username text NOT NULL,
    row_count bigint NOT NULL,
    breaks text[] NOT NULL
);

CREATE TABLE server_presence (
    id uuid PRIMARY KEY,
    host text NOT NULL,
    role text NOT NULL,
    version text NOT NULL,
    started_at bigint NOT NULL,
    seen_at bigint NOT NULL,
    disk_free_bytes bigint NOT NULL,
    disk_total_bytes bigint NOT NULL
);
"""


def upgrade() -> None:
    for statement in GOVERNANCE.split(";\n"):
        if statement.strip():
            op.execute(statement)
