"""Which templates or plans of a scope are meant: by name, by people, by times."""

import msgspec
import sqlalchemy as sa

from jobfleet.model.tagging import Tagged
from jobfleet.store.tags import has_tag


class KeptFilter(msgspec.Struct, frozen=True):
    """Narrow a list of templates or plans; None and "" mean no filter.

    Spans are inclusive, epoch milliseconds, None for an open end. `name` is a part of the name, in any case.
    Templates have tags.
    """

    name: str = ""
    creator: str = ""
    modifier: str = ""
    created: tuple[int | None, int | None] = (None, None)
    modified: tuple[int | None, int | None] = (None, None)
    tag_id: int | None = None


def meets(table: sa.Table, wanted: KeptFilter) -> sa.ColumnElement[bool]:
    """Return the condition that rows of a table meet which are wanted."""
    found: list[sa.ColumnElement[bool]] = [table.c.name.icontains(wanted.name, autoescape=True)]
    exact = {"creator": wanted.creator, "modifier": wanted.modifier}
    found += [table.c[column] == value for column, value in exact.items() if value]
    for column, (start, end) in {"created_at": wanted.created, "modified_at": wanted.modified}.items():
        found += [] if start is None else [table.c[column] >= start]
        found += [] if end is None else [table.c[column] <= end]
    if wanted.tag_id is not None:
        found.append(has_tag(Tagged.TEMPLATE, table.c.id, wanted.tag_id))
    return sa.and_(*found)
