"""Run migrations on the connection that `store.database.migrate` opened."""

from alembic import context

from jobfleet.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
