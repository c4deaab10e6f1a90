"""Chain the audit trail."""

from alembic import op

revision = "0013"
down_revision = "0012"

STATEMENTS = """
ALTER TABLE audit ADD COLUMN entry uuid NOT NULL DEFAULT gen_random_uuid();
ALTER TABLE audit ADD COLUMN access text NOT NULL DEFAULT '', ADD COLUMN source text NOT NULL DEFAULT '',
    ADD COLUMN resource_type text NOT NULL DEFAULT '', ADD COLUMN resource_id text NOT NULL DEFAULT '',
    ADD COLUMN resource_name text NOT NULL DEFAULT '', ADD COLUMN change text NOT NULL DEFAULT '',
    ADD COLUMN mac bytea NOT NULL DEFAULT '', ADD COLUMN seq bigint, ADD COLUMN link bytea;
CREATE UNIQUE INDEX audit_entry ON audit (entry);
CREATE UNIQUE INDEX audit_seq ON audit (seq) WHERE seq IS NOT NULL;
CREATE INDEX audit_unchained ON audit (id) WHERE seq IS NULL;
CREATE INDEX audit_scope ON audit (scope_type, scope_id, id);
CREATE INDEX audit_user ON audit (username, id);
CREATE TABLE audit_anchor (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1), seq bigint NOT NULL, link bytea NOT NULL, at bigint NOT NULL,
    mac bytea NOT NULL
)
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
