"""Remember sessions, personal tokens, foreign identities and failed sign-ins."""

from alembic import op

revision = "0012"
down_revision = "0011"

STATEMENTS = """
ALTER TABLE app_user ADD COLUMN disabled_at bigint;

CREATE SEQUENCE access_token_id_seq;
ALTER TABLE access_token
    ADD COLUMN id bigint NOT NULL DEFAULT nextval('access_token_id_seq'),
    ADD COLUMN name text NOT NULL DEFAULT '',
    ADD COLUMN ceiling jsonb,
    ADD COLUMN used_at bigint,
    ADD COLUMN idle_ms bigint;
CREATE UNIQUE INDEX access_token_id ON access_token (id);
CREATE UNIQUE INDEX access_token_name ON access_token (user_name, name) WHERE kind = 'personal';
CREATE INDEX access_token_expires_at ON access_token (expires_at);

CREATE TABLE sign_in_failure (
    kind text NOT NULL,
    subject text NOT NULL,
    failures integer NOT NULL,
    last_at bigint NOT NULL,
    locked_until bigint NOT NULL,
    PRIMARY KEY (kind, subject)
);
CREATE INDEX sign_in_failure_last_at ON sign_in_failure (last_at);

CREATE TABLE foreign_identity (
    issuer text NOT NULL,
    subject text NOT NULL,
    user_name text NOT NULL REFERENCES app_user (name) ON DELETE CASCADE,
    linked_at bigint NOT NULL,
    used_at bigint,
    PRIMARY KEY (issuer, subject)
);
CREATE UNIQUE INDEX foreign_identity_user ON foreign_identity (issuer, user_name);
CREATE INDEX foreign_identity_user_name ON foreign_identity (user_name);
CREATE TABLE foreign_role (
    user_name text NOT NULL REFERENCES app_user (name) ON DELETE CASCADE,
    scope_type text NOT NULL,
    scope_id bigint NOT NULL,
    role text NOT NULL,
    PRIMARY KEY (user_name, scope_type, scope_id)
);
CREATE VIEW held_role AS
    SELECT user_name, scope_type, scope_id, role FROM role_binding
    UNION ALL SELECT user_name, scope_type, scope_id, role FROM foreign_role;

ALTER TABLE enrolment_token ADD COLUMN replaces boolean NOT NULL DEFAULT false;
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
