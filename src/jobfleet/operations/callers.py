"""Find out who asks: applications, people, tokens, and what a gateway vouches for."""

import hashlib
import hmac

import msgspec

from jobfleet.model.access_token import USED_GRAIN_MS, HeldToken, TokenKind, is_due
from jobfleet.model.caller import Caller
from jobfleet.model.ceiling import Ceiling, limited
from jobfleet.model.errors import (
    AppMissingError,
    AppNotAllowedError,
    UnauthenticatedError,
    UserMissingError,
)
from jobfleet.model.token_hash import hash_token
from jobfleet.operations import gateway_token
from jobfleet.operations.platform import Platform
from jobfleet.store import access_tokens, apps, people
from jobfleet.store.people import App, Asked, Known, Person

_SECRET_PREFIX = "sha256:"  # noqa: S105 - the name of a scheme


class Credentials(msgspec.Struct, frozen=True):
    """Say how a request names its caller; "" stands for what it does not tell.

    `token` is a bk_token or access_token. `gateway_token` is the JWT of an API gateway. `app_level` is True where
    the application alone suffices; `username` is then the user that it acts for. `by_cookie`: the token came in a
    cookie, where only sessions count.
    """

    app_code: str = ""
    app_secret: str = ""
    username: str = ""
    token: str = ""
    gateway_token: str = ""
    app_level: bool = False
    language: str = ""
    by_cookie: bool = False


def hash_secret(secret: str) -> str:
    """Return what is stored of an application's secret; equal secrets give equal texts.

    Secrets of applications are long and random and come with every call, so a fast hash is enough.
    """
    return _SECRET_PREFIX + hashlib.sha256(b"jobfleet app secret\x00" + secret.encode()).hexdigest()


def secret_matches(stored: str, secret: str) -> bool:
    """Tell, in constant time, whether a secret is the stored one."""
    return hmac.compare_digest(stored.encode(), hash_secret(secret).encode())


async def caller_of_token(platform: Platform, token: str, language: str = "", *, by_cookie: bool = False) -> Caller:
    """Return the person who holds a token, with what the token leaves of their rights.

    Raises:
        UnauthenticatedError: The token is unknown, has expired, or is none of a session though it came in a cookie;
            or its user is disabled.
    """
    known = await _look_up(platform, Asked(token_hash=hash_token(token)))
    caller = _caller(_token_holder(known, by_cookie=by_cookie), "", language, known.token)
    platform.rates.check(caller, platform.engine.clock())
    return caller


async def still_caller(platform: Platform, token: str, *, by_cookie: bool) -> Caller:
    """Return the person who holds a token, as `caller_of_token`, without counting as a use of it.

    For who came with it and stays: what watches by itself must not keep a session from ending.

    Raises:
        UnauthenticatedError: The token holds no more.
    """
    async with platform.engine.db.begin() as tx:
        known = await people.find_known(tx, Asked(token_hash=hash_token(token)), platform.engine.clock())
    return _caller(_token_holder(known, by_cookie=by_cookie), "", "", known.token)


async def caller_of(platform: Platform, credentials: Credentials) -> Caller:
    """Return who a request of the BlueKing surfaces comes from.

    Raises:
        RateLimitedError: The application, or the user who comes without one, has to slow down.
        AppMissingError, UserMissingError: The request does not tell the application or the user.
        AppNotAllowedError: The application is unknown, its secret is wrong, or it may not name its user.
        UnauthenticatedError: The user or the token is unknown, or the gateway's token is not valid.

    Source: docs/reference/api.md, «Callers».
    """
    if credentials.token and not credentials.app_code and not credentials.app_level:
        return await caller_of_token(platform, credentials.token, credentials.language, by_cookie=credentials.by_cookie)
    app, known = await _caller_with_app(platform, credentials)
    caller = known if app is None else _kept_to(app, known)
    platform.rates.check(caller, platform.engine.clock(), None if app is None else app.rate_per_s)
    return caller


def _kept_to(app: App, caller: Caller) -> Caller:
    """Return a caller with no more rights than the application that it came through is kept to.

    Raises:
        AppNotAllowedError: The application is disabled.
    """
    if app.disabled:
        raise AppNotAllowedError(app.code)
    return limited(caller, Ceiling(scopes=app.scopes)) if app.scopes else caller


async def _caller_with_app(platform: Platform, credentials: Credentials) -> tuple[App | None, Caller]:
    if credentials.gateway_token:
        return await _caller_of_gateway(platform, credentials)
    if not credentials.app_code:
        raise AppMissingError
    return await _caller_of_app(platform, credentials)


async def _caller_of_app(platform: Platform, credentials: Credentials) -> tuple[App, Caller]:
    known = await _look_up(platform, _asked(credentials))
    if known.app is None or not secret_matches(known.app.secret_hash, credentials.app_secret):
        raise AppNotAllowedError(credentials.app_code)
    await _note_use(platform, known.app)
    token = known.token if credentials.token else None
    person = _user_of_app(credentials, known)
    return known.app, _caller(person, credentials.app_code, credentials.language, token)


async def _note_use(platform: Platform, app: App) -> None:
    now = platform.engine.clock()
    if now - (app.used_at or 0) >= USED_GRAIN_MS:
        async with platform.engine.db.begin() as tx:
            await apps.touch(tx, app.code, now)


def _asked(credentials: Credentials) -> Asked:
    acting = credentials.username or (credentials.app_code if credentials.app_level else "")
    return Asked(credentials.app_code, acting, hash_token(credentials.token) if credentials.token else None)


def _user_of_app(credentials: Credentials, known: Known) -> Person:
    if credentials.token:
        return _token_holder(known, by_cookie=credentials.by_cookie)
    if not credentials.username:
        return _service_user(credentials, known)
    if known.app is None or not known.app.trusted:
        raise AppNotAllowedError(credentials.app_code)
    if known.person is None:
        raise UnauthenticatedError("bk_username")
    return known.person


def _service_user(credentials: Credentials, known: Known) -> Person:
    if not credentials.app_level:
        raise UserMissingError
    return _user_that_is_the_app(credentials.app_code, known)


def _user_that_is_the_app(code: str, known: Known) -> Person:
    """Return the user that stands for the application itself: its roles are bound to the application's code.

    Whoever chooses an application's code must not become somebody by it: an application that only the gateway
    knows has no roles, and a person who signs in or administers the platform stands for none.
    """
    if known.app is None or known.person is None:
        return _stranger(code)
    if known.person.password_hash is not None or known.person.platform_admin:
        raise AppNotAllowedError(code)
    return known.person


def _token_holder(known: Known, *, by_cookie: bool) -> Person:
    if known.token is None or known.person is None or (by_cookie and known.token.kind is not TokenKind.SESSION):
        raise UnauthenticatedError("bk_token|access_token")
    return known.person


async def _caller_of_gateway(platform: Platform, credentials: Credentials) -> tuple[App | None, Caller]:
    async with platform.engine.db.begin() as tx:
        declared = await people.find_settings(tx, "gateway.")
    vouched = gateway_token.read(credentials.gateway_token, declared)
    if not credentials.app_level:
        return await _caller_of_vouched_user(platform, credentials, vouched)
    acting = Credentials(vouched.app_code, "", credentials.username or vouched.username, app_level=True)
    known = await _look_up(platform, _asked(acting))
    if credentials.username and credentials.username != vouched.username:
        person = _user_of_app(acting, known)
    elif acting.username:
        person = known.person or _stranger(acting.username)
    else:
        person = _user_that_is_the_app(vouched.app_code, known)
    return known.app, _caller(person, vouched.app_code, credentials.language)


async def _caller_of_vouched_user(
    platform: Platform, credentials: Credentials, vouched: gateway_token.Vouched
) -> tuple[App | None, Caller]:
    if not vouched.username:
        raise UserMissingError
    known = await _look_up(platform, Asked(vouched.app_code, vouched.username))
    person = known.person or _stranger(vouched.username)
    return known.app, _caller(person, vouched.app_code, credentials.language)


def _stranger(name: str) -> Person:
    """Return a user whom we do not know although it is vouched for: without any role."""
    return Person(name, None, platform_admin=False, language="zh", grants=())


async def _look_up(platform: Platform, asked: Asked) -> Known:
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        known = await people.find_known(tx, asked, now)
        if asked.token_hash is not None and known.token is not None and is_due(known.token, now):
            await access_tokens.touch(tx, asked.token_hash, now)
    return known


def _caller(person: Person, app_code: str, language: str, token: HeldToken | None = None) -> Caller:
    if person.disabled:
        raise UnauthenticatedError("the user is disabled")
    words = language or person.language
    caller = Caller(
        person.name,
        app_code,
        person.platform_admin,
        person.grants,
        words,
        person.platform_role,
        token=token.kind if token else "",
    )
    return limited(caller, token.ceiling) if token and token.ceiling else caller
