"""Count the lines of output, and keep hashes by which hosts that printed alike are grouped."""

from alembic import op

revision = "0017"
down_revision = "0016"

STATEMENTS = """
ALTER TABLE output_chunk ADD COLUMN newlines integer;

CREATE TABLE output_hash (
    job_id bigint NOT NULL,
    task_id bigint NOT NULL,
    size_bytes bigint NOT NULL,
    exact bytea NOT NULL,
    times bytea NOT NULL,
    numbers bytea NOT NULL,
    address bytea NOT NULL,
    PRIMARY KEY (job_id, task_id)
) PARTITION BY RANGE (job_id);
"""

PARTITIONS = """
DO $$
DECLARE part record;
BEGIN
    FOR part IN SELECT child.relname AS name, pg_get_expr(child.relpartbound, child.oid) AS bound
        FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid WHERE inhparent = 'output_chunk'::regclass
    LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF output_hash %s',
                       replace(part.name, 'output_chunk', 'output_hash'), part.bound);
    END LOOP;
END $$
"""
"""Jobs of before the change that still run find a place for the hashes of their output."""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
    op.execute(PARTITIONS)
