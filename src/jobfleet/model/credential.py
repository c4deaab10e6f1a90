"""Credentials: stored secrets with which the product reaches other systems, and the rules on them."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.scope import Scope

KEEP = "******"
"""Stands for a secret that is not to change, as callers send back what they were shown."""

MAX_NAME_CHARACTERS = 60
MAX_DESCRIPTION_CHARACTERS = 1_000
MAX_SECRET_CHARACTERS = 4_096


class CredentialType(StrEnum):
    """Name the kinds of credential; the texts are those that the contract answers with."""

    ACCESS_KEY = "APP_ID_SECRET_KEY"
    PASSWORD = "PASSWORD"  # noqa: S105 - a kind of secret and none itself
    USERNAME_PASSWORD = "USERNAME_PASSWORD"  # noqa: S105
    SECRET_KEY = "SECRET_KEY"  # noqa: S105


OTHER_NAMES: Mapping[str, CredentialType] = {"ACCESS_KEY_SECRET_KEY": CredentialType.ACCESS_KEY}
"""How else the contract spells a kind in requests."""

MEMBERS: Mapping[CredentialType, tuple[str, ...]] = {
    CredentialType.ACCESS_KEY: ("credential_access_key", "credential_secret_key"),
    CredentialType.PASSWORD: ("credential_password",),
    CredentialType.USERNAME_PASSWORD: ("credential_username", "credential_password"),
    CredentialType.SECRET_KEY: ("credential_secret_key",),
}
"""The secrets of each kind, by the names that requests give them."""


class Credential(msgspec.Struct, frozen=True):
    """Describe a credential without its secrets; times are epoch milliseconds."""

    id: str
    scope: Scope
    name: str
    type: CredentialType
    description: str
    creator: str
    created_at: int
    changed_by: str
    changed_at: int


class CredentialWords(msgspec.Struct, frozen=True):
    """Say what a credential is to be; None leaves what is there. `secrets` are by their names in MEMBERS."""

    name: str | None = None
    type: str | None = None
    description: str | None = None
    secrets: Mapping[str, str] = {}


def type_of(written: str) -> CredentialType:
    """Return the kind that a request names.

    Raises:
        IllegalParameterReasonError: It is none.
    """
    try:
        return OTHER_NAMES.get(written) or CredentialType(written)
    except ValueError as error:
        raise IllegalParameterReasonError("type", "is no valid value") from error


def merged_secrets(kind: CredentialType, given: Mapping[str, str], stored: Mapping[str, str]) -> dict[str, str]:
    """Return the secrets of a kind: those given, and for KEEP and what is not given those stored.

    Raises:
        IllegalParameterReasonError: One is missing or too long; it is named.

    Source: docs/reference/credentials.md, «Secrets».
    """
    return {name: _secret(name, given.get(name, KEEP), stored) for name in MEMBERS[kind]}


def _secret(name: str, given: str, stored: Mapping[str, str]) -> str:
    secret = stored.get(name, "") if given == KEEP else given
    if not secret:
        raise IllegalParameterReasonError(name, "is missing or empty")
    if len(secret) > MAX_SECRET_CHARACTERS:
        raise IllegalParameterReasonError(name, "is too large")
    return secret


def checked_name(name: str | None) -> str:
    """Return a credential's name without the blanks around it.

    Raises:
        IllegalParameterReasonError: It is missing or too long.
    """
    plain = (name or "").strip()
    if not plain:
        raise IllegalParameterReasonError("name", "is missing or empty")
    if len(plain) > MAX_NAME_CHARACTERS:
        raise IllegalParameterReasonError("name", "is too large")
    return plain


def checked_description(description: str | None) -> str:
    """Return a description that is not too long.

    Raises:
        IllegalParameterReasonError: It is.
    """
    if description and len(description) > MAX_DESCRIPTION_CHARACTERS:
        raise IllegalParameterReasonError("description", "is too large")
    return description or ""
