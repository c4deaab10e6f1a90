"""Keep what the other services of the API need."""

from alembic import op

revision = "0015"
down_revision = "0014"

STATEMENTS = """
CREATE INDEX step_id ON step (id);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
