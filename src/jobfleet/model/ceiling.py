"""How much of its user's roles a token gives."""

import msgspec

from jobfleet.model.caller import Caller, Grant, Role, rank
from jobfleet.model.scope import Scope


class Ceiling(msgspec.Struct, frozen=True):
    """Say what a token is for at most: a role, in some scopes or (without any) in all, and the platform or not.

    A ceiling gives nothing: what its user may not do, the token may not do either.
    """

    role: Role = Role.ADMIN
    scopes: tuple[Scope, ...] = ()
    platform: bool = False


def limited(caller: Caller, ceiling: Ceiling) -> Caller:
    """Return a caller with no more rights than a ceiling leaves.

    Source: docs/reference/sign-in.md, «What a token may do».
    """
    if ceiling.platform and ceiling.role is Role.ADMIN and not ceiling.scopes:
        return caller
    kept = [_lowered(grant, ceiling.role) for grant in caller.grants if _covers(ceiling, grant)]
    everywhere = None
    if caller.platform_admin and not ceiling.scopes:
        everywhere = ceiling.role
    elif caller.platform_admin:
        kept = [Grant(ceiling.role, scope.type, scope.id) for scope in ceiling.scopes]
    return msgspec.structs.replace(
        caller, platform_admin=False, platform_role=None, grants=tuple(kept), everywhere=everywhere
    )


def lower(one: Role, other: Role) -> Role:
    """Return the role that includes less."""
    return min(one, other, key=rank)


def _covers(ceiling: Ceiling, grant: Grant) -> bool:
    return not ceiling.scopes or Scope(grant.scope_type, grant.scope_id) in ceiling.scopes


def _lowered(grant: Grant, role: Role) -> Grant:
    return Grant(lower(grant.role, role), grant.scope_type, grant.scope_id)
