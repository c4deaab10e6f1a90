"""Let steps be of every kind and roll in batches."""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = """
ALTER TABLE step RENAME COLUMN script TO definition;
UPDATE step SET definition = definition || '{"type": "script"}';
ALTER TABLE step ALTER COLUMN definition SET NOT NULL;
ALTER TABLE step ADD COLUMN rolling jsonb;
ALTER TABLE step ADD COLUMN batch_count integer NOT NULL DEFAULT 0;

CREATE TABLE batch (
    job_id bigint NOT NULL,
    step_id bigint NOT NULL,
    attempt integer NOT NULL,
    number integer NOT NULL,
    status smallint NOT NULL,
    size integer NOT NULL,
    start_at bigint,
    started_at bigint,
    ended_at bigint,
    total_ms bigint,
    PRIMARY KEY (job_id, step_id, attempt, number)
) PARTITION BY RANGE (job_id);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
