"""Keep the secrets with which the product reaches other systems; nobody gets them back."""

import uuid
from collections.abc import Mapping

import msgspec

from jobfleet.engine.secrets import open_secrets, seal_secrets
from jobfleet.model.audit import edited
from jobfleet.model.caller import Action, Caller
from jobfleet.model.credential import (
    Credential,
    CredentialWords,
    checked_description,
    checked_name,
    merged_secrets,
    type_of,
)
from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.given import needed
from jobfleet.model.permission import Resource, ResourceKind
from jobfleet.model.resource_errors import CredentialInUseError, CredentialNameTakenError, CredentialNotFoundError
from jobfleet.model.scope import Scope
from jobfleet.operations.access import demand, demand_on, enter_scope
from jobfleet.operations.platform import Platform
from jobfleet.store import audit, credentials
from jobfleet.store.database import Transaction


async def create(platform: Platform, caller: Caller, scope: Scope, words: CredentialWords) -> Credential:
    """Store a new credential.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller may not make one in the scope.
        IllegalParameterReasonError: Name, type or a secret is missing or wrong; it is named.
        CredentialNameTakenError: Another credential of the scope has the name.

    Source: docs/reference/credentials.md.
    """
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        demand(caller, Action.CREATE_CREDENTIAL, await enter_scope(tx, platform, caller, scope))
        made = Credential(
            id=uuid.uuid4().hex,
            scope=scope,
            name=checked_name(words.name),
            type=type_of(needed("type", words.type)),
            description=checked_description(words.description),
            creator=caller.username,
            created_at=now,
            changed_by=caller.username,
            changed_at=now,
        )
        sealed = _sealed(platform, made, merged_secrets(made.type, words.secrets, {}))
        await _check_name(tx, made)
        await credentials.insert(tx, made, sealed)
        await audit.insert(tx, caller, Action.CREATE_CREDENTIAL, f"create credential {made.id}", now, scope)
    return made


async def update(
    platform: Platform, caller: Caller, scope: Scope, credential_id: str, words: CredentialWords
) -> Credential:
    """Change a credential; what is not given, and a secret given as `******`, stays.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller may not change credentials of the scope.
        CredentialNotFoundError: The scope has no such credential.
        IllegalParameterReasonError, CredentialNameTakenError: See `create`; or a file source needs the present type.

    Source: docs/reference/credentials.md.
    """
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        await demand_on(tx, caller, Action.MANAGE_CREDENTIAL, info, ResourceKind.CREDENTIAL, credential_id)
        await credentials.lock_names(tx, scope)
        stored, sealed = await _get(tx, scope, credential_id, lock=True)
        changed = _changed(stored, words, caller, now)
        known = open_secrets(platform.engine.sealer, credential_id, sealed)
        secrets = merged_secrets(changed.type, words.secrets, known if changed.type is stored.type else {})
        await _check_name(tx, changed)
        await _check_use(tx, stored, changed)
        await credentials.update(tx, changed, _sealed(platform, changed, secrets))
        subject, edit = f"update credential {credential_id}", edited(stored, changed, ("name", "type", "description"))
        named = Resource(ResourceKind.CREDENTIAL, credential_id, changed.name)
        await audit.insert(tx, caller, Action.MANAGE_CREDENTIAL, subject, now, scope, resource=named, change=edit)
    return changed


async def get(platform: Platform, caller: Caller, scope: Scope, credential_id: str) -> Credential:
    """Show a credential without its secrets.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller may not use credentials of the scope.
        CredentialNotFoundError: The scope has no such credential.
    """
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        await demand_on(tx, caller, Action.USE_CREDENTIAL, info, ResourceKind.CREDENTIAL, credential_id)
        return (await _get(tx, scope, credential_id))[0]


async def list_all(platform: Platform, caller: Caller, scope: Scope) -> list[Credential]:
    """Show a scope's credentials by name, without their secrets.

    Raises:
        ScopeNotFoundError, ForbiddenError: See `get`.
    """
    async with platform.engine.db.begin() as tx:
        demand(caller, Action.USE_CREDENTIAL, await enter_scope(tx, platform, caller, scope))
        return await credentials.list_of_scope(tx, scope)


async def list_uses(platform: Platform, caller: Caller, scope: Scope, credential_id: str) -> list[tuple[str, str]]:
    """Return (code, name) of the file sources that use a credential, by name.

    Raises:
        ScopeNotFoundError, ForbiddenError, CredentialNotFoundError: See `get`.
    """
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        await demand_on(tx, caller, Action.USE_CREDENTIAL, info, ResourceKind.CREDENTIAL, credential_id)
        await _get(tx, scope, credential_id)
        return await credentials.list_uses(tx, credential_id)


async def delete(platform: Platform, caller: Caller, scope: Scope, credential_id: str) -> None:
    """Forget a credential.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller may not change credentials of the scope.
        CredentialNotFoundError: The scope has no such credential.
        CredentialInUseError: A file source uses it.
    """
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        await demand_on(tx, caller, Action.MANAGE_CREDENTIAL, info, ResourceKind.CREDENTIAL, credential_id)
        await credentials.lock_names(tx, scope)
        await _get(tx, scope, credential_id, lock=True)
        user = await credentials.find_user(tx, credential_id)
        if user is not None:
            raise CredentialInUseError(user)
        await credentials.delete(tx, credential_id)
        now = platform.engine.clock()
        await audit.insert(tx, caller, Action.MANAGE_CREDENTIAL, f"delete credential {credential_id}", now, scope)


async def _check_use(tx: Transaction, stored: Credential, changed: Credential) -> None:
    """Refuse another type to a credential that a file source opens its store with."""
    user = None if changed.type is stored.type else await credentials.find_user(tx, stored.id)
    if user is not None:
        raise IllegalParameterReasonError("type", f"is the one that the file source {user} needs")


async def _get(tx: Transaction, scope: Scope, credential_id: str, *, lock: bool = False) -> tuple[Credential, bytes]:
    found = await credentials.find(tx, scope, credential_id, lock=lock)
    if found is None:
        raise CredentialNotFoundError(credential_id)
    return found


async def _check_name(tx: Transaction, one: Credential) -> None:
    await credentials.lock_names(tx, one.scope)
    if await credentials.has_name(tx, one.scope, one.name, one.id):
        raise CredentialNameTakenError(one.name)


def _changed(stored: Credential, words: CredentialWords, caller: Caller, now: int) -> Credential:
    return msgspec.structs.replace(
        stored,
        name=stored.name if words.name is None else checked_name(words.name),
        type=stored.type if words.type is None else type_of(words.type),
        description=stored.description if words.description is None else checked_description(words.description),
        changed_by=caller.username,
        changed_at=now,
    )


def _sealed(platform: Platform, one: Credential, secrets: Mapping[str, str]) -> bytes:
    return seal_secrets(platform.engine.sealer, one.id, secrets)
