"""Let containers of hosts be targets."""

from alembic import op

revision = "0011"
down_revision = "0010"

STATEMENTS = """
CREATE SEQUENCE container_id_seq;
CREATE TABLE container (
    id bigint PRIMARY KEY DEFAULT nextval('container_id_seq'),
    host_id bigint NOT NULL REFERENCES host (id) ON DELETE CASCADE,
    runtime text NOT NULL,
    namespace text NOT NULL,
    pod text NOT NULL,
    name text NOT NULL,
    uid text NOT NULL,
    labels jsonb NOT NULL,
    seen_at bigint NOT NULL,
    gone_at bigint,
    CONSTRAINT container_name UNIQUE (host_id, runtime, namespace, pod, name)
);

ALTER TABLE target ADD COLUMN container jsonb;
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
