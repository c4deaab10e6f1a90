"""Queries over file steps: what their sources offered, which contents their hosts may fetch, and uploads."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from jobfleet.model.scope import Scope
from jobfleet.model.status import FINISHED, UNFINISHED_TASK, TaskStatus
from jobfleet.store.database import Transaction, raw
from jobfleet.store.jobs import NOT_SUCCEEDED
from jobfleet.store.tables import jobs, step_files, tasks, uploads

_UNFINISHED = [int(status) for status in UNFINISHED_TASK]


class SourceTask(msgspec.Struct, frozen=True):
    """Tell how the offer of one source went; `manifest` is "" when it offered nothing."""

    ordinal: int
    cloud_id: int
    ip: str
    status: TaskStatus
    message: str
    manifest: str
    seal: bytes


class OfferingTask(msgspec.Struct, frozen=True):
    """Name an unfinished task of a host that offers files."""

    job_id: int
    step_id: int
    attempt: int
    ordinal: int
    id: int


class StoredUpload(msgspec.Struct, frozen=True):
    """Describe an uploaded file that is there."""

    path: str
    content_hash: str
    size_bytes: int


class KnownUpload(msgspec.Struct, frozen=True):
    """Describe an uploaded file, or an address that none was sent to yet (`stored_at` None). Times are epoch ms."""

    path: str
    content_hash: str
    size_bytes: int
    created_at: int
    expires_at: int
    stored_at: int | None


async def list_uploads(
    tx: Transaction, scope: Scope, *, name: str, start: int, length: int
) -> tuple[int, list[KnownUpload]]:
    """Return how many files were uploaded in a scope with `name` in their path, and a page of them, newest first."""
    mine = [
        uploads.c.scope_type == scope.type.value,
        uploads.c.scope_id == scope.id,
        uploads.c.stored_at.is_not(None),
    ]
    if name:
        mine.append(sa.func.regexp_replace(uploads.c.path, "^[^/]*/[^/]*/", "").icontains(name, autoescape=True))
    total = (await tx.execute(sa.select(sa.func.count()).select_from(uploads).where(*mine))).scalar_one()
    page = sa.select(uploads).where(*mine).order_by(uploads.c.stored_at.desc(), uploads.c.path)
    rows = await tx.execute(page.offset(start).limit(length))
    return int(total), [
        KnownUpload(row.path, row.hash, row.size_bytes, row.created_at, row.expires_at, row.stored_at) for row in rows
    ]


async def list_sources(tx: Transaction, job_id: int, step_id: int, attempt: int) -> list[SourceTask]:
    """Return how the offers of an attempt went, in the order of the request."""
    rows = await (await raw(tx)).fetch(
        """
        SELECT t.ordinal, g.cloud_id, coalesce(g.ip, g.ipv6, ''), t.status, t.message, t.manifest,
               t.manifest_seal
        FROM task t JOIN target g ON g.job_id = t.job_id AND g.step_id = t.step_id AND g.ordinal = t.ordinal
        WHERE t.job_id = $1 AND t.step_id = $2 AND t.attempt = $3 AND t.ordinal < 0 ORDER BY t.ordinal DESC
        """,
        job_id,
        step_id,
        attempt,
    )
    return [SourceTask(row[0], row[1], row[2], TaskStatus(row[3]), row[4], row[5], bytes(row[6])) for row in rows]


async def find_offering(tx: Transaction, host_id: int, task_id: int) -> OfferingTask | None:
    """Return the unfinished task with which a host offers files, held until the transaction ends, or None."""
    query = (
        sa.select(tasks.c.job_id, tasks.c.step_id, tasks.c.attempt, tasks.c.ordinal, tasks.c.id)
        .where(
            tasks.c.host_id == host_id,
            tasks.c.id == task_id,
            tasks.c.ordinal < 0,
            tasks.c.status.in_(_UNFINISHED),
        )
        .with_for_update(key_share=True)
    )
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else OfferingTask(row.job_id, row.step_id, row.attempt, row.ordinal, row.id)


async def may_fetch(tx: Transaction, host_id: int, task_id: int, content_hash: str) -> bool:
    """Tell whether an unfinished task of a host needs a content of its step; one that offers files needs none."""
    query = (
        sa.select(tasks.c.id)
        .join(step_files, sa.and_(step_files.c.job_id == tasks.c.job_id, step_files.c.step_id == tasks.c.step_id))
        .where(
            tasks.c.host_id == host_id,
            tasks.c.id == task_id,
            tasks.c.ordinal >= 0,
            tasks.c.status.in_(_UNFINISHED),
            step_files.c.hash == content_hash,
        )
    )
    return (await tx.execute(query)).first() is not None


async def set_manifest(tx: Transaction, task: OfferingTask, manifest: str, seal: bytes) -> None:
    """Note what a source offers; the task must be held."""
    await tx.execute(
        sa.update(tasks)
        .where(tasks.c.job_id == task.job_id, tasks.c.id == task.id)
        .values(manifest=manifest, manifest_seal=seal)
    )


async def allow(tx: Transaction, job_id: int, step_id: int, hashes: Collection[str]) -> None:
    """Let the hosts of a step fetch contents."""
    if not hashes:
        return
    await (await raw(tx)).execute(
        """
        INSERT INTO step_file (job_id, step_id, hash) SELECT $1, $2, unnest($3::text[]) ON CONFLICT DO NOTHING
        """,
        job_id,
        step_id,
        sorted(hashes),
    )


async def list_awaited(tx: Transaction) -> list[str]:
    """Return the contents, by their hashes, that hosts of unfinished jobs may still fetch."""
    unfinished = sa.select(jobs.c.id).where(NOT_SUCCEEDED, jobs.c.status.not_in([int(one) for one in FINISHED]))
    ids = sa.any_(sa.func.array(unfinished.scalar_subquery(), type_=ARRAY(sa.BigInteger)))
    return list((await tx.execute(sa.select(step_files.c.hash).where(step_files.c.job_id == ids).distinct())).scalars())


async def insert_uploads(
    tx: Transaction, scope: Scope, made: Sequence[tuple[str, bytes]], now: int, expires_at: int
) -> None:
    """Store addresses for uploads, as (path, hash of the token)."""
    rows = [
        {
            "path": path,
            "token_hash": token_hash,
            "scope_type": scope.type.value,
            "scope_id": scope.id,
            "created_at": now,
            "expires_at": expires_at,
            "hash": "",
            "size_bytes": 0,
        }
        for path, token_hash in made
    ]
    if rows:
        await tx.execute(sa.insert(uploads), rows)


async def use_upload(tx: Transaction, token_hash: bytes, now: int) -> str | None:
    """Take the one upload that an address is good for; return its path, or None when it is used or too old."""
    taken = await tx.execute(
        sa.update(uploads)
        .where(uploads.c.token_hash == token_hash, uploads.c.used_at.is_(None), uploads.c.expires_at > now)
        .values(used_at=now)
        .returning(uploads.c.path)
    )
    path: str | None = taken.scalar_one_or_none()
    return path


async def finish_upload(tx: Transaction, upload: StoredUpload, now: int) -> None:
    """Note that an uploaded file is there."""
    await tx.execute(
        sa.update(uploads)
        .where(uploads.c.path == upload.path)
        .values(hash=upload.content_hash, size_bytes=upload.size_bytes, stored_at=now)
    )


async def find_uploads(tx: Transaction, scope: Scope, paths: Collection[str]) -> dict[str, StoredUpload]:
    """Return the uploaded files of a scope that are there, by path."""
    query = sa.select(uploads).where(
        uploads.c.path == sa.any_(_texts(paths)),
        uploads.c.scope_type == scope.type.value,
        uploads.c.scope_id == scope.id,
        uploads.c.stored_at.is_not(None),
    )
    return {row.path: StoredUpload(row.path, row.hash, row.size_bytes) for row in await tx.execute(query)}


async def delete_uploads(tx: Transaction, created_before: int, kept: Collection[str] = ()) -> None:
    """Forget uploads that are older than a moment (epoch ms), but for those with a path in `kept`."""
    is_old = sa.and_(uploads.c.created_at < created_before, uploads.c.path != sa.all_(_texts(kept)))
    await tx.execute(sa.delete(uploads).where(is_old))


async def list_hashes(tx: Transaction, paths: Collection[str]) -> list[str]:
    """Return the content hashes of uploaded files, by their paths."""
    query = sa.select(uploads.c.hash).where(uploads.c.path == sa.any_(_texts(paths)), uploads.c.stored_at.is_not(None))
    return list((await tx.execute(query)).scalars())


def _texts(values: Collection[str]) -> sa.Cast[Any]:
    # One parameter, however many there are: PostgreSQL takes no more than 32,767 of them.
    return sa.cast(list(values), ARRAY(sa.Text))
