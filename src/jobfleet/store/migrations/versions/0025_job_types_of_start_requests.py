"""Say of which type the job would be that somebody asks for: who is told of it is a matter of that."""

from alembic import op

revision = "0025"
down_revision = "0024"

STATEMENTS = """
ALTER TABLE start_request ADD COLUMN job_type smallint NOT NULL DEFAULT 1;
UPDATE start_request SET job_type = CASE kind WHEN 'plan' THEN 0 WHEN 'files' THEN 2 ELSE 1 END;
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
