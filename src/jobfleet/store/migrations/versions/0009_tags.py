"""Tag scripts and templates."""

from alembic import op

revision = "0009"
down_revision = "0008"

STATEMENTS = """
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
