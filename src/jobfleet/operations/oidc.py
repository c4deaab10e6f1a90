"""Sign people in through an identity provider (OpenID Connect, authorization code with PKCE)."""

import base64
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from jobfleet.model.caller import Action, Caller, Role
from jobfleet.model.errors import InternalError, UnauthenticatedError, UnavailableError, UnknownAddressError
from jobfleet.model.oidc import (
    Attempt,
    Identity,
    authorization_url,
    check_attempt,
    check_claims,
    identity_of,
    new_attempt,
    roles_of,
    roles_text,
)
from jobfleet.model.scope import Scope
from jobfleet.model.signin_errors import UserNotFoundError
from jobfleet.operations import access
from jobfleet.operations.oidc_provider import OidcProvider, Tokens
from jobfleet.operations.platform import Platform
from jobfleet.operations.users import SIGNED_IN
from jobfleet.store import access_tokens, audit, foreign_identities, people, users
from jobfleet.store.database import Transaction
from jobfleet.store.people import Person

CALLBACK_PATH = "/api/v1/sign-in/oidc/callback"
_PURPOSE = "oidc attempt"
_AUDITED = "sign_in"
VIA = "oidc"
"""How sessions are marked that an identity provider vouched for."""


class Begun(msgspec.Struct, frozen=True):
    """Say where the browser goes, and what it keeps until it comes back; nobody but us can read or make that."""

    address: str
    kept: str


class Answer(msgspec.Struct, frozen=True):
    """What the browser brings back from the provider, and what it kept."""

    kept: str
    state: str
    code: str
    error: str = ""
    issuer: str = ""


async def begin(platform: Platform, return_to: str) -> Begun:
    """Begin a sign-in.

    Raises:
        UnknownAddressError: No identity provider is set up.
        UnavailableError: It is away.

    Source: docs/reference/sign-in.md, «Identity provider».
    """
    oidc, now = _provider(platform), platform.engine.clock()
    endpoints = await oidc.endpoints(now)
    attempt = new_attempt(return_to, now)
    address = authorization_url(endpoints.authorization_endpoint, oidc.provider, attempt, _redirect_uri(platform))
    sealed = platform.engine.sealer.seal(msgspec.json.encode(attempt), _PURPOSE)
    return Begun(address, base64.urlsafe_b64encode(sealed).rstrip(b"=").decode())


async def finish(platform: Platform, answer: Answer) -> tuple[str, str]:
    """Return the user whom the provider vouches for, and the path to go on to.

    Raises:
        UnauthenticatedError: The answer is of another browser, old or used, the ID token is not to be believed, or
            its user is none of ours, or disabled.
        UnavailableError: The provider is away.
    """
    oidc, now = _provider(platform), platform.engine.clock()
    attempt = _opened(platform, answer.kept)
    check_attempt(attempt, answer.state, now)
    if answer.error or not answer.code:
        raise UnauthenticatedError(f"the identity provider says: {answer.error[:100]}")
    if answer.issuer not in {"", oidc.provider.issuer}:
        raise UnauthenticatedError("iss")
    tokens = await oidc.exchange(answer.code, attempt, _redirect_uri(platform), now)
    identity = await _identity(oidc, tokens, attempt, now)
    return await _user(platform, oidc, identity), attempt.return_to


async def _identity(oidc: OidcProvider, tokens: Tokens, attempt: Attempt, now: int) -> Identity:
    claims = await oidc.claims(tokens, now)
    subject = check_claims(claims, oidc.provider, attempt.nonce, now // 1000)
    wanted = {oidc.provider.username_claim} | ({oidc.provider.groups_claim} if oidc.provider.roles else set())
    if not wanted <= set(claims):
        claims = await oidc.more_claims(tokens, subject, now) | claims
    return identity_of(claims, oidc.provider, subject)


async def _user(platform: Platform, oidc: OidcProvider, identity: Identity) -> str:
    """Return the user who an identity is, and give them the roles of its groups."""
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        name = await foreign_identities.find_user(tx, identity, now)
        if name is None:
            name = await _newcomer(tx, identity, now, may_be_new=oidc.provider.new_users)
        person = await people.find_person(tx, name)
        if person is None or person.disabled:
            raise UnauthenticatedError("the user is disabled")
        await _set_roles(tx, name, roles_of(identity.groups, oidc.provider.roles), now)
    return name


async def _set_roles(tx: Transaction, name: str, roles: Mapping[Scope | None, Role], now: int) -> None:
    """Give a user the roles of the groups, in place of those of before, and remember when these were others."""
    if roles == await foreign_identities.list_roles(tx, name):
        return
    await foreign_identities.set_roles(tx, name, roles)
    who = Caller(name, "", platform_admin=False, grants=())
    await audit.insert(tx, who, _AUDITED, f"roles by groups: {roles_text(roles)}", now)


async def _newcomer(tx: Transaction, identity: Identity, now: int, *, may_be_new: bool) -> str:
    """Return the user whom an identity becomes that comes for the first time.

    A name proves nothing: who has a password or a role on the platform, and what stands for an application, is
    nobody's to become by choosing the same name at the provider. An administrator can link them.
    """
    name = identity.username
    person = await people.find_person(tx, name)
    if person is None and not may_be_new:
        raise UnauthenticatedError(f"{name} is no user here")
    taken = person is not None and _is_more_than_a_name(person)
    if taken or await foreign_identities.is_application(tx, name):
        raise UnauthenticatedError(f"{name} is somebody else here")
    if person is None:
        await users.insert(tx, name, "zh")
    if not await foreign_identities.link(tx, identity.issuer, identity.subject, name, now):
        raise UnauthenticatedError(f"{name} is somebody else here")
    who = Caller(name, "", platform_admin=False, grants=())
    await audit.insert(tx, who, _AUDITED, f"link {name} to {identity.subject} of {identity.issuer}", now)
    return name


def _is_more_than_a_name(person: Person) -> bool:
    return person.password_hash is not None or person.platform_admin or person.platform_role is not None


async def link(platform: Platform, caller: Caller, name: str, subject: str) -> None:
    """Let an identity of the provider be a user, whatever its name there; for a platform administrator.

    Raises:
        ForbiddenError: The caller is none.
        UserNotFoundError: There is no such user.
        UnauthenticatedError: The identity is another user's, or the user has another one.
        UnknownAddressError: No identity provider is set up.
    """
    access.demand_platform(caller, Action.MANAGE_PLATFORM)
    issuer, now = _provider(platform).provider.issuer, platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        if await people.find_person(tx, name) is None:
            raise UserNotFoundError(name)
        await foreign_identities.unlink(tx, name)
        if not await foreign_identities.link(tx, issuer, subject, name, now):
            raise UnauthenticatedError("subject: it is another user's")
        await audit.insert(tx, caller, "user", f"link {name} to {subject} of {issuer}", now)


async def unlink(platform: Platform, caller: Caller, name: str) -> int:
    """Forget a user's identities and the roles that they gave, and end the user's sessions; return how many.

    Raises:
        ForbiddenError: The caller administers no platform.
    """
    access.demand_platform(caller, Action.MANAGE_PLATFORM)
    async with platform.engine.db.begin() as tx:
        count = await foreign_identities.unlink(tx, name)
        if count:
            await access_tokens.delete_all(tx, name, SIGNED_IN)
        await audit.insert(tx, caller, "user", f"unlink {name}", platform.engine.clock())
    return count


async def logout_url(platform: Platform) -> str:
    """Return where the session at the provider is ended; "" where there is none, or while the provider is away."""
    if platform.oidc is None:
        return ""
    try:
        endpoints = await platform.oidc.endpoints(platform.engine.clock())
    except UnavailableError:  # one is signed out here all the same
        return ""
    if not endpoints.end_session_endpoint:
        return ""
    query = {"client_id": platform.oidc.provider.client_id, "post_logout_redirect_uri": f"{platform.public_url}/"}
    return f"{endpoints.end_session_endpoint}?{urlencode(query)}"


def _provider(platform: Platform) -> OidcProvider:
    if platform.oidc is None:
        raise UnknownAddressError("GET", "/api/v1/sign-in/oidc")
    return platform.oidc


def _redirect_uri(platform: Platform) -> str:
    return platform.public_url + CALLBACK_PATH


def _opened(platform: Platform, kept: str) -> Attempt:
    try:
        sealed = base64.urlsafe_b64decode(kept + "=" * (-len(kept) % 4))
        return msgspec.json.decode(platform.engine.sealer.open(sealed, _PURPOSE), type=Attempt)
    except (ValueError, InternalError) as error:
        raise UnauthenticatedError("the sign-in was begun in another browser, or too long ago") from error
