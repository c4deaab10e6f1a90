"""Let steps distribute files: what sources offered, which contents a step may hand out, uploads."""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = """
ALTER TABLE task ADD COLUMN manifest text NOT NULL DEFAULT '';
ALTER TABLE task ADD COLUMN manifest_seal bytea NOT NULL DEFAULT '';
CREATE INDEX task_source ON task (job_id, step_id) WHERE ordinal < 0;

CREATE TABLE step_file (
    job_id bigint NOT NULL,
    step_id bigint NOT NULL,
    hash text NOT NULL,
    PRIMARY KEY (job_id, step_id, hash)
) PARTITION BY RANGE (job_id);

CREATE TABLE upload (
    path text PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE,
    scope_type text NOT NULL,
    scope_id bigint NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint,
    stored_at bigint,
    hash text NOT NULL DEFAULT '',
    size_bytes bigint NOT NULL DEFAULT 0
);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
