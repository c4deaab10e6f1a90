"""Being written."""

from alembic import op

revision = "0008"
down_revision = "0007"

STATEMENTS = """
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
