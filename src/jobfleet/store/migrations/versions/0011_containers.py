"""Let containers of hosts be targets."""

from alembic import op

revision = "0011"
down_revision = "0010"

STATEMENTS = """
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
