"""Count the days of the history by application, too, and find an application's jobs by an index."""

from alembic import op

revision = "0026"
down_revision = "0025"

# The days are counted again: housekeeping begins with it as soon as a server is up, and until it is through they are
# walked through as those are that nobody has counted yet.
STATEMENTS = """
DELETE FROM history_day;
DELETE FROM history_count;
ALTER TABLE history_count DROP CONSTRAINT history_count_pkey;
ALTER TABLE history_count ADD COLUMN app_code text NOT NULL;
ALTER TABLE history_count ADD PRIMARY KEY (scope_type, scope_id, day, operator, type, launch_mode, app_code);
CREATE INDEX job_newest_of_app ON job (scope_type, scope_id, app_code, created_at DESC, id DESC) WHERE app_code <> '';
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
