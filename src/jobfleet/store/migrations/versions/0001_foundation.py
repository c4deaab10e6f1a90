"""Create the foundation: run data partitioned by job id, and the inventory."""

from alembic import op

revision = "0001"
down_revision = None

RUN_TABLES = """
CREATE SEQUENCE job_serial MAXVALUE 9999999 CYCLE;
CREATE SEQUENCE step_id_seq;
CREATE SEQUENCE task_id_seq;
CREATE SEQUENCE event_id_seq;

CREATE TABLE job (
    id bigint PRIMARY KEY,
    scope_type text NOT NULL,
    scope_id bigint NOT NULL,
    name text NOT NULL,
    type smallint NOT NULL,
    plan_id bigint NOT NULL,
    launch_mode smallint NOT NULL,
    operator text NOT NULL,
    app_code text NOT NULL,
    status smallint NOT NULL,
    current_step_id bigint NOT NULL,
    callback_url text NOT NULL,
    created_at bigint NOT NULL,
    started_at bigint,
    ended_at bigint,
    total_ms bigint,
    look_at bigint
) PARTITION BY RANGE (id);
CREATE INDEX job_look_at ON job (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX job_scope ON job (scope_type, scope_id, created_at DESC);

CREATE TABLE step (
    job_id bigint NOT NULL,
    id bigint NOT NULL DEFAULT nextval('step_id_seq'),
    ordinal integer NOT NULL,
    plan_step_id bigint NOT NULL,
    name text NOT NULL,
    type smallint NOT NULL,
    operator text NOT NULL,
    status smallint NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    batch integer NOT NULL DEFAULT 0,
    target_count integer NOT NULL,
    open_count integer NOT NULL DEFAULT 0 CHECK (open_count >= 0),
    ignore_error boolean NOT NULL DEFAULT false,
    script jsonb,
    seal bytea NOT NULL,
    created_at bigint NOT NULL,
    started_at bigint,
    ended_at bigint,
    total_ms bigint,
    stopping_at bigint,
    PRIMARY KEY (job_id, id)
) PARTITION BY RANGE (job_id);

CREATE TABLE target (
    job_id bigint NOT NULL,
    step_id bigint NOT NULL,
    ordinal integer NOT NULL,
    host_id bigint NOT NULL,
    cloud_id bigint NOT NULL,
    cloud_name text NOT NULL,
    ip text,
    ipv6 text,
    agent_id text,
    os text NOT NULL,
    alive boolean NOT NULL,
    initial smallint NOT NULL,
    PRIMARY KEY (job_id, step_id, ordinal)
) PARTITION BY RANGE (job_id);

CREATE TABLE task (
    job_id bigint NOT NULL,
    id bigint NOT NULL DEFAULT nextval('task_id_seq'),
    step_id bigint NOT NULL,
    attempt integer NOT NULL,
    batch integer NOT NULL,
    ordinal integer NOT NULL,
    host_id bigint NOT NULL,
    log_task_id bigint NOT NULL,
    status smallint NOT NULL,
    tag text NOT NULL DEFAULT '',
    exit_code integer,
    error_code integer NOT NULL DEFAULT 0,
    started_at bigint,
    ended_at bigint,
    total_ms bigint,
    sent_at bigint,
    lease_until bigint,
    deadline_at bigint,
    output_bytes bigint NOT NULL DEFAULT 0,
    message text NOT NULL DEFAULT '',
    survivors integer[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (job_id, id),
    UNIQUE (job_id, step_id, attempt, batch, ordinal)
) PARTITION BY RANGE (job_id);
CREATE INDEX task_unsent ON task (job_id, step_id, ordinal) WHERE status = 5;
CREATE INDEX task_open_host ON task (host_id) WHERE status IN (5, 7);

CREATE TABLE output_chunk (
    job_id bigint NOT NULL,
    task_id bigint NOT NULL,
    offset_bytes bigint NOT NULL,
    size_bytes integer NOT NULL,
    stored_at bigint NOT NULL,
    hash bytea NOT NULL,
    segments bytea NOT NULL,
    PRIMARY KEY (job_id, task_id, offset_bytes)
) PARTITION BY RANGE (job_id);

CREATE TABLE output_blob (
    job_id bigint NOT NULL,
    hash bytea NOT NULL,
    data bytea STORAGE EXTERNAL NOT NULL,
    PRIMARY KEY (job_id, hash)
) PARTITION BY RANGE (job_id);

CREATE TABLE event (
    job_id bigint NOT NULL,
    id bigint NOT NULL DEFAULT nextval('event_id_seq'),
    at bigint NOT NULL,
    kind text NOT NULL,
    step_id bigint,
    task_ids bigint[],
    from_status integer,
    to_status integer,
    actor text NOT NULL,
    detail text NOT NULL DEFAULT '',
    PRIMARY KEY (job_id, id)
) PARTITION BY RANGE (job_id);

CREATE TABLE content (
    hash text PRIMARY KEY,
    data bytea STORAGE EXTERNAL NOT NULL,
    used_at bigint NOT NULL
);

CREATE TABLE idempotency_key (
    caller text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    job_id bigint NOT NULL,
    step_id bigint NOT NULL,
    name text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_key_age ON idempotency_key (created_at);
"""

INVENTORY = """
CREATE TABLE business (
    id bigint PRIMARY KEY, name text NOT NULL, time_zone text, archived boolean NOT NULL DEFAULT false
);
CREATE TABLE business_set (
    id bigint PRIMARY KEY, name text NOT NULL, time_zone text,
    all_businesses boolean NOT NULL DEFAULT false, business_ids bigint[] NOT NULL DEFAULT '{}'
);
CREATE SEQUENCE host_id_seq START 1000000;
CREATE TABLE host (
    id bigint PRIMARY KEY DEFAULT nextval('host_id_seq'),
    business_id bigint NOT NULL REFERENCES business (id),
    cloud_id bigint NOT NULL, cloud_name text NOT NULL DEFAULT 'Default Area',
    ip text, ipv6 text, name text NOT NULL DEFAULT '', os text NOT NULL DEFAULT 'linux',
    tags jsonb NOT NULL DEFAULT '{}',
    UNIQUE (cloud_id, ip), UNIQUE (cloud_id, ipv6)
);
CREATE INDEX host_business ON host (business_id);
CREATE TABLE topology_node (
    type text NOT NULL, id bigint NOT NULL, name text NOT NULL,
    business_id bigint NOT NULL REFERENCES business (id),
    parent_type text, parent_id bigint, host_ids bigint[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (type, id)
);
CREATE TABLE dynamic_group (
    id text PRIMARY KEY, name text NOT NULL, business_id bigint NOT NULL REFERENCES business (id),
    host_ids bigint[], filter jsonb, CHECK ((host_ids IS NULL) <> (filter IS NULL))
);
CREATE SEQUENCE account_id_seq START 1000;
CREATE TABLE account (
    id bigint PRIMARY KEY DEFAULT nextval('account_id_seq'),
    scope_type text NOT NULL DEFAULT 'biz', business_id bigint NOT NULL,
    alias text NOT NULL, account text NOT NULL, category smallint NOT NULL, type smallint NOT NULL,
    UNIQUE (scope_type, business_id, category, alias)
);
CREATE TABLE host_whitelist (
    host_id bigint NOT NULL REFERENCES host (id) ON DELETE CASCADE, action text NOT NULL,
    all_scopes boolean NOT NULL DEFAULT false, business_ids bigint[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (host_id, action)
);
CREATE TABLE app_user (
    name text PRIMARY KEY, password_hash text, platform_admin boolean NOT NULL DEFAULT false,
    language text NOT NULL DEFAULT 'zh'
);
CREATE TABLE app (
    code text PRIMARY KEY, secret_hash text NOT NULL, trusted boolean NOT NULL DEFAULT false
);
CREATE TABLE role_binding (
    user_name text NOT NULL REFERENCES app_user (name) ON DELETE CASCADE,
    scope_type text NOT NULL, scope_id bigint NOT NULL, role text NOT NULL,
    PRIMARY KEY (user_name, scope_type, scope_id)
);
CREATE TABLE access_token (
    hash bytea PRIMARY KEY, user_name text NOT NULL REFERENCES app_user (name) ON DELETE CASCADE,
    kind text NOT NULL, created_at bigint NOT NULL, expires_at bigint NOT NULL
);
CREATE TABLE agent (
    host_id bigint PRIMARY KEY REFERENCES host (id) ON DELETE CASCADE,
    public_key text NOT NULL UNIQUE, version text NOT NULL DEFAULT '', boot_id text NOT NULL DEFAULT '',
    enrolled_at bigint NOT NULL, seen_at bigint, revoked_at bigint, refused jsonb NOT NULL DEFAULT '{}'
);
CREATE TABLE revoked_key (public_key text PRIMARY KEY, revoked_at bigint NOT NULL);
CREATE TABLE enrolment_token (
    hash bytea PRIMARY KEY, business_id bigint, reusable boolean NOT NULL, created_by text NOT NULL,
    created_at bigint NOT NULL, expires_at bigint NOT NULL, used_at bigint
);
CREATE TABLE platform_setting (name text PRIMARY KEY, value jsonb NOT NULL);
CREATE SEQUENCE audit_id_seq;
CREATE TABLE audit (
    id bigint PRIMARY KEY DEFAULT nextval('audit_id_seq'), at bigint NOT NULL, username text NOT NULL,
    app_code text NOT NULL, action text NOT NULL, scope_type text NOT NULL, scope_id bigint NOT NULL,
    subject text NOT NULL, result text NOT NULL
);
"""


def upgrade() -> None:
    for statement in (RUN_TABLES + INVENTORY).split(";\n"):
        if statement.strip():
            op.execute(statement)
