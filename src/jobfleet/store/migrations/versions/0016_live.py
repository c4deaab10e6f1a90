"""Keep what live pages need."""

from alembic import op

revision = "0016"
down_revision = "0015"

STATEMENTS = """
ALTER TABLE event ADD COLUMN tx xid8;
ALTER TABLE event ALTER COLUMN tx SET DEFAULT pg_current_xact_id();
CREATE INDEX event_tx ON event (tx, id);
CREATE INDEX step_of_plan ON step (plan_step_id, id) WHERE plan_step_id > 0;
CREATE INDEX schedule_fire_of_job ON schedule_fire (job_id) WHERE job_id IS NOT NULL;
"""


def upgrade() -> None:
    """Note which transaction wrote an event, so that those who follow miss none; find earlier runs of a plan's step."""
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
