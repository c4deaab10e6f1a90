"""What a job leaves as it runs.

Those that grow with every job (store/partitions.py names them) are partitioned by job id. A job's id begins with its
day, so that partitions are spans of time, a lookup by job id touches one partition, and retention drops whole ones
(docs/adr/0002-job-ids-carry-their-day.md).
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB

from jobfleet.store.tables.columns import Big, col, pk, scoped, serial, table

jobs = table(
    "job",
    pk("id"),
    *scoped(),
    col("name", sa.Text),
    col("type", sa.SmallInteger),
    col("plan_id", Big),
    col("launch_mode", sa.SmallInteger),
    col("operator", sa.Text),
    col("app_code", sa.Text),
    col("status", sa.SmallInteger),
    col("current_step_id", Big),
    col("callback_url", sa.Text),
    col("created_at", Big),
    col("started_at", Big, null=True),
    col("ended_at", Big, null=True),
    col("total_ms", Big, null=True),
    col("look_at", Big, null=True),
)
"""`look_at`: when a sweep must look at the job again if nobody did before; null once nothing is left to do."""

steps = table(
    "step",
    pk("job_id"),
    serial(),
    col("ordinal", sa.Integer),
    col("plan_step_id", Big),
    col("name", sa.Text),
    col("type", sa.SmallInteger),
    col("operator", sa.Text),
    col("status", sa.SmallInteger),
    col("attempt", sa.Integer),
    col("batch", sa.Integer),
    col("target_count", sa.Integer),
    col("open_count", sa.Integer),
    col("ignore_error", sa.Boolean),
    col("definition", JSONB),
    col("rolling", JSONB, null=True),
    col("batch_count", sa.Integer),
    col("variable_count", sa.Integer, null=True),
    col("seal", BYTEA),
    col("created_at", Big),
    col("started_at", Big, null=True),
    col("ended_at", Big, null=True),
    col("total_ms", Big, null=True),
    col("stopping_at", Big, null=True),
)
"""`open_count`: tasks of the latest attempt that are awaited, kept beside every change of a task: of a step that rolls
batch by batch those of the current one, of one that is being stopped those whose order was sent."""

targets = table(
    "target",
    pk("job_id"),
    pk("step_id"),
    pk("ordinal", sa.Integer),
    col("host_id", Big),
    col("cloud_id", Big),
    col("cloud_name", sa.Text),
    col("ip", sa.Text, null=True),
    col("ipv6", sa.Text, null=True),
    col("agent_id", sa.Text, null=True),
    col("os", sa.Text),
    col("alive", sa.Boolean),
    col("initial", sa.SmallInteger),
    col("container", JSONB(none_as_null=True), null=True),
)
"""`container`: what of the host is meant, when it is not the host itself: a model.container.Container."""

tasks = table(
    "task",
    pk("job_id"),
    serial(),
    col("step_id", Big),
    col("attempt", sa.Integer),
    col("batch", sa.Integer),
    col("ordinal", sa.Integer),
    col("host_id", Big),
    col("log_task_id", Big),
    col("status", sa.SmallInteger),
    col("tag", sa.Text),
    col("exit_code", sa.Integer, null=True),
    col("error_code", sa.Integer),
    col("started_at", Big, null=True),
    col("ended_at", Big, null=True),
    col("total_ms", Big, null=True),
    col("sent_at", Big, null=True),
    col("lease_until", Big, null=True),
    col("deadline_at", Big, null=True),
    col("output_bytes", Big),
    col("message", sa.Text),
    col("survivors", ARRAY(sa.Integer)),
    col("manifest", sa.Text),
    col("manifest_seal", BYTEA),
)
"""`sent_at`: first time an order left for the host. `lease_until`: the server that sends it has until then.
`deadline_at`: given up after it. `output_bytes`: how much of the output is stored, without a gap. `ordinal`: of the
target; below 0 of the source of a file step, whose `manifest` is the hash of what it offers."""

step_files = table(
    "step_file",
    pk("job_id"),
    pk("step_id"),
    sa.Column("hash", sa.Text, primary_key=True),
)
"""Contents and manifests, by SHA-256 in hex, that hosts of a file step may fetch."""

job_variables = table(
    "job_variable",
    pk("job_id"),
    pk("ordinal", sa.Integer),
    col("variable_id", Big),
    col("name", sa.Text),
    col("type", sa.SmallInteger),
    col("changeable", sa.Boolean),
    col("value", BYTEA),
)
"""The variables of jobs with their first values, sealed."""

step_variables = table("step_variables", pk("job_id"), pk("step_id"), col("data", BYTEA))
"""What the latest attempt of a step left of the variables: those that changed, name to value, sealed."""

task_variables = table(
    "task_variables",
    pk("job_id"),
    pk("step_id"),
    pk("host_id"),
    pk("task_id"),
    col("data", BYTEA),
)
"""What a task left of the variables: those that it changed, name to value, sealed."""

batches = table(
    "batch",
    pk("job_id"),
    pk("step_id"),
    pk("attempt", sa.Integer),
    pk("number", sa.Integer),
    col("status", sa.SmallInteger),
    col("size", sa.Integer),
    col("start_at", Big, null=True),
    col("started_at", Big, null=True),
    col("ended_at", Big, null=True),
    col("total_ms", Big, null=True),
)
"""`start_at`: when a batch starts by the clock; null for one that waits for the batch before it."""

output_chunks = table(
    "output_chunk",
    pk("job_id"),
    pk("task_id"),
    pk("offset_bytes"),
    col("size_bytes", sa.Integer),
    col("stored_at", Big),
    col("hash", BYTEA),
    col("segments", BYTEA),
    col("newlines", sa.Integer, null=True),
)
"""`segments`: msgpack list of (stream, epoch ms, size) of the chunk's bytes; the bytes are the blob of `hash`.
`newlines` counts the line ends in them; it is null until somebody reads a chunk of an older version."""

output_blobs = table(
    "output_blob",
    pk("job_id"),
    sa.Column("hash", BYTEA, primary_key=True),
    col("data", BYTEA),
)
"""Output bytes, zstd, by SHA-256: what many hosts of a job print alike is stored once."""

output_hashes = table(
    "output_hash",
    pk("job_id"),
    pk("task_id"),
    col("size_bytes", Big),
    col("exact", BYTEA),
    col("times", BYTEA),
    col("numbers", BYTEA),
    col("address", BYTEA),
)
"""What tasks that are over printed, hashed four ways (model/normal.py); it counts as long as `size_bytes` is that of
the task's output."""

events = table(
    "event",
    pk("job_id"),
    serial(),
    col("at", Big),
    col("kind", sa.Text),
    col("step_id", Big, null=True),
    col("task_ids", ARRAY(Big), null=True),
    col("from_status", sa.Integer, null=True),
    col("to_status", sa.Integer, null=True),
    col("actor", sa.Text),
    col("detail", sa.Text),
)
"""Every change of status; tasks that changed alike in one transaction share a row."""

callbacks = table(
    "callback",
    serial(),
    col("job_id", Big),
    col("url", sa.Text),
    col("outcome", JSONB),
    col("tries", sa.Integer),
    col("due_at", Big, null=True),
    col("created_at", Big),
    col("ended_at", Big, null=True),
    col("delivered", sa.Boolean),
    col("reason", sa.Text),
)
"""Who is to be told that a job ended; `due_at` is when the next try is due, null once it was told or given up."""

contents = table(
    "content",
    sa.Column("hash", sa.Text, primary_key=True),
    col("data", BYTEA),
    col("used_at", Big),
)
"""Script contents, sealed (encrypted), by SHA-256 of the clear bytes in hex."""

idempotency_keys = table(
    "idempotency_key",
    sa.Column("caller", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    col("request_hash", BYTEA),
    col("job_id", Big),
    col("step_id", Big),
    col("name", sa.Text),
    col("created_at", Big),
)

uploads = table(
    "upload",
    sa.Column("path", sa.Text, primary_key=True),
    col("token_hash", BYTEA),
    *scoped(),
    col("created_at", Big),
    col("expires_at", Big),
    col("used_at", Big, null=True),
    col("stored_at", Big, null=True),
    col("hash", sa.Text),
    col("size_bytes", Big),
)
"""Files that people upload for a step to come; `used_at`: when the one upload of its address began."""

fetched_objects = table(
    "fetched_object",
    pk("file_source_id"),
    sa.Column("path", sa.Text, primary_key=True),
    col("etag", sa.Text),
    col("size_bytes", Big),
    col("hash", sa.Text),
    col("seal", BYTEA),
    col("fetched_at", Big),
)
"""Which content an object had when it was fetched last, so that an unchanged one is not fetched again."""
