"""Count the versions of templates, and find what a plan ran last."""

from alembic import op

revision = "0019"
down_revision = "0018"

STATEMENTS = """
ALTER TABLE template ADD COLUMN revision integer NOT NULL DEFAULT 1;
ALTER TABLE plan ADD COLUMN revision integer NOT NULL DEFAULT 1;
UPDATE plan SET revision = 0 FROM template WHERE template.id = plan.template_id AND template.version <> plan.version;
CREATE INDEX job_of_plan ON job (plan_id, id DESC) WHERE plan_id > 0;
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
