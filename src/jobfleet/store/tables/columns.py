"""How a table is written down: as SQLAlchemy Core sees it; the migrations create it."""

from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()
Big = sa.BigInteger


def table(name: str, *columns: sa.Column[Any]) -> sa.Table:
    """Declare a table."""
    return sa.Table(name, metadata, *columns)


def pk(name: str, kind: Any = Big) -> sa.Column[Any]:
    """Declare a column of the primary key."""
    return sa.Column(name, kind, primary_key=True)


def serial() -> sa.Column[Any]:
    """Declare an `id` that a sequence gives."""
    return sa.Column("id", Big, primary_key=True, autoincrement=False, server_default=sa.FetchedValue())


def col(name: str, kind: Any, *, null: bool = False) -> sa.Column[Any]:
    """Declare a column."""
    return sa.Column(name, kind, nullable=null)


def scoped() -> tuple[sa.Column[Any], ...]:
    """Declare whose a row is."""
    return col("scope_type", sa.Text), col("scope_id", Big)


def signed() -> tuple[sa.Column[Any], ...]:
    """Declare who made a row and who changed it last, and when: epoch milliseconds."""
    return col("creator", sa.Text), col("created_at", Big), col("modifier", sa.Text), col("modified_at", Big)
