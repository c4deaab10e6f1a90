"""Keep what accounts and foreign hosts need."""

from alembic import op

revision = "0014"
down_revision = "0013"

STATEMENTS = """
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
