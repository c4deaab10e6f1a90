"""Keep what the other services of the API need."""

from alembic import op

revision = "0015"
down_revision = "0014"

STATEMENTS = """
CREATE INDEX step_id ON step (id);

CREATE TABLE notification_policy (
    scope_type text NOT NULL,
    scope_id bigint NOT NULL,
    user_name text NOT NULL,
    policies jsonb NOT NULL,
    modifier text NOT NULL,
    modified_at bigint NOT NULL,
    PRIMARY KEY (scope_type, scope_id, user_name)
);
CREATE TABLE notification_mute (
    user_name text PRIMARY KEY,
    modifier text NOT NULL,
    modified_at bigint NOT NULL
);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
