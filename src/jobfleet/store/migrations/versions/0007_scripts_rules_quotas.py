"""Keep scripts with their versions, rules on dangerous commands with their hits, and count running jobs quickly."""

from alembic import op

revision = "0007"
down_revision = "0006"

STATEMENTS = """
CREATE TABLE script (
    id text PRIMARY KEY,
    scope_type text NOT NULL,
    scope_id bigint NOT NULL,
    name text NOT NULL,
    language smallint NOT NULL,
    description text NOT NULL,
    creator text NOT NULL,
    created_at bigint NOT NULL,
    modifier text NOT NULL,
    modified_at bigint NOT NULL,
    UNIQUE (scope_type, scope_id, name)
);
CREATE INDEX script_newest ON script (scope_type, scope_id, created_at DESC, id);

CREATE SEQUENCE script_version_id_seq START 1000;
CREATE TABLE script_version (
    id bigint PRIMARY KEY,
    script_id text NOT NULL REFERENCES script (id) ON DELETE CASCADE,
    version text NOT NULL,
    state smallint NOT NULL,
    content bytea STORAGE EXTERNAL NOT NULL,
    description text NOT NULL,
    creator text NOT NULL,
    created_at bigint NOT NULL,
    modifier text NOT NULL,
    modified_at bigint NOT NULL,
    UNIQUE (script_id, version)
);
CREATE UNIQUE INDEX script_version_online ON script_version (script_id) WHERE state = 1;

CREATE TABLE script_use (
    version_id bigint NOT NULL REFERENCES script_version (id),
    owner text NOT NULL,
    owner_id bigint NOT NULL,
    PRIMARY KEY (owner, owner_id, version_id)
);
CREATE INDEX script_use_version ON script_use (version_id);

CREATE SEQUENCE dangerous_rule_id_seq;
CREATE TABLE dangerous_rule (
    id bigint PRIMARY KEY DEFAULT nextval('dangerous_rule_id_seq'),
    expression text NOT NULL,
    languages smallint[] NOT NULL,
    description text NOT NULL,
    action smallint NOT NULL,
    enabled boolean NOT NULL,
    priority bigint NOT NULL,
    creator text NOT NULL,
    created_at bigint NOT NULL,
    modifier text NOT NULL,
    modified_at bigint NOT NULL,
    UNIQUE (expression, languages)
);

CREATE SEQUENCE dangerous_hit_id_seq;
CREATE TABLE dangerous_hit (
    id bigint PRIMARY KEY DEFAULT nextval('dangerous_hit_id_seq'),
    at bigint NOT NULL,
    rule_id bigint NOT NULL,
    expression text NOT NULL,
    action smallint NOT NULL,
    scope_type text NOT NULL,
    scope_id bigint NOT NULL,
    operator text NOT NULL,
    app_code text NOT NULL,
    launch_mode smallint NOT NULL,
    language smallint NOT NULL,
    line_number integer NOT NULL,
    line bytea NOT NULL,
    script_hash text NOT NULL
);
CREATE INDEX dangerous_hit_at ON dangerous_hit (at DESC, id DESC);
CREATE TABLE dangerous_script (
    hash text PRIMARY KEY,
    data bytea STORAGE EXTERNAL NOT NULL,
    at bigint NOT NULL
);

CREATE INDEX job_running ON job (scope_type, scope_id) WHERE status IN (2, 7, 10);
CREATE INDEX job_running_app ON job (app_code) WHERE status IN (2, 7, 10);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
