"""Keep what templates and plans need besides their steps."""

from alembic import op

revision = "0010"
down_revision = "0009"

STATEMENTS = """
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
