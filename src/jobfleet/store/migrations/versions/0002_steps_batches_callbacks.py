"""Let steps be of every kind and roll in batches; tell callers when jobs end."""

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

CREATE SEQUENCE callback_id_seq;
CREATE TABLE callback (
    id bigint PRIMARY KEY DEFAULT nextval('callback_id_seq'),
    job_id bigint NOT NULL,
    url text NOT NULL,
    outcome jsonb NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    due_at bigint,
    created_at bigint NOT NULL,
    ended_at bigint,
    delivered boolean NOT NULL DEFAULT false,
    reason text NOT NULL DEFAULT ''
);
CREATE INDEX callback_due ON callback (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX callback_ended ON callback (ended_at) WHERE ended_at IS NOT NULL;
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
