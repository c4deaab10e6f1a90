"""Which templates or plans of a scope are meant: by name, by people, by times."""

import msgspec
import sqlalchemy as sa


class KeptFilter(msgspec.Struct, frozen=True):
    """Narrow a list of templates or plans; None and "" mean no filter.

    Spans are inclusive, epoch milliseconds, None for an open end. `name` is a part of the name.
    """

    name: str = ""
    creator: str = ""
    modifier: str = ""
    created: tuple[int | None, int | None] = (None, None)
    modified: tuple[int | None, int | None] = (None, None)


def meets(table: sa.Table, wanted: KeptFilter) -> sa.ColumnElement[bool]:
    """Return the condition that rows of a table meet which are wanted."""
    found: list[sa.ColumnElement[bool]] = [table.c.name.contains(wanted.name, autoescape=True)]
    exact = {"creator": wanted.creator, "modifier": wanted.modifier}
    found += [table.c[column] == value for column, value in exact.items() if value]
    for column, (start, end) in {"created_at": wanted.created, "modified_at": wanted.modified}.items():
        found += [] if start is None else [table.c[column] >= start]
        found += [] if end is None else [table.c[column] <= end]
    return sa.and_(*found)
