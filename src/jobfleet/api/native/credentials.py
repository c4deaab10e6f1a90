"""Credentials: make, change, delete; their secrets go in and never come out."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import ScopeText
from jobfleet.api.native.route import Call, Done, Route, Wanted
from jobfleet.model.caller import Action
from jobfleet.model.credential import Credential, CredentialType, CredentialWords
from jobfleet.model.scope import parse_scope
from jobfleet.operations import credentials

KINDS = {
    "access_key": CredentialType.ACCESS_KEY,
    "password": CredentialType.PASSWORD,
    "username_password": CredentialType.USERNAME_PASSWORD,
    "secret_key": CredentialType.SECRET_KEY,
}
Kind = Literal["access_key", "password", "username_password", "secret_key"]
CredentialId = Annotated[str, Meta(min_length=1, max_length=64)]


class Secrets(Wanted, frozen=True):
    """Give the secrets of a credential; its type decides which of them count."""

    access_key: str | None = None
    secret_key: str | None = None
    username: str | None = None
    password: str | None = None


class NewCredential(Wanted, frozen=True):
    """Ask for a new credential."""

    scope: ScopeText
    name: str
    type: Kind
    secrets: Secrets
    description: str = ""


class ChangeCredential(Wanted, frozen=True):
    """Ask for a change; what is not given stays."""

    credential_id: CredentialId
    scope: ScopeText
    name: str | None = None
    type: Kind | None = None
    secrets: Secrets = Secrets()
    description: str | None = None


class OneCredential(Wanted, frozen=True):
    """Name a credential."""

    credential_id: CredentialId
    scope: ScopeText


class ListCredentials(Wanted, frozen=True):
    """Name the scope."""

    scope: ScopeText


class CredentialAnswer(msgspec.Struct, frozen=True):
    """Show a credential without its secrets; times are epoch milliseconds."""

    id: str
    name: str
    type: str
    description: str
    creator: str
    created_at: int
    changed_by: str
    changed_at: int


class SourceUse(msgspec.Struct, frozen=True):
    """Name a file source that uses a credential."""

    code: str
    name: str


class CredentialUses(msgspec.Struct, frozen=True):
    """Show the file sources that use a credential, by name."""

    file_sources: list[SourceUse]


class CredentialList(msgspec.Struct, frozen=True):
    """Show credentials by name."""

    credentials: list[CredentialAnswer]


async def create(call: Call, wanted: NewCredential) -> CredentialAnswer:
    """Store a new credential."""
    kind = KINDS[wanted.type].value
    words = CredentialWords(wanted.name, kind, wanted.description, _given(wanted.secrets))
    return _show(await credentials.create(call.platform, call.caller, parse_scope(wanted.scope), words))


async def update(call: Call, wanted: ChangeCredential) -> CredentialAnswer:
    """Change a credential."""
    kind = None if wanted.type is None else KINDS[wanted.type].value
    words = CredentialWords(wanted.name, kind, wanted.description, _given(wanted.secrets))
    scope = parse_scope(wanted.scope)
    return _show(await credentials.update(call.platform, call.caller, scope, wanted.credential_id, words))


async def get(call: Call, wanted: OneCredential) -> CredentialAnswer:
    """Show a credential."""
    return _show(await credentials.get(call.platform, call.caller, parse_scope(wanted.scope), wanted.credential_id))


async def list_uses(call: Call, wanted: OneCredential) -> CredentialUses:
    """Show what uses a credential."""
    found = await credentials.list_uses(call.platform, call.caller, parse_scope(wanted.scope), wanted.credential_id)
    return CredentialUses([SourceUse(code, name) for code, name in found])


async def list_all(call: Call, wanted: ListCredentials) -> CredentialList:
    """Show the credentials of a scope."""
    found = await credentials.list_all(call.platform, call.caller, parse_scope(wanted.scope))
    return CredentialList([_show(one) for one in found])


async def delete(call: Call, wanted: OneCredential) -> Done:
    """Forget a credential."""
    await credentials.delete(call.platform, call.caller, parse_scope(wanted.scope), wanted.credential_id)
    return Done()


def _given(secrets: Secrets) -> dict[str, str]:
    members = msgspec.structs.asdict(secrets).items()
    return {f"credential_{name}": value for name, value in members if value is not None}


def _show(one: Credential) -> CredentialAnswer:
    kind = next(name for name, kind in KINDS.items() if kind is one.type)
    times = one.creator, one.created_at, one.changed_by, one.changed_at
    return CredentialAnswer(one.id, one.name, kind, one.description, *times)


_ALL, _ONE = "/api/v1/credentials", "/api/v1/credentials/{credential_id}"
_USE, _MANAGE = Action.USE_CREDENTIAL, Action.MANAGE_CREDENTIAL
ROUTES = (
    Route("POST", _ALL, Action.CREATE_CREDENTIAL, create, NewCredential, CredentialAnswer, "Store a credential", 201),
    Route("GET", _ALL, _USE, list_all, ListCredentials, CredentialList, "List credentials"),
    Route("GET", _ONE, _USE, get, OneCredential, CredentialAnswer, "Show a credential"),
    Route("GET", _ONE + "/uses", _USE, list_uses, OneCredential, CredentialUses, "What uses a credential"),
    Route("POST", _ONE, _MANAGE, update, ChangeCredential, CredentialAnswer, "Change a credential"),
    Route("POST", _ONE + "/delete", _MANAGE, delete, OneCredential, Done, "Delete a credential"),
)
