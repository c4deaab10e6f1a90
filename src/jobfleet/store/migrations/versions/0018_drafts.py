"""Keep drafts, views and favourites of people."""

from alembic import op

revision = "0018"
down_revision = "0017"

STATEMENTS = """
CREATE TABLE draft (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_name text NOT NULL,
    scope_type text NOT NULL,
    scope_id bigint NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    content bytea NOT NULL,
    modified_at bigint NOT NULL
);
CREATE INDEX draft_user ON draft (user_name, scope_type, scope_id, modified_at DESC);

CREATE TABLE kept_view (
    user_name text NOT NULL,
    scope_type text NOT NULL,
    scope_id bigint NOT NULL,
    page text NOT NULL,
    name text NOT NULL,
    query text NOT NULL,
    modified_at bigint NOT NULL,
    PRIMARY KEY (user_name, scope_type, scope_id, page, name)
);

CREATE TABLE favourite (
    user_name text NOT NULL,
    scope_type text NOT NULL,
    scope_id bigint NOT NULL,
    kind text NOT NULL,
    thing text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (user_name, scope_type, scope_id, kind, thing)
);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
