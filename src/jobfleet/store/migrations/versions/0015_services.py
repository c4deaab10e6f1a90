"""Keep what the other services of the API need."""

from alembic import op

revision = "0015"
down_revision = "0014"

STATEMENTS = """
CREATE INDEX step_id ON step (id);

DROP INDEX job_scope;
CREATE INDEX job_newest ON job (scope_type, scope_id, created_at DESC, id DESC) INCLUDE (operator, type, launch_mode);
CREATE INDEX job_newest_of_operator ON job (scope_type, scope_id, operator, created_at DESC, id DESC);
CREATE INDEX job_not_succeeded ON job (scope_type, scope_id, status, created_at DESC, id DESC) WHERE status <> 3;
CREATE TABLE history_day (
    day bigint PRIMARY KEY
);
CREATE TABLE history_count (
    scope_type text NOT NULL,
    scope_id bigint NOT NULL,
    day bigint NOT NULL,
    operator text NOT NULL,
    type smallint NOT NULL,
    launch_mode smallint NOT NULL,
    jobs bigint NOT NULL,
    PRIMARY KEY (scope_type, scope_id, day, operator, type, launch_mode)
);

CREATE TABLE notification_policy (
    scope_type text NOT NULL,
    scope_id bigint NOT NULL,
    user_name text NOT NULL,
    policies jsonb NOT NULL,
    modifier text NOT NULL,
    modified_at bigint NOT NULL,
    PRIMARY KEY (scope_type, scope_id, user_name)
);
ALTER TABLE notification ADD COLUMN receiver text NOT NULL DEFAULT '';
CREATE INDEX notification_mail ON notification (created_at) WHERE receiver <> '';
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
