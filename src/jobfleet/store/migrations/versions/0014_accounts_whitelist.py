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

CREATE SEQUENCE whitelist_record_id_seq;
CREATE TABLE whitelist_record (
    id bigint PRIMARY KEY DEFAULT nextval('whitelist_record_id_seq'),
    host_ids bigint[] NOT NULL,
    all_scopes boolean NOT NULL,
    scopes text[] NOT NULL,
    actions text[] NOT NULL,
    remark text NOT NULL,
    creator text NOT NULL,
    created_at bigint NOT NULL,
    modifier text NOT NULL,
    modified_at bigint NOT NULL
);
CREATE INDEX whitelist_record_hosts ON whitelist_record USING gin (host_ids);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
