"""Queries over agents, their revoked keys and the tokens with which they enrol."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.agent import Agent, Enrolment, EnrolmentToken, HostView
from jobfleet.model.job_id import DAY_MS
from jobfleet.model.scope import KnownScope
from jobfleet.model.status import UNFINISHED_TASK
from jobfleet.model.target import DEFAULT_CLOUD_NAME
from jobfleet.store import declared, inventory
from jobfleet.store.database import Transaction
from jobfleet.store.tables import agents, enrolment_tokens, hosts, revoked_keys, step_files, steps, tasks


async def insert_token(tx: Transaction, token_hash: bytes, token: EnrolmentToken) -> None:
    """Store an enrolment token by its hash, and forget those that ended long ago."""
    long_ago = token.created_at - 30 * DAY_MS
    await tx.execute(sa.delete(enrolment_tokens).where(enrolment_tokens.c.expires_at < long_ago))
    await tx.execute(
        sa.insert(enrolment_tokens).values(
            hash=token_hash,
            business_id=token.business_id,
            reusable=token.reusable,
            created_by=token.created_by,
            created_at=token.created_at,
            expires_at=token.expires_at,
            replaces=token.replaces,
        )
    )


async def claim_token(tx: Transaction, token_hash: bytes) -> EnrolmentToken | None:
    """Return an enrolment token, or None; nobody else can claim it until this transaction ends."""
    query = sa.select(enrolment_tokens).where(enrolment_tokens.c.hash == token_hash).with_for_update()
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return None
    return EnrolmentToken(
        business_id=row.business_id,
        reusable=row.reusable,
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        replaces=row.replaces,
    )


async def mark_token_used(tx: Transaction, token_hash: bytes, now: int) -> None:
    """Note when a token was used last."""
    await tx.execute(sa.update(enrolment_tokens).where(enrolment_tokens.c.hash == token_hash).values(used_at=now))


async def find_host(tx: Transaction, cloud_id: int, ip: str) -> tuple[int, int] | None:
    """Return id and business of the host at an address, v4 or v6, or None; its agent changes in one place at a time."""
    query = (
        sa.select(hosts.c.id, hosts.c.business_id)
        .where(hosts.c.cloud_id == cloud_id, sa.or_(hosts.c.ip == ip, hosts.c.ipv6 == ip))
        .with_for_update(key_share=True)
    )
    row = (await tx.execute(query)).first()
    return None if row is None else (int(row.id), int(row.business_id))


async def insert_host(tx: Transaction, business_id: int, new: Enrolment) -> int:
    """Take up a host that enrols, and return its id."""
    [host_id] = await declared.allocate(tx, "hosts", 1)
    is_v6 = ":" in new.ip
    await tx.execute(
        sa.insert(hosts).values(
            id=host_id,
            business_id=business_id,
            cloud_id=new.cloud_id,
            cloud_name=DEFAULT_CLOUD_NAME,
            ip=None if is_v6 else new.ip,
            ipv6=new.ip if is_v6 else None,
            name=new.hostname,
            os=new.os,
            tags={},
        )
    )
    return host_id


async def find(tx: Transaction, host_id: int, *, lock: bool = False) -> Agent | None:
    """Return the agent of a host, or None; with `lock` nobody else changes it until this transaction ends."""
    query = sa.select(agents).where(agents.c.host_id == host_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else _agent(row)


async def is_known_key(tx: Transaction, public_key: str, host_id: int) -> bool:
    """Tell whether a key belongs to the agent of another host, or was revoked."""
    other = sa.exists().where(agents.c.public_key == public_key, agents.c.host_id != host_id)
    gone = sa.exists().where(revoked_keys.c.public_key == public_key)
    return bool((await tx.execute(sa.select(sa.or_(other, gone)))).scalar_one())


async def upsert(tx: Transaction, host_id: int, new: Enrolment, now: int) -> None:
    """Store the agent of a host; it is not revoked, and not heard of yet."""
    values = {
        "public_key": new.public_key,
        "version": new.version,
        "boot_id": "",
        "enrolled_at": now,
        "seen_at": None,
        "revoked_at": None,
    }
    statement = pg_insert(agents).values(host_id=host_id, refused={}, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["host_id"], set_=values))


async def revoke(tx: Transaction, host_id: int, now: int) -> None:
    """Mark the agent of a host as revoked."""
    await tx.execute(
        sa.update(agents).where(agents.c.host_id == host_id, agents.c.revoked_at.is_(None)).values(revoked_at=now)
    )


async def revoke_key(tx: Transaction, public_key: str, now: int) -> None:
    """Remember for ever that a key is revoked."""
    statement = pg_insert(revoked_keys).values(public_key=public_key, revoked_at=now)
    await tx.execute(statement.on_conflict_do_nothing())


async def list_revoked_keys(tx: Transaction) -> dict[str, int]:
    """Return every revoked key and when it was revoked, epoch milliseconds."""
    rows = await tx.execute(sa.select(revoked_keys.c.public_key, revoked_keys.c.revoked_at))
    return {row.public_key: row.revoked_at for row in rows}


async def list_chosen(tx: Transaction, info: KnownScope, host_ids: Collection[int], now: int) -> list[HostView]:
    """Return those hosts of a scope that are among the ids, with their agents, by id."""
    chosen = hosts.c.id == sa.any_(sa.cast(list(host_ids), ARRAY(sa.BigInteger)))
    return await _views(tx, sa.and_(chosen, hosts.c.business_id.in_(info.member_ids)), now)


async def list_by_ids(tx: Transaction, host_ids: Collection[int], now: int) -> list[HostView]:
    """Return hosts with their agents, by id."""
    return await _views(tx, hosts.c.id == sa.any_(sa.cast(list(host_ids), ARRAY(sa.BigInteger))), now)


async def _views(tx: Transaction, condition: sa.ColumnElement[bool], now: int) -> list[HostView]:
    found = await inventory.list_hosts(tx, condition, now)
    query = sa.select(agents).join(hosts, hosts.c.id == agents.c.host_id)
    rows = await tx.execute(query.where(condition))
    known = {row.host_id: _agent(row) for row in rows}
    return [HostView(host, known.get(host.id)) for host in found]


async def needs_content(tx: Transaction, host_id: int, content_hash: str) -> bool:
    """Tell whether an unfinished task of a host runs the script, or works by the manifest, with this hash."""
    handed_out = sa.exists().where(
        step_files.c.job_id == tasks.c.job_id,
        step_files.c.step_id == tasks.c.step_id,
        step_files.c.hash == content_hash,
    )
    query = (
        sa.select(tasks.c.id)
        .join(steps, sa.and_(steps.c.job_id == tasks.c.job_id, steps.c.id == tasks.c.step_id))
        .where(
            tasks.c.host_id == host_id,
            tasks.c.status.in_([int(status) for status in UNFINISHED_TASK]),
            sa.or_(steps.c.definition["content_hash"].astext == content_hash, handed_out),
        )
        .limit(1)
    )
    return (await tx.execute(query)).first() is not None


def _agent(row: Any) -> Agent:
    return Agent(
        host_id=row.host_id,
        public_key=row.public_key,
        version=row.version,
        enrolled_at=row.enrolled_at,
        seen_at=row.seen_at,
        revoked_at=row.revoked_at,
        refused=row.refused,
    )
