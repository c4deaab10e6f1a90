"""OpenID Connect as values: what a sign-in at a provider is begun with, and what may be believed of its end."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from jobfleet.model.caller import Role, rank
from jobfleet.model.errors import UnauthenticatedError
from jobfleet.model.scope import Scope, ScopeType, scope_text

ATTEMPT_LIFE_MS = 600_000
"""How long a person may take at the provider."""

LEEWAY_S = 60
"""By how much the provider's clock may differ from ours."""

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Signatures that are believed: those of keys that only the provider has."""

MAX_RETURN_CHARACTERS = 2000
_USERNAME = re.compile(r"[^\s\x00-\x1f\x7f]{1,64}")
_GROUP_ROLE = re.compile(r"(.+)=(viewer|operator|editor|admin)@(platform|(?:biz|biz_set):[1-9][0-9]{0,17})")


class GroupRole(msgspec.Struct, frozen=True):
    """Give the members of a provider's group a role in a scope, or on the platform where that is None."""

    group: str
    role: Role
    scope: Scope | None


class Provider(msgspec.Struct, frozen=True):
    """Say which identity provider is believed, and what is made of its word.

    `client_secret` is "" for a public client. `new_users`: who is not known yet becomes a user.
    """

    issuer: str
    client_id: str
    client_secret: str = ""
    scopes: str = "openid profile"
    username_claim: str = "preferred_username"
    groups_claim: str = "groups"
    roles: tuple[GroupRole, ...] = ()
    new_users: bool = False


class Attempt(msgspec.Struct, frozen=True):
    """What is remembered of a sign-in that was begun; `expires_at` is epoch milliseconds."""

    state: str
    nonce: str
    verifier: str
    return_to: str
    expires_at: int


class Identity(msgspec.Struct, frozen=True):
    """Say whom a provider vouches for."""

    issuer: str
    subject: str
    username: str
    groups: tuple[str, ...]


def new_attempt(return_to: str, now: int) -> Attempt:
    """Return a sign-in to begin, with secrets that nobody can guess."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Attempt(state, nonce, verifier, safe_return(return_to), now + ATTEMPT_LIFE_MS)


def safe_return(text: str) -> str:
    """Return the path of our own that a text names, `/` for everything else: no other site is gone to."""
    parts = urlsplit(text) if len(text) <= MAX_RETURN_CHARACTERS and text.isprintable() and text.isascii() else None
    is_own = parts is not None and not parts.scheme and not parts.netloc
    return text if is_own and re.match(r"/(?![/\\])", text) and "\\" not in text else "/"


def authorization_url(endpoint: str, provider: Provider, attempt: Attempt, redirect_uri: str) -> str:
    """Return where a browser is sent to sign in."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest()).rstrip(b"=")
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "scope": provider.scopes,
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": challenge.decode(),
        "code_challenge_method": "S256",
    }
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


def check_attempt(attempt: Attempt, state: str, now: int) -> None:
    """Do nothing when an answer of the provider belongs to a sign-in that this browser began lately.

    Raises:
        UnauthenticatedError: It does not.
    """
    if not hmac.compare_digest(attempt.state.encode(), state.encode()):
        raise UnauthenticatedError("state")
    if now >= attempt.expires_at:
        raise UnauthenticatedError("state: it took too long; sign in again")


def check_claims(claims: Mapping[str, Any], provider: Provider, nonce: str, now_s: int) -> str:
    """Return the subject of an ID token whose signature, issuer and audience were found right.

    Raises:
        UnauthenticatedError: It has expired, is of another sign-in, or was made for somebody else.

    Source: docs/reference/sign-in.md, «Identity provider».
    """
    if not isinstance(claims.get("exp"), int | float) or claims["exp"] + LEEWAY_S <= now_s:
        raise UnauthenticatedError("id_token: expired")
    if any(isinstance(claims.get(name), int | float) and claims[name] > now_s + LEEWAY_S for name in ("iat", "nbf")):
        raise UnauthenticatedError("id_token: not valid yet")
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise UnauthenticatedError("id_token: nonce")
    audience = claims.get("aud")
    several = isinstance(audience, list) and len(audience) > 1
    if (several or "azp" in claims) and claims.get("azp") != provider.client_id:
        raise UnauthenticatedError("id_token: azp")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 1 <= len(subject) <= 255:
        raise UnauthenticatedError("id_token: sub")
    return subject


def identity_of(claims: Mapping[str, Any], provider: Provider, subject: str) -> Identity:
    """Return whom claims name.

    Raises:
        UnauthenticatedError: They name no user that could be one of ours.
    """
    username = claims.get(provider.username_claim)
    if not isinstance(username, str) or not _USERNAME.fullmatch(username):
        raise UnauthenticatedError(f"id_token: {provider.username_claim}")
    groups = claims.get(provider.groups_claim)
    named = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
    return Identity(provider.issuer, subject, username, tuple(one for one in named if isinstance(one, str)))


def roles_of(groups: Sequence[str], mapping: Sequence[GroupRole]) -> dict[Scope | None, Role]:
    """Return the highest role that groups give in each scope; None stands for the platform."""
    found: dict[Scope | None, Role] = {}
    for one in mapping:
        if one.group in groups:
            found[one.scope] = max(one.role, found.get(one.scope, one.role), key=rank)
    return found


def roles_text(roles: Mapping[Scope | None, Role]) -> str:
    """Return roles in words, such as `admin@platform, operator@biz:2`; `none` for none."""
    places = {"platform" if scope is None else scope_text(scope): role for scope, role in roles.items()}
    return ", ".join(sorted(f"{role.value}@{place}" for place, role in places.items())) or "none"


def read_group_role(text: str) -> GroupRole:
    """Return what `GROUP=ROLE@SCOPE` says, such as `ops=operator@biz:2` or `admins=admin@platform`.

    Raises:
        ValueError: It says nothing of the kind.
    """
    match = _GROUP_ROLE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not of the form GROUP=ROLE@SCOPE")
    kind, _, number = match[3].partition(":")
    return GroupRole(match[1], Role(match[2]), Scope(ScopeType(kind), int(number)) if number else None)
