"""Credentials in version 3: make, change, and look at what is no secret."""

from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.fields import NEEDED, Int64, Text, text
from jobfleet.api.scope import Scoped, business_of, scope_of
from jobfleet.api.scripts import scope_first
from jobfleet.api.surface import Call
from jobfleet.model.credential import MEMBERS, OTHER_NAMES, Credential, CredentialType, CredentialWords
from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.operations import credentials

_TYPE = Meta(extra_json_schema={"enum": sorted({*OTHER_NAMES, *(kind.value for kind in CredentialType)})})


class _Words(Scoped, frozen=True, kw_only=True):
    """Say what a credential is; its type decides which of the secrets count."""

    description: str | None = None
    credential_access_key: str | None = None
    credential_secret_key: str | None = None
    credential_password: str | None = None
    credential_username: str | None = None


class CreateCredential(_Words, frozen=True, kw_only=True):
    """Ask for a new credential."""

    name: Annotated[str | None, NEEDED] = None
    type: Annotated[Annotated[str, _TYPE] | None, NEEDED] = None


class UpdateCredential(_Words, frozen=True, kw_only=True):
    """Ask for a change; what is not given stays."""

    id: Annotated[Text | None, NEEDED] = None
    name: str | None = None
    type: Annotated[str, _TYPE] | None = None


class GetCredentialDetail(Scoped, frozen=True, kw_only=True):
    """Name a credential."""

    id: Annotated[Text | None, NEEDED] = None


class SavedCredential(msgspec.Struct, frozen=True):
    """Name a credential that was stored."""

    id: str
    name: str


class CredentialDetail(msgspec.Struct, frozen=True):
    """Show a credential without its secrets."""

    bk_scope_type: str
    bk_scope_id: str
    bk_biz_id: Int64 | None
    id: str
    name: str
    type: str
    description: str
    creator: str
    create_time: Int64
    last_modify_user: str
    last_modify_time: Int64


async def create_credential(call: Call, wanted: CreateCredential) -> SavedCredential:
    """Store a new credential.

    Source: docs/reference/credentials.md.
    """
    async with scope_first(call, wanted):
        scope, words = scope_of(wanted), _words(wanted, wanted.name or "", wanted.type or "")
    made = await credentials.create(call.platform, call.caller, scope, words)
    return SavedCredential(made.id, made.name)


async def update_credential(call: Call, wanted: UpdateCredential) -> SavedCredential:
    """Change a credential.

    Source: docs/reference/credentials.md.
    """
    async with scope_first(call, wanted):
        scope, named = scope_of(wanted), _id(wanted.id)
    changed = await credentials.update(
        call.platform, call.caller, scope, named, _words(wanted, wanted.name, wanted.type)
    )
    return SavedCredential(changed.id, changed.name)


async def get_credential_detail(call: Call, wanted: GetCredentialDetail) -> CredentialDetail:
    """Show a credential without its secrets.

    Source: docs/reference/credentials.md.
    """
    async with scope_first(call, wanted):
        scope, named = scope_of(wanted), _id(wanted.id)
    return _detail(await credentials.get(call.platform, call.caller, scope, named))


def _words(wanted: _Words, name: str | None, kind: str | None) -> CredentialWords:
    members = {name for names in MEMBERS.values() for name in names}
    given = {name: value for name in members if (value := getattr(wanted, name)) is not None}
    return CredentialWords(name, kind, wanted.description, given)


def _id(written: str | int | None) -> str:
    named = text(written).strip()
    if not named:
        raise IllegalParameterReasonError("id", "is missing or empty")
    return named


def _detail(one: Credential) -> CredentialDetail:
    return CredentialDetail(
        bk_scope_type=one.scope.type.value,
        bk_scope_id=str(one.scope.id),
        bk_biz_id=business_of(one.scope),
        id=one.id,
        name=one.name,
        type=one.type.value,
        description=one.description,
        creator=one.creator,
        create_time=one.created_at,
        last_modify_user=one.changed_by,
        last_modify_time=one.changed_at,
    )
