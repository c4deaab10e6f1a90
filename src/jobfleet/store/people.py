"""Queries over applications, people, their tokens and their roles."""

from collections.abc import Collection
from typing import Any

import msgspec
import sqlalchemy as sa

from jobfleet.model.access_token import HeldToken, TokenKind
from jobfleet.model.caller import PLATFORM, Grant, Role, rank
from jobfleet.model.ceiling import Ceiling
from jobfleet.model.scope import Scope, ScopeType, parse_scope
from jobfleet.store.database import Transaction
from jobfleet.store.tables import access_tokens, apps, held_roles, platform_settings, users


class App(msgspec.Struct, frozen=True):
    """Describe an application; a trusted one may name the user it acts for.

    `scopes` are those that it is kept to, none for all; `rate_per_s` is its own rate of requests, None for everybody's.
    """

    code: str
    secret_hash: str
    trusted: bool
    scopes: tuple[Scope, ...] = ()
    rate_per_s: int | None = None
    disabled: bool = False
    used_at: int | None = None


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
    disabled: bool = False


class Asked(msgspec.Struct, frozen=True):
    """Say what a request tells of its caller; "" and None stand for what it does not tell."""

    app_code: str = ""
    username: str = ""
    token_hash: bytes | None = None


class Known(msgspec.Struct, frozen=True):
    """Say who a request's caller is as far as the record knows; `token` is the one that it carries, if it is valid."""

    app: App | None
    person: Person | None
    token: HeldToken | None


async def find_known(tx: Transaction, asked: Asked, now: int) -> Known:
    """Return the application and the person of a request in one statement; a token's user wins over a named one."""
    row = (await tx.execute(_KNOWN, _values(asked, now))).one()
    return Known(None if row.code is None else _app(row), None if row.name is None else _person(row), _token(row))


async def find_person(tx: Transaction, name: str) -> Person | None:
    """Return a user by name, or None."""
    return (await find_known(tx, Asked(username=name), 0)).person


async def list_role_holders(tx: Transaction, scope: Scope, roles: Collection[str]) -> list[str]:
    """Return the names of users who have one of the roles in a scope and may sign in, in alphabetical order."""
    disabled = sa.select(users.c.name).where(users.c.name == held_roles.c.user_name, users.c.disabled_at.is_not(None))
    query = (
        sa.select(held_roles.c.user_name)
        .where(
            held_roles.c.scope_type == scope.type.value,
            held_roles.c.scope_id == scope.id,
            held_roles.c.role.in_(roles),
            ~disabled.exists(),
        )
        .order_by(held_roles.c.user_name)
    )
    return list((await tx.execute(query)).scalars())


async def list_languages(tx: Transaction, names: Collection[str]) -> dict[str, str]:
    """Return the languages of those of the names that are users who may sign in."""
    language = sa.func.coalesce(users.c.own_language, users.c.language).label("language")
    query = sa.select(users.c.name, language).where(users.c.name.in_(list(names)), users.c.disabled_at.is_(None))
    return {row.name: row.language for row in await tx.execute(query)}


async def find_settings(tx: Transaction, prefix: str) -> dict[str, Any]:
    """Return the platform's declared settings whose names begin with a prefix."""
    query = sa.select(platform_settings).where(platform_settings.c.name.startswith(prefix, autoescape=True))
    return {row.name: row.value for row in await tx.execute(query)}


def _values(asked: Asked, now: int) -> dict[str, object]:
    return {"app": asked.app_code, "named": asked.username, "token": asked.token_hash, "now": now}


def _app(row: Any) -> App:
    scopes = tuple(parse_scope(text) for text in row.app_scopes)
    disabled = row.app_disabled_at is not None
    return App(row.code, row.secret_hash, row.trusted, scopes, row.rate_per_s, disabled, row.app_used_at)


def _person(row: Any) -> Person:
    bound = row.grants or ()
    grants = tuple(Grant(Role(role), ScopeType(kind), id_) for role, kind, id_ in bound if kind != PLATFORM)
    role = max((Role(role) for role, kind, _ in bound if kind == PLATFORM), key=rank, default=None)
    is_admin = row.platform_admin or role is Role.ADMIN
    language = row.own_language or row.language
    return Person(row.name, row.password_hash, is_admin, language, grants, role, row.disabled_at is not None)


def _token(row: Any) -> HeldToken | None:
    if row.token_user is None:
        return None
    ceiling = None if row.ceiling is None else msgspec.convert(row.ceiling, Ceiling)
    return HeldToken(row.token_user, TokenKind(row.kind), ceiling, row.used_at, row.expires_at)


def _known_statement() -> sa.Select[Any]:
    now = sa.bindparam("now", type_=sa.BigInteger)
    alive = sa.and_(
        access_tokens.c.hash == sa.bindparam("token", type_=sa.LargeBinary),
        access_tokens.c.expires_at > now,
        sa.or_(access_tokens.c.idle_ms.is_(None), access_tokens.c.used_at + access_tokens.c.idle_ms > now),
    )
    request = sa.select(
        sa.bindparam("named", type_=sa.Text).label("named"), sa.bindparam("app", type_=sa.Text).label("app")
    ).cte("request")
    grants = (
        sa.select(
            sa.func.jsonb_agg(
                sa.func.jsonb_build_array(held_roles.c.role, held_roles.c.scope_type, held_roles.c.scope_id)
            )
        )
        .where(held_roles.c.user_name == users.c.name)
        .scalar_subquery()
        .label("grants")
    )
    token_user = access_tokens.c.user_name
    joined = (
        request.outerjoin(access_tokens, alive)
        .outerjoin(apps, apps.c.code == request.c.app)
        .outerjoin(users, users.c.name == sa.func.coalesce(token_user, request.c.named))
    )
    of_token = [access_tokens.c[name] for name in ("kind", "ceiling", "used_at", "expires_at")]
    of_app: list[sa.ColumnElement[Any]] = [apps.c[name] for name in ("code", "secret_hash", "trusted", "rate_per_s")]
    of_app += [apps.c[name].label(f"app_{name}") for name in ("scopes", "disabled_at", "used_at")]
    return sa.select(token_user.label("token_user"), *of_token, *of_app, users, grants).select_from(joined)


_KNOWN = _known_statement()
