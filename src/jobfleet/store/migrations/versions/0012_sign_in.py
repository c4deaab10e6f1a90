"""Remember sessions, personal tokens, foreign identities and failed sign-ins."""

from alembic import op

revision = "0012"
down_revision = "0011"

STATEMENTS = """
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
