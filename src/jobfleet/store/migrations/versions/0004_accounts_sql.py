"""Give accounts passwords, and database accounts what a client needs to reach the database."""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = """
ALTER TABLE account
    ADD COLUMN password text,
    ADD COLUMN port integer,
    ADD COLUMN db_name text NOT NULL DEFAULT '',
    ADD COLUMN system_account_id bigint REFERENCES account (id) DEFERRABLE INITIALLY DEFERRED,
    ADD COLUMN description text NOT NULL DEFAULT '',
    ADD COLUMN creator text NOT NULL DEFAULT '',
    ADD COLUMN created_at bigint NOT NULL DEFAULT (extract(epoch FROM now()) * 1000)::bigint,
    ADD COLUMN modifier text NOT NULL DEFAULT '',
    ADD COLUMN modified_at bigint NOT NULL DEFAULT (extract(epoch FROM now()) * 1000)::bigint;
CREATE INDEX account_linked ON account (system_account_id) WHERE system_account_id IS NOT NULL;
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
