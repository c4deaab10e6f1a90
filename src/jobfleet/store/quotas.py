"""How many jobs run, and the locks under which that is counted."""

import hashlib

import msgspec
import sqlalchemy as sa

from jobfleet.model.declared_rows import QUOTAS_SETTING
from jobfleet.model.quota import Quotas
from jobfleet.model.scope import Scope
from jobfleet.model.status import RunStatus
from jobfleet.store.database import Transaction
from jobfleet.store.tables import jobs, platform_settings

RUNNING = (RunStatus.RUNNING, RunStatus.WAITING, RunStatus.STOPPING)
"""Statuses of jobs that count; the partial indexes of table `job` name the same."""


async def find(tx: Transaction) -> Quotas:
    """Return the quotas of the installation; without a declared one everything may run."""
    query = sa.select(platform_settings.c.value).where(platform_settings.c.name == QUOTAS_SETTING)
    value = (await tx.execute(query)).scalar_one_or_none()
    return Quotas() if value is None else msgspec.convert(value, Quotas)


async def count_running(tx: Transaction, scope: Scope | None, app_code: str | None, most: int) -> int:
    """Count the jobs that run in a scope (None: any) and for an application (None: any), at most `most` of them."""
    # Constants, so that the planner sees that the partial index holds all that is counted.
    running = sa.text(f"job.status IN ({', '.join(str(int(status)) for status in RUNNING)})")
    query = sa.select(sa.literal(1)).select_from(jobs).where(running)
    if scope is not None:
        query = query.where(jobs.c.scope_type == scope.type.value, jobs.c.scope_id == scope.id)
    if app_code is not None:
        query = query.where(jobs.c.app_code == app_code)
    counted = sa.select(sa.func.count()).select_from(query.limit(most).subquery())
    return int((await tx.execute(counted)).scalar_one())


async def max_connections(tx: Transaction) -> int:
    """Return how many transactions the database runs at once at the most."""
    return int((await tx.execute(sa.text("SELECT current_setting('max_connections')"))).scalar_one())


async def hold(tx: Transaction, key: str, *, shared: bool) -> None:
    """Wait for a lock of this name, which ends with the transaction; shared ones do not wait for each other."""
    number = int.from_bytes(hashlib.sha256(f"quota {key}".encode()).digest()[:8], "big", signed=True)
    name = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    await tx.execute(sa.text(f"SELECT {name}(:key)"), {"key": number})
