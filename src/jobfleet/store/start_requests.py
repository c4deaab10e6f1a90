"""Queries over starts that wait for a second person."""

from typing import Any

import msgspec
import sqlalchemy as sa

from jobfleet.model.blast import Reason
from jobfleet.model.job import JobType, LaunchMode
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.start_request import RequestState, StartRequest
from jobfleet.store.database import Transaction
from jobfleet.store.tables import start_requests as table


async def insert(tx: Transaction, request: StartRequest, body: bytes) -> int:
    """Store a new request with its sealed body, and return its id; the one that is given does not count."""
    values = {
        "scope_type": request.scope.type.value,
        "scope_id": request.scope.id,
        "kind": request.kind,
        "name": request.name,
        "host_count": request.host_count,
        "reasons": msgspec.to_builtins(request.reasons),
        "reason": request.reason,
        "digest": request.digest,
        "body": body,
        "launch_mode": int(request.launch_mode),
        "job_type": int(request.job_type),
        "asked_by": request.asked_by,
        "asked_at": request.asked_at,
        "expires_at": request.expires_at,
        "state": request.state.value,
    }
    return int((await tx.execute(sa.insert(table).values(values).returning(table.c.id))).scalar_one())


async def find(
    tx: Transaction, scope: Scope, request_id: int, *, lock: bool = False
) -> tuple[StartRequest, bytes] | None:
    """Return a request of a scope with its sealed body, or None; with `lock` held until the transaction ends."""
    query = sa.select(table).where(table.c.id == request_id, _in(scope))
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else (_request(row), row.body)


async def list_of_scope(
    tx: Transaction, scope: Scope, now: int, limit: int, *, asked_by: str | None
) -> list[StartRequest]:
    """Return the newest requests of a scope, those that wait at a moment first; `asked_by` None: of everybody."""
    query = sa.select(table).where(_in(scope)).order_by(_waiting(now).desc(), table.c.id.desc()).limit(limit)
    mine = query if asked_by is None else query.where(table.c.asked_by == asked_by)
    return [_request(row) for row in await tx.execute(mine)]


async def count_pending(tx: Transaction, scope: Scope, username: str, now: int) -> int:
    """Count the requests of somebody in a scope that wait."""
    query = sa.select(sa.func.count()).where(_in(scope), table.c.asked_by == username, _waiting(now))
    return int((await tx.execute(query)).scalar_one())


async def count_decidable(tx: Transaction, scope: Scope, username: str, now: int) -> int:
    """Count the requests of others in a scope that wait."""
    query = sa.select(sa.func.count()).where(_in(scope), table.c.asked_by != username, _waiting(now))
    return int((await tx.execute(query)).scalar_one())


async def decide(tx: Transaction, decided: StartRequest) -> bool:
    """Store what became of a request that waits, and forget what it asked for; tell whether it still waited."""
    values = {
        "state": decided.state.value,
        "decided_by": decided.decided_by,
        "decided_at": decided.decided_at,
        "answer": decided.answer,
        "job_id": decided.job_id,
        "body": b"",
    }
    mine = sa.and_(table.c.id == decided.id, table.c.state == RequestState.PENDING.value)
    moved = await tx.execute(sa.update(table).where(mine).values(values).returning(table.c.id))
    return moved.one_or_none() is not None


async def forget(tx: Transaction, now: int, before: int) -> None:
    """Forget what requests asked for that nobody decided on in time, and those that were asked before a moment."""
    late = sa.and_(table.c.state == RequestState.PENDING.value, table.c.expires_at <= now)
    await tx.execute(sa.update(table).where(late).values(state=RequestState.EXPIRED.value, body=b""))
    await tx.execute(sa.delete(table).where(table.c.asked_at < before))


def _in(scope: Scope) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.scope_type == scope.type.value, table.c.scope_id == scope.id)


def _waiting(now: int) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.state == RequestState.PENDING.value, table.c.expires_at > now)


def _request(row: Any) -> StartRequest:
    return StartRequest(
        id=row.id,
        scope=Scope(ScopeType(row.scope_type), row.scope_id),
        kind=row.kind,
        name=row.name,
        host_count=row.host_count,
        reasons=msgspec.convert(row.reasons, tuple[Reason, ...]),
        reason=row.reason,
        digest=row.digest,
        launch_mode=LaunchMode(row.launch_mode),
        job_type=JobType(row.job_type),
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        state=RequestState(row.state),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        answer=row.answer,
        job_id=row.job_id,
    )
