"""Sign people in by their passwords, and give out the tokens that stand for them."""

import asyncio
import math
import secrets

import msgspec

from jobfleet.model import lockout
from jobfleet.model.access_token import TokenKind
from jobfleet.model.audit import Result
from jobfleet.model.caller import Caller, Origin
from jobfleet.model.errors import UnauthenticatedError
from jobfleet.model.lockout import ADDRESS, USER, Subject
from jobfleet.model.signin_errors import TooManyAttemptsError
from jobfleet.model.source import counted_as
from jobfleet.model.token_hash import hash_token
from jobfleet.operations import passwords
from jobfleet.operations.personal_tokens import demand_person
from jobfleet.operations.platform import Platform
from jobfleet.store import access_tokens, audit, people, signin_failures, users
from jobfleet.store.access_tokens import NewToken
from jobfleet.store.database import Transaction

SESSION = TokenKind.SESSION
"""Kind of the tokens that browsers carry as a cookie."""

ACCESS = TokenKind.ACCESS
"""Kind of the tokens that programs carry as `access_token` or as a bearer token."""

AUDITED = "sign_in"
"""What the audit trail calls what happens here."""

TOKEN_LIFE_MS = 12 * 3600 * 1000


class SignedIn(msgspec.Struct, frozen=True):
    """Hand a new token to the one who signed in; it is nowhere stored in clear."""

    token: str
    username: str
    expires_at: int


async def sign_in(
    platform: Platform,
    username: str,
    password: str,
    *,
    life_ms: int = TOKEN_LIFE_MS,
    source: str = "",
) -> SignedIn:
    """Check a person's password and give out a token.

    Args:
        source: The address that the request comes from, "" when it is not known.

    Raises:
        UnauthenticatedError: Unknown or disabled user, or wrong password; it does not say which.
        TooManyAttemptsError: There were too many wrong passwords of late; it says the same of unknown users.

    Source: docs/reference/sign-in.md, «Wrong passwords».
    """
    name = await check_password(platform, username, password, source=source)
    return await give_token(platform, name, kind=ACCESS, life_ms=life_ms, source=source)


async def check_password(platform: Platform, username: str, password: str, *, source: str) -> str:
    """Return the user's name when this is the password; count it as a failure when it is not.

    Raises:
        UnauthenticatedError, TooManyAttemptsError: See `sign_in`.
    """
    subjects = _subjects(username, source)
    # Whoever has a turn looks at the failures first: so no more passwords than turns get past a lock at once.
    async with platform.hashing.turn():
        async with platform.engine.db.begin() as tx:
            await _check_lock(tx, subjects, platform.engine.clock())
            person = await people.find_person(tx, username)
        stored = person.password_hash if person else None
        is_right = await asyncio.to_thread(passwords.password_matches, stored, password)
        if person is None or stored is None or person.disabled or not is_right:
            await _fail(platform, username, source, subjects)
            raise UnauthenticatedError("username|password")
        fresh = await _rehashed(stored, password)
    async with platform.engine.db.begin() as tx:
        await signin_failures.delete(tx, subjects[0])
        if fresh is not None:
            await users.set_password(tx, person.name, fresh, instead_of=stored)
    return person.name


def _subjects(username: str, source: str) -> list[Subject]:
    return [Subject(USER, username), *([Subject(ADDRESS, counted_as(source))] if source else [])]


async def _check_lock(tx: Transaction, subjects: list[Subject], now: int) -> None:
    found = await signin_failures.find(tx, subjects)
    wait_ms = max((lockout.wait_of(one, now) for one in found.values()), default=0)
    if wait_ms:
        raise TooManyAttemptsError(math.ceil(wait_ms / 1000))


async def _fail(platform: Platform, username: str, source: str, subjects: list[Subject]) -> None:
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        found = await signin_failures.find(tx, subjects, lock=True)
        after = {one: lockout.failed(one.kind, found.get(one, lockout.NONE), now) for one in subjects}
        for subject in sorted(after, key=lambda one: (one.kind, one.name)):
            await signin_failures.upsert(tx, subject, after[subject])
        await _remember(tx, username, _words("failed", source), now, source, Result.REFUSED)
        for subject, failures in after.items():
            if failures.locked_until > now:
                await _remember(tx, username, f"sign-in: {subject.kind} {subject.name} has to wait", now)


async def _rehashed(stored: str, password: str) -> str | None:
    """Return a hash at today's cost, None when the stored one has it."""
    return await asyncio.to_thread(passwords.hash_password, password) if passwords.is_outdated(stored) else None


async def give_token(
    platform: Platform,
    username: str,
    *,
    kind: TokenKind,
    life_ms: int,
    idle_ms: int | None = None,
    source: str = "",
    via: str = "",
) -> SignedIn:
    """Give out a token of a user who is known to the caller of this function.

    Args:
        idle_ms: After how long without use it ends, None for never.
        via: Who vouched for the user, "" for a password.
    """
    token, now = secrets.token_urlsafe(32), platform.engine.clock()
    new = NewToken(username, kind, now, now + life_ms, idle_ms, via)
    async with platform.engine.db.begin() as tx:
        await access_tokens.insert(tx, hash_token(token), new)
        await _remember(tx, username, _words(f"{kind.value} {via}".strip(), source), now, source)
    return SignedIn(token, username, now + life_ms)


async def sign_out(platform: Platform, token: str) -> str:
    """Make a token worthless; return who had vouched for its user, "" for a password."""
    async with platform.engine.db.begin() as tx:
        gone = await access_tokens.delete(tx, hash_token(token))
        if gone is None:
            return ""
        username, via = gone
        await _remember(tx, username, "sign-out", platform.engine.clock())
    return via


async def sign_out_everywhere(platform: Platform, caller: Caller) -> int:
    """End all sessions and tokens of sign-ins of the caller, this one too; personal tokens stay.

    Returns:
        How many these were.

    Raises:
        PersonNeededError: The caller came with a personal token.
    """
    demand_person(caller, "sessions")
    async with platform.engine.db.begin() as tx:
        count = await access_tokens.delete_all(tx, caller.username, (SESSION, ACCESS))
        await _remember(tx, caller.username, "sign-out everywhere", platform.engine.clock())
    return count


def _words(how: str, source: str) -> str:
    return f"sign-in: {how}" + (f" from {source}" if source else "")


async def _remember(
    tx: Transaction, username: str, subject: str, now: int, source: str = "", result: Result = Result.DONE
) -> None:
    who = Caller(username, "", platform_admin=False, grants=(), origin=Origin(source=source))
    await audit.insert(tx, who, AUDITED, subject, now, result=result)
