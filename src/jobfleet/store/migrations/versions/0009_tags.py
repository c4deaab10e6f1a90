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

ALTER TABLE script ADD COLUMN online_version_id bigint;
UPDATE script SET online_version_id = (SELECT id FROM script_version WHERE script_id = script.id AND state = 1);
CREATE INDEX script_online_newest ON script (scope_type, scope_id, created_at DESC, id)
    WHERE online_version_id IS NOT NULL;
"""
NAME_PARTS = """
CREATE FUNCTION name_parts(name text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    parts text[] := '{}';
    lowered text := lower(name);
BEGIN
    FOR place IN 1 .. char_length(lowered) - 1 LOOP
        parts := parts || substr(lowered, place, 2) || substr(lowered, place, 3);
    END LOOP;
    RETURN parts;
END $$
"""
"""Every two and three letters of a name that stand together: PostgreSQL's own extension for that is not everywhere."""

PARTS_OF_NAMES = """
ALTER TABLE script ADD COLUMN name_parts text[] GENERATED ALWAYS AS (name_parts(name)) STORED;
CREATE INDEX script_name_parts ON script USING gin (name_parts);
"""


def upgrade() -> None:
    for statement in (*STATEMENTS.split(";\n"), NAME_PARTS, *PARTS_OF_NAMES.split(";\n")):
        if statement.strip():
            op.execute(statement)
