"""Keep the keys that passwords travel under, and what is said of white-listed hosts."""

from alembic import op

revision = "0014"
down_revision = "0013"

STATEMENTS = """
CREATE SEQUENCE password_key_id_seq;
CREATE TABLE password_key (
    id bigint PRIMARY KEY DEFAULT nextval('password_key_id_seq'),
    public_key text NOT NULL,
    private_key bytea NOT NULL,
    created_at bigint NOT NULL
);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
