"""How many jobs may run at once: altogether, in a scope, for an application."""

import msgspec

from jobfleet.model.scope import Scope, scope_text


class Quotas(msgspec.Struct, frozen=True):
    """Say how many jobs may run at once; None means any number.

    `scope` and `app` are for each scope and each application; `scopes` (by texts such as `biz:2`) and `apps`
    (by code) replace them for single ones.
    """

    system: int | None = None
    scope: int | None = None
    app: int | None = None
    scopes: dict[str, int] = {}
    apps: dict[str, int] = {}


def scope_limit(quotas: Quotas, scope: Scope) -> int | None:
    """Return how many jobs a scope may run at once, None for any number."""
    return quotas.scopes.get(scope_text(scope), quotas.scope)


def app_limit(quotas: Quotas, app_code: str) -> int | None:
    """Return how many jobs an application may run at once, None for any number; people have no application."""
    return quotas.apps.get(app_code, quotas.app) if app_code else None
