"""Let people choose their language, time zone and theme for every browser that they use."""

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.execute("ALTER TABLE app_user ADD own_language text, ADD own_zone text, ADD own_theme text")
