"""Being written."""

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS = """
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
