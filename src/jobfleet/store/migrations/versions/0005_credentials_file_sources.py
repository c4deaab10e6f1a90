"""Being written."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = """
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
