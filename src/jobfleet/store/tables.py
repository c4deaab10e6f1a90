"""The tables as SQLAlchemy Core sees them; the migrations create them.

Run data (job, step, target, task, output_chunk, output_blob, event) is partitioned by job id. A job's id begins
with its day, so that partitions are spans of time, a lookup by job id touches one partition, and retention
drops whole ones (docs/adr/0002-job-ids-carry-their-day.md).
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB

metadata = sa.MetaData()
_Big = sa.BigInteger


def _table(name: str, *columns: sa.Column[Any]) -> sa.Table:
    return sa.Table(name, metadata, *columns)


def _pk(name: str, kind: Any = _Big) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True)


def _serial() -> sa.Column[Any]:
    return sa.Column("id", _Big, primary_key=True, autoincrement=False, server_default=sa.FetchedValue())


def _col(name: str, kind: Any, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=null)


jobs = _table(
    "job",
    _pk("id"),
    _col("scope_type", sa.Text),
    _col("scope_id", _Big),
    _col("name", sa.Text),
    _col("type", sa.SmallInteger),
    _col("plan_id", _Big),
    _col("launch_mode", sa.SmallInteger),
    _col("operator", sa.Text),
    _col("app_code", sa.Text),
    _col("status", sa.SmallInteger),
    _col("current_step_id", _Big),
    _col("callback_url", sa.Text),
    _col("created_at", _Big),
    _col("started_at", _Big, null=True),
    _col("ended_at", _Big, null=True),
    _col("total_ms", _Big, null=True),
    _col("look_at", _Big, null=True),
)
"""`look_at`: when a sweep must look at the job again if nobody did before; null once nothing is left to do."""

steps = _table(
    "step",
    _pk("job_id"),
    _serial(),
    _col("ordinal", sa.Integer),
    _col("plan_step_id", _Big),
    _col("name", sa.Text),
    _col("type", sa.SmallInteger),
    _col("operator", sa.Text),
    _col("status", sa.SmallInteger),
    _col("attempt", sa.Integer),
    _col("batch", sa.Integer),
    _col("target_count", sa.Integer),
    _col("open_count", sa.Integer),
    _col("ignore_error", sa.Boolean),
    _col("definition", JSONB),
    _col("rolling", JSONB, null=True),
    _col("batch_count", sa.Integer),
    _col("variable_count", sa.Integer, null=True),
    _col("seal", BYTEA),
    _col("created_at", _Big),
    _col("started_at", _Big, null=True),
    _col("ended_at", _Big, null=True),
    _col("total_ms", _Big, null=True),
    _col("stopping_at", _Big, null=True),
)
"""`open_count`: tasks of the latest attempt that are awaited, kept beside every change of a task: of a step that rolls
batch by batch those of the current one, of one that is being stopped those whose order was sent."""

targets = _table(
    "target",
    _pk("job_id"),
    _pk("step_id"),
    _pk("ordinal", sa.Integer),
    _col("host_id", _Big),
    _col("cloud_id", _Big),
    _col("cloud_name", sa.Text),
    _col("ip", sa.Text, null=True),
    _col("ipv6", sa.Text, null=True),
    _col("agent_id", sa.Text, null=True),
    _col("os", sa.Text),
    _col("alive", sa.Boolean),
    _col("initial", sa.SmallInteger),
)

tasks = _table(
    "task",
    _pk("job_id"),
    _serial(),
    _col("step_id", _Big),
    _col("attempt", sa.Integer),
    _col("batch", sa.Integer),
    _col("ordinal", sa.Integer),
    _col("host_id", _Big),
    _col("log_task_id", _Big),
    _col("status", sa.SmallInteger),
    _col("tag", sa.Text),
    _col("exit_code", sa.Integer, null=True),
    _col("error_code", sa.Integer),
    _col("started_at", _Big, null=True),
    _col("ended_at", _Big, null=True),
    _col("total_ms", _Big, null=True),
    _col("sent_at", _Big, null=True),
    _col("lease_until", _Big, null=True),
    _col("deadline_at", _Big, null=True),
    _col("output_bytes", _Big),
    _col("message", sa.Text),
    _col("survivors", ARRAY(sa.Integer)),
    _col("manifest", sa.Text),
    _col("manifest_seal", BYTEA),
)
"""`sent_at`: first time an order left for the host. `lease_until`: the server that sends it has until then.
`deadline_at`: given up after it. `output_bytes`: how much of the output is stored, without a gap. `ordinal`: of the
target; below 0 of the source of a file step, whose `manifest` is the hash of what it offers."""

step_files = _table(
    "step_file",
    _pk("job_id"),
    _pk("step_id"),
    sa.Column("hash", sa.Text, primary_key=True),
)
"""Contents and manifests, by SHA-256 in hex, that hosts of a file step may fetch."""

job_variables = _table(
    "job_variable",
    _pk("job_id"),
    _pk("ordinal", sa.Integer),
    _col("variable_id", _Big),
    _col("name", sa.Text),
    _col("type", sa.SmallInteger),
    _col("changeable", sa.Boolean),
    _col("value", BYTEA),
)
"""The variables of jobs with their first values, sealed."""

step_variables = _table("step_variables", _pk("job_id"), _pk("step_id"), _col("data", BYTEA))
"""What the latest attempt of a step left of the variables: those that changed, name to value, sealed."""

task_variables = _table(
    "task_variables",
    _pk("job_id"),
    _pk("step_id"),
    _pk("host_id"),
    _pk("task_id"),
    _col("data", BYTEA),
)
"""What a task left of the variables: those that it changed, name to value, sealed."""

uploads = _table(
    "upload",
    sa.Column("path", sa.Text, primary_key=True),
    _col("token_hash", BYTEA),
    _col("scope_type", sa.Text),
    _col("scope_id", _Big),
    _col("created_at", _Big),
    _col("expires_at", _Big),
    _col("used_at", _Big, null=True),
    _col("stored_at", _Big, null=True),
    _col("hash", sa.Text),
    _col("size_bytes", _Big),
)
"""Files that people upload for a step to come; `used_at`: when the one upload of its address began."""

credentials = _table(
    "credential",
    sa.Column("id", sa.Text, primary_key=True),
    _col("scope_type", sa.Text),
    _col("scope_id", _Big),
    _col("name", sa.Text),
    _col("type", sa.Text),
    _col("description", sa.Text),
    _col("sealed", BYTEA),
    _col("creator", sa.Text),
    _col("created_at", _Big),
    _col("changed_by", sa.Text),
    _col("changed_at", _Big),
)
"""`sealed`: the secrets as JSON, encrypted for this credential alone."""

file_sources = _table(
    "file_source",
    _serial(),
    _col("scope_type", sa.Text),
    _col("scope_id", _Big),
    _col("code", sa.Text),
    _col("alias", sa.Text),
    _col("type", sa.Text),
    _col("access", JSONB),
    _col("credential_id", sa.Text),
    _col("file_prefix", sa.Text),
    _col("public", sa.Boolean),
    _col("shared_with", ARRAY(sa.Text)),
    _col("enabled", sa.Boolean),
    _col("seal", BYTEA),
    _col("creator", sa.Text),
    _col("created_at", _Big),
    _col("changed_by", sa.Text),
    _col("changed_at", _Big),
)
"""`seal`: proves that address and credential are those that somebody with permission gave."""

fetched_objects = _table(
    "fetched_object",
    _pk("file_source_id"),
    sa.Column("path", sa.Text, primary_key=True),
    _col("etag", sa.Text),
    _col("size_bytes", _Big),
    _col("hash", sa.Text),
    _col("seal", BYTEA),
    _col("fetched_at", _Big),
)
"""Which content an object had when it was fetched last, so that an unchanged one is not fetched again."""

batches = _table(
    "batch",
    _pk("job_id"),
    _pk("step_id"),
    _pk("attempt", sa.Integer),
    _pk("number", sa.Integer),
    _col("status", sa.SmallInteger),
    _col("size", sa.Integer),
    _col("start_at", _Big, null=True),
    _col("started_at", _Big, null=True),
    _col("ended_at", _Big, null=True),
    _col("total_ms", _Big, null=True),
)
"""`start_at`: when a batch starts by the clock; null for one that waits for the batch before it."""

output_chunks = _table(
    "output_chunk",
    _pk("job_id"),
    _pk("task_id"),
    _pk("offset_bytes"),
    _col("size_bytes", sa.Integer),
    _col("stored_at", _Big),
    _col("hash", BYTEA),
    _col("segments", BYTEA),
)
"""`segments`: msgpack list of (stream, epoch ms, size) of the chunk's bytes; the bytes are the blob of `hash`."""

output_blobs = _table(
    "output_blob",
    _pk("job_id"),
    sa.Column("hash", BYTEA, primary_key=True),
    _col("data", BYTEA),
)
"""Output bytes, zstd, by SHA-256: what many hosts of a job print alike is stored once."""

events = _table(
    "event",
    _pk("job_id"),
    _serial(),
    _col("at", _Big),
    _col("kind", sa.Text),
    _col("step_id", _Big, null=True),
    _col("task_ids", ARRAY(_Big), null=True),
    _col("from_status", sa.Integer, null=True),
    _col("to_status", sa.Integer, null=True),
    _col("actor", sa.Text),
    _col("detail", sa.Text),
)
"""Every change of status; tasks that changed alike in one transaction share a row."""

callbacks = _table(
    "callback",
    _serial(),
    _col("job_id", _Big),
    _col("url", sa.Text),
    _col("outcome", JSONB),
    _col("tries", sa.Integer),
    _col("due_at", _Big, null=True),
    _col("created_at", _Big),
    _col("ended_at", _Big, null=True),
    _col("delivered", sa.Boolean),
    _col("reason", sa.Text),
)
"""Who is to be told that a job ended; `due_at` is when the next try is due, null once it was told or given up."""

schedules = _table(
    "schedule",
    _serial(),
    _col("scope_type", sa.Text),
    _col("scope_id", _Big),
    _col("name", sa.Text),
    _col("plan_id", _Big),
    _col("expression", sa.Text),
    _col("execute_at", _Big, null=True),
    _col("time_zone", sa.Text),
    _col("end_at", _Big, null=True),
    _col("overlap", sa.Text),
    _col("sealed_values", sa.Text),
    _col("enabled", sa.Boolean),
    _col("creator", sa.Text),
    _col("created_at", _Big),
    _col("modifier", sa.Text),
    _col("modified_at", _Big),
    _col("next_fire_at", _Big, null=True),
    _col("look_at", _Big, null=True),
    _col("failures", sa.Integer),
    _col("failure_code", sa.Integer),
)
"""Plans that run by themselves. `look_at`: when a server looks next, for a fire or for its queue.
`failures`: how many fires in a row could not start for the same `failure_code`."""

schedule_fires = _table(
    "schedule_fire",
    _serial(),
    _col("schedule_id", _Big),
    _col("scheduled_at", _Big),
    _col("manual", sa.Boolean),
    _col("state", sa.Text),
    _col("operator", sa.Text),
    _col("job_id", _Big, null=True),
    _col("code", sa.Integer),
    _col("message", sa.Text),
    _col("at", _Big),
)
"""What became of each moment of a schedule: one row a moment, so that several servers never fire twice."""

notification_hooks = _table(
    "notification_hook",
    _serial(),
    _col("scope_type", sa.Text),
    _col("scope_id", _Big),
    _col("name", sa.Text),
    _col("url", sa.Text),
    _col("occasions", ARRAY(sa.Text)),
    _col("modifier", sa.Text),
    _col("modified_at", _Big),
)
"""Where a scope wants to be told of what happens."""

notifications = _table(
    "notification",
    _serial(),
    _col("scope_type", sa.Text),
    _col("scope_id", _Big),
    _col("hook", sa.Text),
    _col("url", sa.Text),
    _col("notice", JSONB),
    _col("tries", sa.Integer),
    _col("due_at", _Big, null=True),
    _col("created_at", _Big),
    _col("ended_at", _Big, null=True),
    _col("delivered", sa.Boolean),
    _col("reason", sa.Text),
)
"""What hooks are to be told; `due_at` is when the next try is due, null once it was told or given up."""

contents = _table(
    "content",
    sa.Column("hash", sa.Text, primary_key=True),
    _col("data", BYTEA),
    _col("used_at", _Big),
)
"""Script contents, sealed (encrypted), by SHA-256 of the clear bytes in hex."""

idempotency_keys = _table(
    "idempotency_key",
    sa.Column("caller", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    _col("request_hash", BYTEA),
    _col("job_id", _Big),
    _col("step_id", _Big),
    _col("name", sa.Text),
    _col("created_at", _Big),
)

businesses = _table(
    "business",
    _pk("id"),
    _col("name", sa.Text),
    _col("time_zone", sa.Text, null=True),
    _col("archived", sa.Boolean),
)
business_sets = _table(
    "business_set",
    _pk("id"),
    _col("name", sa.Text),
    _col("time_zone", sa.Text, null=True),
    _col("all_businesses", sa.Boolean),
    _col("business_ids", ARRAY(_Big)),
)
hosts = _table(
    "host",
    _serial(),
    _col("business_id", _Big),
    _col("cloud_id", _Big),
    _col("cloud_name", sa.Text),
    _col("ip", sa.Text, null=True),
    _col("ipv6", sa.Text, null=True),
    _col("name", sa.Text),
    _col("os", sa.Text),
    _col("tags", JSONB),
)
topology_nodes = _table(
    "topology_node",
    sa.Column("type", sa.Text, primary_key=True),
    _pk("id"),
    _col("name", sa.Text),
    _col("business_id", _Big),
    _col("parent_type", sa.Text, null=True),
    _col("parent_id", _Big, null=True),
    _col("host_ids", ARRAY(_Big)),
)
dynamic_groups = _table(
    "dynamic_group",
    sa.Column("id", sa.Text, primary_key=True),
    _col("name", sa.Text),
    _col("business_id", _Big),
    _col("host_ids", ARRAY(_Big), null=True),
    _col("filter", JSONB(none_as_null=True), null=True),
)
accounts = _table(
    "account",
    _serial(),
    _col("business_id", _Big),
    _col("scope_type", sa.Text),
    _col("alias", sa.Text),
    _col("account", sa.Text),
    _col("category", sa.SmallInteger),
    _col("type", sa.SmallInteger),
    _col("password", sa.Text, null=True),
    _col("port", sa.Integer, null=True),
    _col("db_name", sa.Text),
    _col("system_account_id", _Big, null=True),
    _col("description", sa.Text),
    _col("creator", sa.Text),
    _col("created_at", _Big),
    _col("modifier", sa.Text),
    _col("modified_at", _Big),
)
"""`password` is sealed; `system_account_id` is the account that a database account's client runs as."""
host_whitelist = _table(
    "host_whitelist",
    _pk("host_id"),
    sa.Column("action", sa.Text, primary_key=True),
    _col("all_scopes", sa.Boolean),
    _col("business_ids", ARRAY(_Big)),
)
users = _table(
    "app_user",
    sa.Column("name", sa.Text, primary_key=True),
    _col("password_hash", sa.Text, null=True),
    _col("platform_admin", sa.Boolean),
    _col("language", sa.Text),
)
apps = _table(
    "app",
    sa.Column("code", sa.Text, primary_key=True),
    _col("secret_hash", sa.Text),
    _col("trusted", sa.Boolean),
)
role_bindings = _table(
    "role_binding",
    sa.Column("user_name", sa.Text, primary_key=True),
    sa.Column("scope_type", sa.Text, primary_key=True),
    _pk("scope_id"),
    _col("role", sa.Text),
)
access_tokens = _table(
    "access_token",
    sa.Column("hash", BYTEA, primary_key=True),
    _col("user_name", sa.Text),
    _col("kind", sa.Text),
    _col("created_at", _Big),
    _col("expires_at", _Big),
)
"""Tokens of people, by SHA-256: kind is session (bk_token) or access (access_token and the CLI)."""

agents = _table(
    "agent",
    _pk("host_id"),
    _col("public_key", sa.Text),
    _col("version", sa.Text),
    _col("boot_id", sa.Text),
    _col("enrolled_at", _Big),
    _col("seen_at", _Big, null=True),
    _col("revoked_at", _Big, null=True),
    _col("refused", JSONB),
)
revoked_keys = _table(
    "revoked_key",
    sa.Column("public_key", sa.Text, primary_key=True),
    _col("revoked_at", _Big),
)
"""Public keys of agents that were cut off or replaced; never forgotten, as their identities do not expire."""

enrolment_tokens = _table(
    "enrolment_token",
    sa.Column("hash", BYTEA, primary_key=True),
    _col("business_id", _Big, null=True),
    _col("reusable", sa.Boolean),
    _col("created_by", sa.Text),
    _col("created_at", _Big),
    _col("expires_at", _Big),
    _col("used_at", _Big, null=True),
)
platform_settings = _table(
    "platform_setting",
    sa.Column("name", sa.Text, primary_key=True),
    _col("value", JSONB),
)
"""Declared values that belong to the whole platform, such as the gateway's public key."""

audit = _table(
    "audit",
    _serial(),
    _col("at", _Big),
    _col("username", sa.Text),
    _col("app_code", sa.Text),
    _col("action", sa.Text),
    _col("scope_type", sa.Text),
    _col("scope_id", _Big),
    _col("subject", sa.Text),
    _col("result", sa.Text),
)

templates = _table(
    "template",
    _serial(),
    _col("scope_type", sa.Text),
    _col("scope_id", _Big),
    _col("name", sa.Text),
    _col("description", sa.Text),
    _col("version", sa.Text),
    _col("steps", JSONB),
    _col("variables", JSONB),
    _col("creator", sa.Text),
    _col("created_at", _Big),
    _col("modifier", sa.Text),
    _col("modified_at", _Big),
    _col("seal", BYTEA),
)
"""`steps` and `variables`: as model/template.py describes them; contents, sensitive parameters, passwords sealed."""

plans = _table(
    "plan",
    _serial(),
    _col("template_id", _Big),
    _col("scope_type", sa.Text),
    _col("scope_id", _Big),
    _col("name", sa.Text),
    _col("version", sa.Text),
    _col("steps", JSONB),
    _col("variables", JSONB),
    _col("creator", sa.Text),
    _col("created_at", _Big),
    _col("modifier", sa.Text),
    _col("modified_at", _Big),
    _col("seal", BYTEA),
)
"""`version`: that of the template whose steps and variables were copied."""

scripts = _table(
    "script",
    sa.Column("id", sa.Text, primary_key=True),
    _col("scope_type", sa.Text),
    _col("scope_id", _Big),
    _col("name", sa.Text),
    _col("language", sa.SmallInteger),
    _col("description", sa.Text),
    _col("creator", sa.Text),
    _col("created_at", _Big),
    _col("modifier", sa.Text),
    _col("modified_at", _Big),
)
"""`scope_type` is «public» and `scope_id` 0 for scripts that every scope may run."""

script_versions = _table(
    "script_version",
    _pk("id"),
    _col("script_id", sa.Text),
    _col("version", sa.Text),
    _col("state", sa.SmallInteger),
    _col("content", BYTEA),
    _col("description", sa.Text),
    _col("creator", sa.Text),
    _col("created_at", _Big),
    _col("modifier", sa.Text),
    _col("modified_at", _Big),
)
"""`content` is sealed for this very version."""

script_uses = _table(
    "script_use",
    _pk("version_id"),
    sa.Column("owner", sa.Text, primary_key=True),
    _pk("owner_id"),
)
"""Which versions the steps of templates and plans run; what is used cannot be deleted."""

dangerous_rules = _table(
    "dangerous_rule",
    _serial(),
    _col("expression", sa.Text),
    _col("languages", ARRAY(sa.SmallInteger)),
    _col("description", sa.Text),
    _col("action", sa.SmallInteger),
    _col("enabled", sa.Boolean),
    _col("priority", _Big),
    _col("creator", sa.Text),
    _col("created_at", _Big),
    _col("modifier", sa.Text),
    _col("modified_at", _Big),
)
"""`languages` ascend."""

dangerous_hits = _table(
    "dangerous_hit",
    _serial(),
    _col("at", _Big),
    _col("rule_id", _Big),
    _col("expression", sa.Text),
    _col("action", sa.SmallInteger),
    _col("scope_type", sa.Text),
    _col("scope_id", _Big),
    _col("operator", sa.Text),
    _col("app_code", sa.Text),
    _col("launch_mode", sa.SmallInteger),
    _col("language", sa.SmallInteger),
    _col("line_number", sa.Integer),
    _col("line", BYTEA),
    _col("script_hash", sa.Text),
)
"""`line` is sealed; `script_hash` names the script in `dangerous_script`."""

dangerous_scripts = _table(
    "dangerous_script",
    sa.Column("hash", sa.Text, primary_key=True),
    _col("data", BYTEA),
    _col("at", _Big),
)
"""Scripts that a rule hit, sealed, by SHA-256 of the clear bytes in hex."""
