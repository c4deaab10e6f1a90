"""Signing in and out, by token and by a browser's session, and who one is."""

import base64
from typing import Annotated

import msgspec
from litestar.datastructures import Cookie
from msgspec import Meta

from jobfleet.api.access import OPEN, SIGNED_IN
from jobfleet.api.cookies import SESSION_COOKIE, check_own_page, cookie, csrf_token, session_of
from jobfleet.api.native.choices import ChoicesView, show_choices
from jobfleet.api.native.route import Call, Done, Nothing, Reply, Route, Wanted, bearer_token, token_of
from jobfleet.api.sources import address_of
from jobfleet.model.caller import PLATFORM, Caller, Grant
from jobfleet.model.errors import UnauthenticatedError
from jobfleet.model.scope import Scope, scope_text
from jobfleet.operations import signin, users
from jobfleet.operations.choices import choices_of
from jobfleet.operations.oidc import VIA, logout_url
from jobfleet.operations.platform import Platform
from jobfleet.operations.scopes import list_scopes
from jobfleet.operations.signin import SignedIn

Life = Annotated[int, Meta(ge=60, le=90 * 86_400, description="Seconds until the token ends")]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Password = Annotated[str, Meta(min_length=1, max_length=1024)]


class SignIn(Wanted, frozen=True):
    """Give name and password of a person."""

    username: Name
    password: Password
    expires_in_s: Life = signin.TOKEN_LIFE_MS // 1000


class OpenSession(Wanted, frozen=True):
    """Give name and password of a person who uses a browser."""

    username: Name
    password: Password


class ChangePassword(Wanted, frozen=True):
    """Give the caller's own password and the one to replace it."""

    old_password: Password
    new_password: Password


class Token(msgspec.Struct, frozen=True):
    """Hand out a bearer token; `expires_at` is epoch milliseconds."""

    token: str
    username: str
    expires_at: int


class Session(msgspec.Struct, frozen=True):
    """Show a browser's session: whose it is, and what to send as `X-CSRF-Token` with everything but a GET.

    `idle_s` is after how many seconds without a request it ends. `choices` is how the person wants to see things,
    `time_zone` the installation's.
    """

    username: str
    csrf_token: str
    idle_s: int
    choices: ChoicesView
    time_zone: str


class SignedOut(msgspec.Struct, frozen=True):
    """Say that the session has ended; at `logout_url` the one at the identity provider can be ended too."""

    logout_url: str


class Ended(msgspec.Struct, frozen=True):
    """Say how many sessions and sign-ins have ended."""

    ended: int


class SignInWays(msgspec.Struct, frozen=True):
    """Say how people may sign in besides by password: `oidc` through the identity provider."""

    oidc: bool


class GrantView(msgspec.Struct, frozen=True):
    """Show a role in a scope; `scope` is `platform` for a role on the platform as a whole."""

    role: str
    scope: str


class ScopeView(msgspec.Struct, frozen=True):
    """Show a scope that one may work in."""

    scope: str
    name: str


class WhoAmI(msgspec.Struct, frozen=True):
    """Show who is signed in, and where they may work."""

    username: str
    platform_admin: bool
    language: str
    grants: list[GrantView]
    scopes: list[ScopeView]


async def sign_in_ways(call: Call, _wanted: Nothing) -> SignInWays:
    """Show how people may sign in."""
    return SignInWays(call.platform.oidc is not None)


async def sign_in(call: Call, wanted: SignIn) -> Token:
    """Exchange a password for a token."""
    given = await signin.sign_in(
        call.platform,
        wanted.username,
        wanted.password,
        life_ms=wanted.expires_in_s * 1000,
        source=address_of(call.platform, call.request),
    )
    return Token(given.token, given.username, given.expires_at)


async def sign_out(call: Call, _wanted: Nothing) -> Done:
    """End the token that the request carries."""
    await signin.sign_out(call.platform, token_of(call.request))
    return Done()


async def open_session(call: Call, wanted: OpenSession) -> Reply:
    """Sign a browser in; the session that it had ends."""
    check_own_page(call.platform, call.request)
    source = address_of(call.platform, call.request)
    name = await signin.check_password(call.platform, wanted.username, wanted.password, source=source)
    given = await renew_session(call, name, source)
    shown = await _show(call.platform, given.username, given.token)
    return Reply(shown, (session_cookie(call, given.token),))


async def _show(platform: Platform, username: str, session: str) -> Session:
    chosen = show_choices(await choices_of(platform, username))
    return Session(username, csrf_token(session), platform.sessions.idle_ms // 1000, chosen, platform.time_zone)


async def renew_session(call: Call, username: str, source: str, via: str = "") -> SignedIn:
    """Give a browser a new session in the place of the one that it has, if any."""
    if session_of(call.request):
        await signin.sign_out(call.platform, session_of(call.request))
    lasting = call.platform.sessions
    return await signin.give_token(
        call.platform,
        username,
        kind=signin.SESSION,
        life_ms=lasting.life_ms,
        idle_ms=lasting.idle_ms,
        source=source,
        via=via,
    )


def session_cookie(call: Call, session: str) -> Cookie:
    """Return the cookie that gives a browser its session; "" takes it away."""
    life_s = call.platform.sessions.life_ms // 1000 if session else 0
    return cookie(call.platform, call.request, SESSION_COOKIE, session, max_age_s=life_s)


async def show_session(call: Call, _wanted: Nothing) -> Session:
    """Show the browser's session."""
    session = session_of(call.request)
    if bearer_token(call.request, needed=False) or not session:
        raise UnauthenticatedError("Cookie")
    return await _show(call.platform, call.caller.username, session)


async def end_session(call: Call, _wanted: Nothing) -> Reply:
    """End the browser's session."""
    via = await signin.sign_out(call.platform, token_of(call.request))
    address = await logout_url(call.platform) if via == VIA else ""
    return Reply(SignedOut(address), (session_cookie(call, ""),))


async def end_sessions(call: Call, _wanted: Nothing) -> Reply:
    """End every session and sign-in of the caller."""
    ended = await signin.sign_out_everywhere(call.platform, call.caller)
    return Reply(Ended(ended), (session_cookie(call, ""),))


async def change_password(call: Call, wanted: ChangePassword) -> Done:
    """Change the caller's own password."""
    await users.change_password(
        call.platform,
        call.caller,
        old=wanted.old_password,
        new=wanted.new_password,
        token=token_of(call.request),
        source=address_of(call.platform, call.request),
    )
    return Done()


async def who_am_i(call: Call, _wanted: Nothing) -> WhoAmI:
    """Show the caller."""
    caller = call.caller
    scopes = await list_scopes(call.platform, caller)
    return WhoAmI(
        username=caller.username,
        platform_admin=caller.platform_admin,
        language=caller.language,
        grants=[*_on_platform(caller), *(_grant(one) for one in caller.grants)],
        scopes=[ScopeView(scope_text(info.scope), info.name) for info in scopes],
    )


def _grant(one: Grant) -> GrantView:
    return GrantView(one.role.value, scope_text(Scope(one.scope_type, one.scope_id)))


def _on_platform(caller: Caller) -> list[GrantView]:
    return [] if caller.platform_role is None else [GrantView(caller.platform_role.value, PLATFORM)]


class CallbackKey(msgspec.Struct, frozen=True):
    """Show the key that callbacks are signed with: raw Ed25519 public key, Base64."""

    ed25519: str


async def callback_key(call: Call, _wanted: Nothing) -> CallbackKey:
    """Show what callbacks are proven with.

    Source: docs/reference/callbacks.md, «Signature».
    """
    return CallbackKey(base64.b64encode(call.platform.callback_key).decode())


ROUTES = (
    Route("POST", "/api/v1/sign-in", OPEN, sign_in, SignIn, Token, "Exchange a password for a token"),
    Route("POST", "/api/v1/sign-out", SIGNED_IN, sign_out, Nothing, Done, "End the token of this request"),
    Route("GET", "/api/v1/sign-in/ways", OPEN, sign_in_ways, Nothing, SignInWays, "Show how people may sign in"),
    Route("POST", "/api/v1/session", OPEN, open_session, OpenSession, Session, "Sign a browser in"),
    Route("GET", "/api/v1/session", SIGNED_IN, show_session, Nothing, Session, "Show the browser's session"),
    Route("POST", "/api/v1/session/end", SIGNED_IN, end_session, Nothing, SignedOut, "End the browser's session"),
    Route("POST", "/api/v1/sessions/end", SIGNED_IN, end_sessions, Nothing, Ended, "End all of one's sessions"),
    Route("POST", "/api/v1/password", SIGNED_IN, change_password, ChangePassword, Done, "Change one's password"),
    Route(
        "GET", "/api/v1/callback-key", OPEN, callback_key, Nothing, CallbackKey, "Show what callbacks are proven with"
    ),
    Route("GET", "/api/v1/whoami", SIGNED_IN, who_am_i, Nothing, WhoAmI, "Show who is signed in"),
)
