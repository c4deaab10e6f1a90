"""Let plans run by themselves, remember each fire, and tell others what happened."""

from alembic import op

revision = "0008"
down_revision = "0007"

STATEMENTS = """
CREATE INDEX target_ip ON target (ip, job_id) WHERE ip IS NOT NULL;
CREATE INDEX target_ipv6 ON target (ipv6, job_id) WHERE ipv6 IS NOT NULL;

CREATE SEQUENCE schedule_id_seq;
CREATE TABLE schedule (
    id bigint PRIMARY KEY DEFAULT nextval('schedule_id_seq'),
    scope_type text NOT NULL,
    scope_id bigint NOT NULL,
    name text NOT NULL,
    plan_id bigint NOT NULL,
    expression text NOT NULL,
    execute_at bigint,
    time_zone text NOT NULL,
    end_at bigint,
    overlap text NOT NULL,
    sealed_values text NOT NULL,
    enabled boolean NOT NULL,
    creator text NOT NULL,
    created_at bigint NOT NULL,
    modifier text NOT NULL,
    modified_at bigint NOT NULL,
    next_fire_at bigint,
    look_at bigint,
    failures integer NOT NULL DEFAULT 0,
    failure_code integer NOT NULL DEFAULT 0,
    CONSTRAINT schedule_name UNIQUE (scope_type, scope_id, name)
);
CREATE INDEX schedule_look_at ON schedule (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX schedule_plan ON schedule (plan_id);

CREATE SEQUENCE schedule_fire_id_seq;
CREATE TABLE schedule_fire (
    id bigint PRIMARY KEY DEFAULT nextval('schedule_fire_id_seq'),
    schedule_id bigint NOT NULL REFERENCES schedule (id) ON DELETE CASCADE,
    scheduled_at bigint NOT NULL,
    manual boolean NOT NULL,
    state text NOT NULL,
    operator text NOT NULL,
    job_id bigint,
    code integer NOT NULL,
    message text NOT NULL,
    at bigint NOT NULL
);
CREATE UNIQUE INDEX schedule_fire_once ON schedule_fire (schedule_id, scheduled_at) WHERE NOT manual;
CREATE INDEX schedule_fire_of_schedule ON schedule_fire (schedule_id, scheduled_at DESC, id DESC);
CREATE INDEX schedule_fire_queued ON schedule_fire (schedule_id, id) WHERE state = 'queued';
CREATE INDEX schedule_fire_at ON schedule_fire (at);
CREATE INDEX schedule_fire_job ON schedule_fire (schedule_id, job_id DESC) WHERE job_id IS NOT NULL;

CREATE SEQUENCE notification_hook_id_seq;
CREATE TABLE notification_hook (
    id bigint PRIMARY KEY DEFAULT nextval('notification_hook_id_seq'),
    scope_type text NOT NULL,
    scope_id bigint NOT NULL,
    name text NOT NULL,
    url text NOT NULL,
    occasions text[] NOT NULL,
    modifier text NOT NULL,
    modified_at bigint NOT NULL,
    CONSTRAINT notification_hook_name UNIQUE (scope_type, scope_id, name)
);

CREATE SEQUENCE notification_id_seq;
CREATE TABLE notification (
    id bigint PRIMARY KEY DEFAULT nextval('notification_id_seq'),
    scope_type text NOT NULL,
    scope_id bigint NOT NULL,
    hook text NOT NULL,
    url text NOT NULL,
    notice jsonb NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    due_at bigint,
    created_at bigint NOT NULL,
    ended_at bigint,
    delivered boolean NOT NULL DEFAULT false,
    reason text NOT NULL DEFAULT ''
);
CREATE INDEX notification_due ON notification (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notification_ended ON notification (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX notification_scope ON notification (scope_type, scope_id, id);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
