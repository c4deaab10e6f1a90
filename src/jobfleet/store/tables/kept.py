"""What people keep: scripts, templates, plans, schedules, sources, rules."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB

from jobfleet.store.tables.columns import Big, col, pk, scoped, serial, signed, table

credentials = table(
    "credential",
    sa.Column("id", sa.Text, primary_key=True),
    *scoped(),
    col("name", sa.Text),
    col("type", sa.Text),
    col("description", sa.Text),
    col("sealed", BYTEA),
    col("creator", sa.Text),
    col("created_at", Big),
    col("changed_by", sa.Text),
    col("changed_at", Big),
)
"""`sealed`: the secrets as JSON, encrypted for this credential alone."""

file_sources = table(
    "file_source",
    serial(),
    *scoped(),
    col("code", sa.Text),
    col("alias", sa.Text),
    col("type", sa.Text),
    col("access", JSONB),
    col("credential_id", sa.Text),
    col("file_prefix", sa.Text),
    col("public", sa.Boolean),
    col("shared_with", ARRAY(sa.Text)),
    col("enabled", sa.Boolean),
    col("seal", BYTEA),
    col("creator", sa.Text),
    col("created_at", Big),
    col("changed_by", sa.Text),
    col("changed_at", Big),
)
"""`seal`: proves that address and credential are those that somebody with permission gave."""

schedules = table(
    "schedule",
    serial(),
    *scoped(),
    col("name", sa.Text),
    col("plan_id", Big),
    col("expression", sa.Text),
    col("execute_at", Big, null=True),
    col("time_zone", sa.Text),
    col("end_at", Big, null=True),
    col("overlap", sa.Text),
    col("sealed_values", sa.Text),
    col("enabled", sa.Boolean),
    *signed(),
    col("next_fire_at", Big, null=True),
    col("look_at", Big, null=True),
    col("failures", sa.Integer),
    col("failure_code", sa.Integer),
)
"""Plans that run by themselves. `look_at`: when a server looks next, for a fire or for its queue.
`failures`: how many fires in a row could not start for the same `failure_code`."""

schedule_fires = table(
    "schedule_fire",
    serial(),
    col("schedule_id", Big),
    col("scheduled_at", Big),
    col("manual", sa.Boolean),
    col("state", sa.Text),
    col("operator", sa.Text),
    col("job_id", Big, null=True),
    col("code", sa.Integer),
    col("message", sa.Text),
    col("at", Big),
)
"""What became of each moment of a schedule: one row a moment, so that several servers never fire twice."""

notification_hooks = table(
    "notification_hook",
    serial(),
    *scoped(),
    col("name", sa.Text),
    col("url", sa.Text),
    col("occasions", ARRAY(sa.Text)),
    col("modifier", sa.Text),
    col("modified_at", Big),
)
"""Where a scope wants to be told of what happens."""

notifications = table(
    "notification",
    serial(),
    *scoped(),
    col("hook", sa.Text),
    col("url", sa.Text),
    col("receiver", sa.Text),
    col("notice", JSONB),
    col("tries", sa.Integer),
    col("due_at", Big, null=True),
    col("created_at", Big),
    col("ended_at", Big, null=True),
    col("delivered", sa.Boolean),
    col("reason", sa.Text),
)
"""What hooks are to be told; `due_at` is when the next try is due, null once it was told or given up."""

templates = table(
    "template",
    serial(),
    *scoped(),
    col("name", sa.Text),
    col("description", sa.Text),
    col("version", sa.Text),
    col("steps", JSONB),
    col("variables", JSONB),
    *signed(),
    col("seal", BYTEA),
    sa.Column("revision", sa.Integer, nullable=False, server_default=sa.text("1")),
)
"""`steps` and `variables`: as model/template.py describes them; contents, sensitive parameters, passwords sealed.
`revision` counts the versions."""

plans = table(
    "plan",
    serial(),
    col("template_id", Big),
    *scoped(),
    col("name", sa.Text),
    col("version", sa.Text),
    col("steps", JSONB),
    col("variables", JSONB),
    *signed(),
    col("seal", BYTEA),
    sa.Column("debug", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("revision", sa.Integer, nullable=False, server_default=sa.text("1")),
)
"""`version`, `revision`: those of the template whose steps and variables were copied; `debug`: it is no list's."""

scripts = table(
    "script",
    sa.Column("id", sa.Text, primary_key=True),
    *scoped(),
    col("name", sa.Text),
    col("language", sa.SmallInteger),
    col("description", sa.Text),
    *signed(),
    col("online_version_id", Big, null=True),
)
"""`scope_type` is «public» and `scope_id` 0 for scripts that every scope may run. `online_version_id` repeats which
version's state is online, so that lists need not look at versions; whoever changes one touches the script."""

script_versions = table(
    "script_version",
    pk("id"),
    col("script_id", sa.Text),
    col("version", sa.Text),
    col("state", sa.SmallInteger),
    col("content", BYTEA),
    col("description", sa.Text),
    *signed(),
)
"""`content` is sealed for this very version."""

script_uses = table(
    "script_use",
    pk("version_id"),
    sa.Column("owner", sa.Text, primary_key=True),
    pk("owner_id"),
)
"""Which versions the steps of templates and plans run; what is used cannot be deleted."""

dangerous_rules = table(
    "dangerous_rule",
    serial(),
    col("expression", sa.Text),
    col("languages", ARRAY(sa.SmallInteger)),
    col("description", sa.Text),
    col("action", sa.SmallInteger),
    col("enabled", sa.Boolean),
    col("priority", Big),
    col("approvable", sa.Boolean),
    *signed(),
)
"""`languages` ascend; past an `approvable` rule a second person may let a start."""

dangerous_hits = table(
    "dangerous_hit",
    serial(),
    col("at", Big),
    col("rule_id", Big),
    col("expression", sa.Text),
    col("action", sa.SmallInteger),
    *scoped(),
    col("operator", sa.Text),
    col("app_code", sa.Text),
    col("launch_mode", sa.SmallInteger),
    col("language", sa.SmallInteger),
    col("line_number", sa.Integer),
    col("line", BYTEA),
    col("script_hash", sa.Text),
)
"""`line` is sealed; `script_hash` names the script in `dangerous_script`."""

dangerous_scripts = table(
    "dangerous_script",
    sa.Column("hash", sa.Text, primary_key=True),
    col("data", BYTEA),
    col("at", Big),
)
"""Scripts that a rule hit, sealed, by SHA-256 of the clear bytes in hex."""
