"""The only SQL: tables, migrations and one module of queries a subject."""
