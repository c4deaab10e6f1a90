"""Keep the object stores that files come from, and say which of them a scope may use."""

import msgspec

from jobfleet.engine.guard import check_endpoint
from jobfleet.engine.secrets import source_parts
from jobfleet.model.audit import edited
from jobfleet.model.caller import Action, Caller
from jobfleet.model.credential import CredentialType
from jobfleet.model.errors import IllegalParameterReasonError, InternalError
from jobfleet.model.file_source import (
    FileSourceWords,
    KnownSource,
    checked_access,
    checked_alias,
    checked_code,
    checked_prefix,
    checked_scopes,
    may_use,
    type_of,
)
from jobfleet.model.given import needed
from jobfleet.model.permission import Resource, ResourceKind
from jobfleet.model.resource_errors import (
    CredentialNotFoundError,
    FileSourceAliasTakenError,
    FileSourceCodeTakenError,
    FileSourceCodeUnknownError,
    FileSourceNotFoundError,
    ForeignFileSourceError,
)
from jobfleet.model.scope import KnownScope, Scope
from jobfleet.operations.access import demand, demand_on, enter_scope
from jobfleet.operations.platform import Platform
from jobfleet.store import audit, credentials, file_sources
from jobfleet.store.database import Transaction
from jobfleet.store.file_sources import StoredSource

_TOLD = ("alias", "type", "access", "credential_id", "file_prefix", "public", "shared_with", "enabled")
"""What the audit trail tells of a change."""


async def create(platform: Platform, caller: Caller, scope: Scope, words: FileSourceWords) -> KnownSource:
    """Store a new file source.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller may not make one in the scope, or not use the credential.
        IllegalParameterError, IllegalParameterReasonError, UnsupportedFeatureError: A member is missing or wrong.
        EndpointRefusedError: File sources may not be at this address.
        CredentialNotFoundError: The scope has no such credential.
        FileSourceCodeTakenError, FileSourceAliasTakenError: Another source of the scope has the code or name.

    Source: docs/reference/file-sources.md.
    """
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:  # before anything is asked of the network in their name
        demand(caller, Action.CREATE_FILE_SOURCE, await enter_scope(tx, platform, caller, scope))
    made = _new(scope, words, caller, now)
    await check_endpoint(platform.engine.source_policy, made.access.endpoint)
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        demand(caller, Action.CREATE_FILE_SOURCE, info)
        await credentials.lock_names(tx, scope)
        await _check_credential(tx, caller, info, made)
        if await file_sources.has_code(tx, scope, made.code):
            raise FileSourceCodeTakenError(made.code)
        await _check_alias(tx, made)
        made = msgspec.structs.replace(made, id=await file_sources.next_id(tx))
        await file_sources.insert(tx, _sealed(platform, made))
        await audit.insert(tx, caller, Action.CREATE_FILE_SOURCE, f"create file source {made.code}", now, scope)
    return made


async def update(platform: Platform, caller: Caller, scope: Scope, words: FileSourceWords) -> KnownSource:
    """Change the file source that a scope has under a code; what is not given stays.

    Raises:
        FileSourceCodeUnknownError: The scope has no such source.
        ForeignFileSourceError: It is another scope's, which only shares it.
        InternalError: It was changed in the database.
        Others as `create`.

    Source: docs/reference/file-sources.md.
    """
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        await demand_on(tx, caller, Action.MANAGE_FILE_SOURCE, info, ResourceKind.FILE_SOURCE, words.code)
    if words.access is not None:
        await check_endpoint(platform.engine.source_policy, checked_access(words.access).endpoint)
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        await demand_on(tx, caller, Action.MANAGE_FILE_SOURCE, info, ResourceKind.FILE_SOURCE, words.code)
        await credentials.lock_names(tx, scope)
        stored = await own_source(tx, platform, scope, words.code)
        changed = _changed(stored, words, caller, now)
        if (changed.credential_id, changed.access) != (stored.credential_id, stored.access):
            await _check_credential(tx, caller, info, changed)
        await _check_alias(tx, changed)
        await file_sources.update(tx, _sealed(platform, changed))
        subject, edit = f"update file source {stored.code}", edited(stored, changed, _TOLD)
        named = Resource(ResourceKind.FILE_SOURCE, str(stored.id), changed.alias)
        await audit.insert(tx, caller, Action.MANAGE_FILE_SOURCE, subject, now, scope, resource=named, change=edit)
    return changed


async def delete(platform: Platform, caller: Caller, scope: Scope, code: str) -> None:
    """Forget the file source that a scope has under a code; steps that still name it fail when they start.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller may not change file sources of the scope.
        FileSourceCodeUnknownError: The scope has no such source.
        ForeignFileSourceError: It is another scope's, which only shares it.
    """
    async with platform.engine.db.begin() as tx:
        info = await enter_scope(tx, platform, caller, scope)
        await demand_on(tx, caller, Action.MANAGE_FILE_SOURCE, info, ResourceKind.FILE_SOURCE, code)
        stored = await _own(tx, scope, code)
        await file_sources.delete(tx, stored.info.id)
        now = platform.engine.clock()
        await audit.insert(tx, caller, Action.MANAGE_FILE_SOURCE, f"delete file source {code}", now, scope)


async def get(platform: Platform, caller: Caller, scope: Scope, code: str) -> KnownSource:
    """Show the file source that a scope means by a code: its own, else one that is shared with it.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller may not see file sources of the scope.
        FileSourceCodeUnknownError: There is none.
    """
    async with platform.engine.db.begin() as tx:
        demand(caller, Action.VIEW_FILE_SOURCE, await enter_scope(tx, platform, caller, scope))
        found = await file_sources.find_usable(tx, scope, code)
    if found is None:
        raise FileSourceCodeUnknownError(code)
    return found.info


async def list_all(platform: Platform, caller: Caller, scope: Scope) -> list[KnownSource]:
    """Show the file sources that a scope may use, its own first.

    Raises:
        ScopeNotFoundError, ForbiddenError: See `get`.
    """
    async with platform.engine.db.begin() as tx:
        demand(caller, Action.VIEW_FILE_SOURCE, await enter_scope(tx, platform, caller, scope))
        return await file_sources.list_usable(tx, scope)


async def usable_source(tx: Transaction, scope: Scope, source_id: int | None, code: str) -> KnownSource:
    """Return the enabled file source that a step of a scope names by id, else by code.

    Raises:
        FileSourceNotFoundError, FileSourceCodeUnknownError: The scope can use none of this id, or code.
        IllegalParameterReasonError: It is switched off.
    """
    if source_id is not None:
        found = await file_sources.find(tx, source_id)
        if found is None or not may_use(found.info, scope):
            raise FileSourceNotFoundError(source_id)
    else:
        found = await file_sources.find_usable(tx, scope, code)
        if found is None:
            raise FileSourceCodeUnknownError(code)
    if not found.info.enabled:
        raise IllegalParameterReasonError("sources.file_source", "is switched off")
    return found.info


def _new(scope: Scope, words: FileSourceWords, caller: Caller, now: int) -> KnownSource:
    return KnownSource(
        id=0,
        scope=scope,
        code=checked_code(words.code),
        alias=checked_alias(words.alias),
        type=type_of(words.type),
        access=checked_access(words.access),
        credential_id=needed("credential_id", words.credential_id),
        file_prefix=checked_prefix(words.file_prefix),
        public=bool(words.public),
        shared_with=checked_scopes(words.shared_with or ()),
        enabled=words.enabled is not False,
        creator=caller.username,
        created_at=now,
        changed_by=caller.username,
        changed_at=now,
    )


def _changed(stored: KnownSource, words: FileSourceWords, caller: Caller, now: int) -> KnownSource:
    return msgspec.structs.replace(
        stored,
        alias=stored.alias if words.alias is None else checked_alias(words.alias),
        type=stored.type if words.type is None else type_of(words.type),
        access=stored.access if words.access is None else checked_access(words.access),
        credential_id=words.credential_id or stored.credential_id,
        file_prefix=stored.file_prefix if words.file_prefix is None else checked_prefix(words.file_prefix),
        public=stored.public if words.public is None else words.public,
        shared_with=stored.shared_with if words.shared_with is None else checked_scopes(words.shared_with),
        enabled=stored.enabled if words.enabled is None else words.enabled,
        changed_by=caller.username,
        changed_at=now,
    )


async def own_source(tx: Transaction, platform: Platform, scope: Scope, code: str) -> KnownSource:
    """Return a scope's own source that is as it was stored: what somebody wrote into the database is not trusted.

    Raises:
        FileSourceCodeUnknownError, ForeignFileSourceError: The scope has none, or it is another's.
        InternalError: It was changed in the database.
    """
    found = await _own(tx, scope, code)
    if not platform.engine.sealer.matches(found.seal, *source_parts(found.info)):
        raise InternalError(detail=f"file source {found.info.id} was changed in the database")
    return found.info


async def _own(tx: Transaction, scope: Scope, code: str) -> StoredSource:
    """Return the source that a scope has under a code; one that is only shared with it is another's to change."""
    found = await file_sources.find_own(tx, scope, code)
    if found is not None:
        return found
    if await file_sources.find_usable(tx, scope, code) is not None:
        raise ForeignFileSourceError(code)
    raise FileSourceCodeUnknownError(code)


async def _check_credential(tx: Transaction, caller: Caller, info: KnownScope, source: KnownSource) -> None:
    """Refuse a credential that the caller may not use, or that opens no object store.

    A new address counts as a use too: the credential is shown to it.
    """
    await demand_on(tx, caller, Action.USE_CREDENTIAL, info, ResourceKind.CREDENTIAL, source.credential_id)
    found = await credentials.find(tx, source.scope, source.credential_id)
    if found is None:
        raise CredentialNotFoundError(source.credential_id)
    if found[0].type is not CredentialType.ACCESS_KEY:
        raise IllegalParameterReasonError("credential_id", "holds no access key and secret key")


async def _check_alias(tx: Transaction, source: KnownSource) -> None:
    if await file_sources.has_alias(tx, source.scope, source.alias, source.id):
        raise FileSourceAliasTakenError(source.alias)


def _sealed(platform: Platform, source: KnownSource) -> StoredSource:
    return StoredSource(source, platform.engine.sealer.mac(*source_parts(source)))
