"""Keep what the other pages of the console need."""

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Change nothing yet."""
