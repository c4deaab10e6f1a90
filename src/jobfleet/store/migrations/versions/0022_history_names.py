"""Keep the names of past jobs, so that a text in a name is looked for in names and not in jobs."""

from alembic import op

from jobfleet.model.job_id import FIRST_DAY, JOBS_A_DAY

revision = "0022"
down_revision = "0021"

STATEMENTS = f"""
CREATE TABLE history_name (
    scope_type text NOT NULL,
    scope_id bigint NOT NULL,
    name text NOT NULL,
    last_day bigint NOT NULL,
    name_parts text[] GENERATED ALWAYS AS (name_parts(name)) STORED,
    PRIMARY KEY (scope_type, scope_id, name)
);
INSERT INTO history_name (scope_type, scope_id, name, last_day)
SELECT scope_type, scope_id, name, max(id / {JOBS_A_DAY}) + {FIRST_DAY} FROM job
WHERE id / {JOBS_A_DAY} + {FIRST_DAY} IN (SELECT day FROM history_day)
GROUP BY scope_type, scope_id, name;
CREATE INDEX history_name_parts ON history_name USING gin (name_parts);
CREATE INDEX job_of_name ON job (scope_type, scope_id, name)
"""  # noqa: S608 (our own numbers)


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        op.execute(statement)
