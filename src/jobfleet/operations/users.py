"""Local users: their passwords, and what administrators do about them."""

import asyncio

from jobfleet.model import password as rules
from jobfleet.model.access_token import TokenKind
from jobfleet.model.caller import Action, Caller
from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.lockout import ADDRESS, USER, Subject
from jobfleet.model.signin_errors import UserNotFoundError
from jobfleet.model.source import counted_as
from jobfleet.model.token_hash import hash_token
from jobfleet.operations import access, passwords
from jobfleet.operations.personal_tokens import demand_person
from jobfleet.operations.platform import Platform
from jobfleet.operations.signin import check_password
from jobfleet.store import access_tokens, audit, people, signin_failures, users
from jobfleet.store.database import Transaction
from jobfleet.store.users import UserView

AUDITED = "user"
SIGNED_IN = (TokenKind.SESSION, TokenKind.ACCESS)


async def change_password(platform: Platform, caller: Caller, *, old: str, new: str, token: str, source: str) -> None:
    """Change the caller's own password; all their other sessions and sign-ins end.

    Args:
        token: What the caller came with; it stays good.

    Raises:
        PersonNeededError: The caller came with a personal token.
        UnauthenticatedError, TooManyAttemptsError: The old password is wrong.
        IllegalParameterReasonError: The new one is not as it must be (names `new_password`).

    Source: docs/reference/sign-in.md, «Passwords».
    """
    demand_person(caller, "password")
    check_rules(new, caller.username, "new_password")
    await check_password(platform, caller.username, old, source=source)
    hashed = await _hash(platform, new)
    async with platform.engine.db.begin() as tx:
        await users.set_password(tx, caller.username, hashed)
        await access_tokens.delete_all(tx, caller.username, SIGNED_IN, but=hash_token(token))
        await _remember(tx, platform, caller, "change the own password")


async def list_users(
    platform: Platform, caller: Caller, name: str = "", *, start: int, length: int
) -> tuple[int, list[UserView]]:
    """Return how many users have a text in their name and a page of them by name, for a platform administrator."""
    access.demand_platform(caller, Action.MANAGE_PLATFORM)
    async with platform.engine.db.begin() as tx:
        return await users.list_all(tx, name, start=start, length=length)


async def add(platform: Platform, caller: Caller, name: str, language: str, password: str | None) -> bool:
    """Make a user without any role, or give one who is there a password; tell whether the user is new.

    Raises:
        ForbiddenError: Only platform administrators may.
        IllegalParameterReasonError: The password is not as it must be (names `password`).
    """
    _demand(caller)
    if password is not None:
        check_rules(password, name, "password")
    hashed = None if password is None else await _hash(platform, password)
    async with platform.engine.db.begin() as tx:
        is_new = await users.insert(tx, name, language)
        if hashed is not None:
            await users.set_password(tx, name, hashed)
            await access_tokens.delete_all(tx, name, SIGNED_IN)
        words = f"make user {name}" if is_new else f"set the password of user {name}"
        await _remember(tx, platform, caller, words)
    return is_new


async def set_disabled(platform: Platform, caller: Caller, name: str, *, disabled: bool) -> None:
    """Disable a user, whose sessions and sign-ins end and whose personal tokens are refused; or enable one.

    Raises:
        ForbiddenError: Only platform administrators may.
        IllegalParameterReasonError: Nobody can disable themselves (names `name`).
        UserNotFoundError: There is no such user.
    """
    _demand(caller)
    if disabled and name == caller.username:
        raise IllegalParameterReasonError("name", "you cannot disable yourself")
    async with platform.engine.db.begin() as tx:
        if not await users.set_disabled(tx, name, platform.engine.clock() if disabled else None):
            raise UserNotFoundError(name)
        if disabled:
            await access_tokens.delete_all(tx, name, SIGNED_IN)
        await _remember(tx, platform, caller, f"{'disable' if disabled else 'enable'} user {name}")


async def unlock(platform: Platform, caller: Caller, *, name: str = "", address: str = "") -> bool:
    """Forget the wrong passwords of a user or from an address; tell whether there were any.

    Raises:
        ForbiddenError: Only platform administrators may.
    """
    _demand(caller)
    subject = Subject(USER, name) if name else Subject(ADDRESS, counted_as(address))
    async with platform.engine.db.begin() as tx:
        found = await signin_failures.delete(tx, subject)
        await _remember(tx, platform, caller, f"unlock {subject.kind} {subject.name}")
    return found


async def end_sessions(platform: Platform, caller: Caller, name: str) -> int:
    """End the sessions and sign-ins of a user, for a platform administrator; return how many these were.

    Raises:
        UserNotFoundError: There is no such user.
    """
    _demand(caller)
    async with platform.engine.db.begin() as tx:
        if await people.find_person(tx, name) is None:
            raise UserNotFoundError(name)
        count = await access_tokens.delete_all(tx, name, SIGNED_IN)
        await _remember(tx, platform, caller, f"end the sessions of user {name}")
    return count


def check_rules(password: str, username: str, field: str) -> None:
    """Do nothing when a new password is as it must be.

    Raises:
        IllegalParameterReasonError: It is not; it names the field and says why.
    """
    why = rules.problem(password, username)
    if why is not None:
        raise IllegalParameterReasonError(field, why)


def _demand(caller: Caller) -> None:
    access.demand_platform(caller, Action.MANAGE_PLATFORM)


async def _hash(platform: Platform, password: str) -> str:
    async with platform.hashing.turn():
        return await asyncio.to_thread(passwords.hash_password, password)


async def _remember(tx: Transaction, platform: Platform, caller: Caller, subject: str) -> None:
    await audit.insert(tx, caller, AUDITED, subject, platform.engine.clock())
