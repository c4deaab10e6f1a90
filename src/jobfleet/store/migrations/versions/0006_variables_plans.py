"""Keep templates and plans, and the variables of jobs."""

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS = """
CREATE SEQUENCE template_id_seq START 1000;
CREATE SEQUENCE template_step_id_seq START 1000;
CREATE SEQUENCE template_variable_id_seq START 1000;
CREATE TABLE template (
    id bigint PRIMARY KEY DEFAULT nextval('template_id_seq'),
    scope_type text NOT NULL,
    scope_id bigint NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    version text NOT NULL,
    steps jsonb NOT NULL,
    variables jsonb NOT NULL,
    creator text NOT NULL,
    created_at bigint NOT NULL,
    modifier text NOT NULL,
    modified_at bigint NOT NULL,
    seal bytea NOT NULL,
    UNIQUE (scope_type, scope_id, name)
);

CREATE SEQUENCE plan_id_seq START 1000;
CREATE SEQUENCE plan_step_id_seq START 1000;
CREATE SEQUENCE plan_variable_id_seq START 1000;
CREATE TABLE plan (
    id bigint PRIMARY KEY DEFAULT nextval('plan_id_seq'),
    template_id bigint NOT NULL REFERENCES template (id) ON DELETE CASCADE,
    scope_type text NOT NULL,
    scope_id bigint NOT NULL,
    name text NOT NULL,
    version text NOT NULL,
    steps jsonb NOT NULL,
    variables jsonb NOT NULL,
    creator text NOT NULL,
    created_at bigint NOT NULL,
    modifier text NOT NULL,
    modified_at bigint NOT NULL,
    seal bytea NOT NULL,
    UNIQUE (template_id, name)
);
CREATE INDEX plan_scope ON plan (scope_type, scope_id, name);

ALTER TABLE step ADD COLUMN variable_count integer;

CREATE TABLE job_variable (
    job_id bigint NOT NULL,
    ordinal integer NOT NULL,
    variable_id bigint NOT NULL,
    name text NOT NULL,
    type smallint NOT NULL,
    changeable boolean NOT NULL,
    value bytea NOT NULL,
    PRIMARY KEY (job_id, ordinal)
) PARTITION BY RANGE (job_id);

CREATE TABLE step_variables (
    job_id bigint NOT NULL,
    step_id bigint NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (job_id, step_id)
) PARTITION BY RANGE (job_id);

CREATE TABLE task_variables (
    job_id bigint NOT NULL,
    step_id bigint NOT NULL,
    host_id bigint NOT NULL,
    task_id bigint NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (job_id, step_id, host_id, task_id)
) PARTITION BY RANGE (job_id);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
