"""Keep plans for debugging, which no list shows; find templates and plans quickly."""

from alembic import op

revision = "0010"
down_revision = "0009"

STATEMENTS = """
ALTER TABLE plan ADD COLUMN debug boolean NOT NULL DEFAULT false;
ALTER TABLE plan DROP CONSTRAINT plan_template_id_name_key;
CREATE UNIQUE INDEX plan_name ON plan (template_id, name) WHERE NOT debug;
CREATE UNIQUE INDEX plan_debug ON plan (template_id) WHERE debug;
CREATE INDEX plan_template ON plan (template_id, modified_at DESC, id DESC);
CREATE INDEX plan_changed ON plan (scope_type, scope_id, modified_at DESC, id DESC);
CREATE INDEX template_changed ON template (scope_type, scope_id, modified_at DESC, id DESC);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
