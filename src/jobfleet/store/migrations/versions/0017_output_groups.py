"""Keep hashes of outputs."""

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Change nothing yet."""
