"""Personal access tokens: made by a person who signed in, for less than that person may, until they end."""

import secrets

import msgspec

from jobfleet.model.access_token import (
    MAX_PERSONAL_LIFE_MS,
    MAX_PERSONAL_TOKENS,
    PERSONAL_PREFIX,
    PersonalToken,
    TokenKind,
)
from jobfleet.model.caller import Action, Caller
from jobfleet.model.ceiling import Ceiling
from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.signin_errors import (
    PersonNeededError,
    TokenNameTakenError,
    TokenNotFoundError,
    TooManyTokensError,
)
from jobfleet.model.token_hash import hash_token
from jobfleet.operations import access
from jobfleet.operations.platform import Platform
from jobfleet.store import access_tokens, audit, users
from jobfleet.store.access_tokens import NewToken

AUDITED = "personal_token"


class Wish(msgspec.Struct, frozen=True):
    """Say what token is wanted; `life_ms` is how long it is good for."""

    name: str
    ceiling: Ceiling
    life_ms: int


async def create(platform: Platform, caller: Caller, wish: Wish) -> tuple[str, PersonalToken]:
    """Make a token of the caller, and return it with its description; it is shown this once.

    Raises:
        PersonNeededError: The caller came with a personal token, or did not sign in at all.
        IllegalParameterReasonError: It would live too long, or not at all (names `expires_in_s`), or is for the
            platform and less than its administration (names `platform`).
        TokenNameTakenError, TooManyTokensError: The user has a token of this name, or as many as a user may have.

    Source: docs/reference/sign-in.md, «Personal access tokens».
    """
    demand_person(caller, AUDITED)
    _check(wish)
    token, now = PERSONAL_PREFIX + secrets.token_urlsafe(32), platform.engine.clock()
    new = NewToken(caller.username, TokenKind.PERSONAL, now, now + wish.life_ms, None, wish.name, wish.ceiling)
    async with platform.engine.db.begin() as tx:
        await users.lock(tx, caller.username)
        if len(await access_tokens.list_personal(tx, caller.username, now)) >= MAX_PERSONAL_TOKENS:
            raise TooManyTokensError(MAX_PERSONAL_TOKENS)
        token_id = await access_tokens.insert(tx, hash_token(token), new)
        if token_id is None:
            raise TokenNameTakenError(wish.name)
        await audit.insert(tx, caller, AUDITED, f"make token {token_id} {wish.name}", now)
    return token, PersonalToken(token_id, caller.username, wish.name, wish.ceiling, now, new.expires_at, None)


def _check(wish: Wish) -> None:
    if not 0 < wish.life_ms <= MAX_PERSONAL_LIFE_MS:
        raise IllegalParameterReasonError("expires_in_s", f"must be 1 to {MAX_PERSONAL_LIFE_MS // 1000}")
    if wish.ceiling.platform and wish.ceiling != Ceiling(platform=True):
        raise IllegalParameterReasonError("platform", "goes with the role admin and without scopes only")


async def list_tokens(platform: Platform, caller: Caller, *, of_all: bool = False) -> list[PersonalToken]:
    """Return the caller's personal tokens, or everybody's for a platform administrator.

    Raises:
        ForbiddenError: Only platform administrators see others' tokens.
    """
    if of_all:
        access.demand_platform(caller, Action.MANAGE_PLATFORM)
    async with platform.engine.db.begin() as tx:
        return await access_tokens.list_personal(tx, None if of_all else caller.username, platform.engine.clock())


async def revoke(platform: Platform, caller: Caller, token_id: int) -> None:
    """Make a personal token worthless: one of the caller's own, or anybody's for a platform administrator.

    Raises:
        PersonNeededError: The caller came with a personal token that does not administer the platform.
        TokenNotFoundError: There is none, or it is somebody else's.
    """
    if not caller.platform_admin:
        demand_person(caller, AUDITED)
    owner = None if caller.platform_admin else caller.username
    async with platform.engine.db.begin() as tx:
        gone = await access_tokens.delete_personal(tx, token_id, owner)
        if gone is None:
            raise TokenNotFoundError(token_id)
        subject = f"revoke token {token_id} {gone.name} of {gone.user_name}"
        await audit.insert(tx, caller, AUDITED, subject, platform.engine.clock())


def demand_person(caller: Caller, what: str) -> None:
    """Do nothing when the caller signed in as a person, with a browser or a password.

    Raises:
        PersonNeededError: The caller came with a personal token, or as an application.
    """
    if caller.token not in {TokenKind.SESSION, TokenKind.ACCESS}:
        raise PersonNeededError(what)
