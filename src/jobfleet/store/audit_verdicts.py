"""What was found when somebody last looked at the whole audit trail."""

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.store.database import Transaction
from jobfleet.store.tables import audit, audit_verdicts


class LastVerdict(msgspec.Struct, frozen=True):
    """Tell when (epoch milliseconds) who looked at how many rows, and what was wrong with them."""

    at: int
    username: str
    row_count: int
    breaks: list[str]


async def put(tx: Transaction, verdict: LastVerdict) -> None:
    """Keep what was found, in place of what was found before."""
    values = msgspec.structs.asdict(verdict)
    statement = pg_insert(audit_verdicts).values(id=1, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


async def find(tx: Transaction) -> LastVerdict | None:
    """Return what was found last, or None when nobody ever looked."""
    columns = [audit_verdicts.c[name] for name in LastVerdict.__struct_fields__]
    row = (await tx.execute(sa.select(*columns))).one_or_none()
    return None if row is None else LastVerdict(*row)


async def count_unchained(tx: Transaction) -> tuple[int, int | None]:
    """Return how many rows wait to be linked, and since when (epoch milliseconds) the first one does."""
    query = sa.select(sa.func.count(), sa.func.min(audit.c.at)).where(audit.c.seq.is_(None))
    count, since = (await tx.execute(query)).one()
    return int(count), since
