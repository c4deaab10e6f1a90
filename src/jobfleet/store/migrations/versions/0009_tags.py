"""Tag scripts and templates; find scripts by a part of their name and page through them quickly."""

from alembic import op

revision = "0009"
down_revision = "0008"

STATEMENTS = """
CREATE SEQUENCE tag_id_seq START 1000;
CREATE TABLE tag (
    id bigint PRIMARY KEY DEFAULT nextval('tag_id_seq'),
    scope_type text NOT NULL,
    scope_id bigint NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    creator text NOT NULL,
    created_at bigint NOT NULL,
    modifier text NOT NULL,
    modified_at bigint NOT NULL,
    UNIQUE (scope_type, scope_id, name)
);
CREATE TABLE tag_link (
    tag_id bigint NOT NULL REFERENCES tag (id) ON DELETE CASCADE,
    kind text NOT NULL,
    resource_id text NOT NULL,
    PRIMARY KEY (kind, resource_id, tag_id)
);
CREATE INDEX tag_link_tag ON tag_link (tag_id, kind, resource_id);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
