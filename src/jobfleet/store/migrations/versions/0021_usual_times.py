"""Find earlier runs of a script."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Say how long a script usually takes by its earlier runs, whatever started them."""
    op.execute(
        "CREATE INDEX step_of_script ON step ((definition->>'content_hash'), id) "
        "WHERE definition->>'content_hash' IS NOT NULL"
    )
