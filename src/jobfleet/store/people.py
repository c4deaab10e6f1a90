"""Queries over applications, people, their tokens and their roles."""

from collections.abc import Collection
from typing import Any

import msgspec
import sqlalchemy as sa

from jobfleet.model.caller import PLATFORM, Grant, Role
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.store.database import Transaction
from jobfleet.store.tables import access_tokens, apps, platform_settings, role_bindings, users


class App(msgspec.Struct, frozen=True):
    """Describe an application; a trusted one may name the user it acts for."""

    code: str
    secret_hash: str
    trusted: bool


class Person(msgspec.Struct, frozen=True):
    """Describe a user with every role; `password_hash` is None for those who cannot sign in.

    Who has the highest role on the platform administers it.
    """

    name: str
    password_hash: str | None
    platform_admin: bool
    language: str
    grants: tuple[Grant, ...]
    platform_role: Role | None = None


class Asked(msgspec.Struct, frozen=True):
    """Say what a request tells of its caller; "" and None stand for what it does not tell."""

    app_code: str = ""
    username: str = ""
    token_hash: bytes | None = None


class Known(msgspec.Struct, frozen=True):
    """Say who a request's caller is as far as the record knows; `token_user` is the valid token's user."""

    app: App | None
    person: Person | None
    token_user: str | None


async def find_known(tx: Transaction, asked: Asked, now: int) -> Known:
    """Return the application and the person of a request in one statement; a token's user wins over a named one."""
    row = (await tx.execute(_KNOWN, _values(asked, now))).one()
    app = None if row.code is None else App(row.code, row.secret_hash, row.trusted)
    return Known(app, None if row.name is None else _person(row), row.token_user)


async def find_person(tx: Transaction, name: str) -> Person | None:
    """Return a user by name, or None."""
    return (await find_known(tx, Asked(username=name), 0)).person


async def list_role_holders(tx: Transaction, scope: Scope, roles: Collection[str]) -> list[str]:
    """Return the names of users who have one of the roles in a scope, in alphabetical order."""
    query = (
        sa.select(role_bindings.c.user_name)
        .where(
            role_bindings.c.scope_type == scope.type.value,
            role_bindings.c.scope_id == scope.id,
            role_bindings.c.role.in_(roles),
        )
        .order_by(role_bindings.c.user_name)
    )
    return list((await tx.execute(query)).scalars())


async def insert_token(tx: Transaction, token_hash: bytes, user_name: str, kind: str, times: tuple[int, int]) -> None:
    """Store a token by its hash; `times` are when it was made and when it ends, epoch milliseconds."""
    created_at, expires_at = times
    await tx.execute(sa.delete(access_tokens).where(access_tokens.c.expires_at < created_at))
    await tx.execute(
        sa.insert(access_tokens).values(
            hash=token_hash, user_name=user_name, kind=kind, created_at=created_at, expires_at=expires_at
        )
    )


async def delete_token(tx: Transaction, token_hash: bytes) -> None:
    """Forget a token; it is refused from now on."""
    await tx.execute(sa.delete(access_tokens).where(access_tokens.c.hash == token_hash))


async def find_settings(tx: Transaction, prefix: str) -> dict[str, Any]:
    """Return the platform's declared settings whose names begin with a prefix."""
    query = sa.select(platform_settings).where(platform_settings.c.name.startswith(prefix, autoescape=True))
    return {row.name: row.value for row in await tx.execute(query)}


def _values(asked: Asked, now: int) -> dict[str, object]:
    return {"app": asked.app_code, "named": asked.username, "token": asked.token_hash, "now": now}


def _person(row: Any) -> Person:
    bound = row.grants or ()
    grants = tuple(Grant(Role(role), ScopeType(kind), id_) for role, kind, id_ in bound if kind != PLATFORM)
    role = next((Role(role) for role, kind, _ in bound if kind == PLATFORM), None)
    is_admin = row.platform_admin or role is Role.ADMIN
    return Person(row.name, row.password_hash, is_admin, row.language, grants, role)


def _known_statement() -> sa.Select[Any]:
    token = sa.bindparam("token", type_=sa.LargeBinary)
    alive = sa.and_(
        access_tokens.c.hash == token, access_tokens.c.expires_at > sa.bindparam("now", type_=sa.BigInteger)
    )
    request = sa.select(
        sa.select(access_tokens.c.user_name).where(alive).scalar_subquery().label("token_user"),
        sa.bindparam("named", type_=sa.Text).label("named"),
        sa.bindparam("app", type_=sa.Text).label("app"),
    ).cte("request")
    grants = (
        sa.select(
            sa.func.jsonb_agg(
                sa.func.jsonb_build_array(role_bindings.c.role, role_bindings.c.scope_type, role_bindings.c.scope_id)
            )
        )
        .where(role_bindings.c.user_name == users.c.name)
        .scalar_subquery()
        .label("grants")
    )
    name = sa.func.coalesce(request.c.token_user, request.c.named)
    joined = request.outerjoin(apps, apps.c.code == request.c.app).outerjoin(users, users.c.name == name)
    return sa.select(request.c.token_user, apps, users, grants).select_from(joined)


_KNOWN = _known_statement()
