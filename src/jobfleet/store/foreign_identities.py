"""Queries over who our users are at identity providers, and the roles that their groups there give."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert

from jobfleet.model.caller import PLATFORM, Role
from jobfleet.model.oidc import Identity
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.store.database import Transaction
from jobfleet.store.tables import apps, foreign_identities, foreign_roles


async def find_user(tx: Transaction, identity: Identity, now: int) -> str | None:
    """Return the user whom an identity is linked to, and note that it was used; None for nobody."""
    statement = (
        sa.update(foreign_identities)
        .where(foreign_identities.c.issuer == identity.issuer, foreign_identities.c.subject == identity.subject)
        .values(used_at=now)
        .returning(foreign_identities.c.user_name)
    )
    name: str | None = (await tx.execute(statement)).scalar_one_or_none()
    return name


async def link(tx: Transaction, issuer: str, subject: str, user_name: str, now: int) -> bool:
    """Let an identity be a user from now on; tell whether neither was linked at this issuer before."""
    statement = pg_insert(foreign_identities).values(
        issuer=issuer, subject=subject, user_name=user_name, linked_at=now, used_at=None
    )
    return (await tx.execute(statement.on_conflict_do_nothing())).rowcount > 0


async def unlink(tx: Transaction, user_name: str) -> int:
    """Forget the identities of a user and the roles that they gave; return how many identities these were."""
    await tx.execute(sa.delete(foreign_roles).where(foreign_roles.c.user_name == user_name))
    gone = await tx.execute(sa.delete(foreign_identities).where(foreign_identities.c.user_name == user_name))
    return gone.rowcount


async def list_roles(tx: Transaction, user_name: str) -> dict[Scope | None, Role]:
    """Return the roles that a user has from the provider; None stands for the platform."""
    rows = await tx.execute(sa.select(foreign_roles).where(foreign_roles.c.user_name == user_name))
    return {
        None if row.scope_type == PLATFORM else Scope(ScopeType(row.scope_type), row.scope_id): Role(row.role)
        for row in rows
    }


async def set_roles(tx: Transaction, user_name: str, roles: Mapping[Scope | None, Role]) -> None:
    """Let a user have these roles, and no more, from the provider; None stands for the platform."""
    await tx.execute(sa.delete(foreign_roles).where(foreign_roles.c.user_name == user_name))
    rows = [
        {
            "user_name": user_name,
            "scope_type": scope.type.value if scope else PLATFORM,
            "scope_id": scope.id if scope else 0,
            "role": role.value,
        }
        for scope, role in roles.items()
    ]
    if rows:
        await tx.execute(sa.insert(foreign_roles), rows)


async def is_application(tx: Transaction, name: str) -> bool:
    """Tell whether an application has this code: its user is nobody's to sign in as."""
    return (await tx.execute(sa.select(apps.c.code).where(apps.c.code == name))).first() is not None
