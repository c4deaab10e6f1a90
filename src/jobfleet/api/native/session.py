"""Signing in and out, and who one is."""

import base64
from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.access import OPEN, SIGNED_IN
from jobfleet.api.native.route import Call, Done, Nothing, Route, Wanted, bearer_token
from jobfleet.api.native.views import show_scope
from jobfleet.model.caller import PLATFORM, Caller, Grant
from jobfleet.model.scope import Scope
from jobfleet.operations import signin
from jobfleet.operations.scopes import list_scopes

Life = Annotated[int, Meta(ge=60, le=90 * 86_400, description="Seconds until the token ends")]


class SignIn(Wanted, frozen=True):
    """Give name and password of a person."""

    username: Annotated[str, Meta(min_length=1, max_length=64)]
    password: Annotated[str, Meta(min_length=1, max_length=1024)]
    expires_in_s: Life = signin.TOKEN_LIFE_MS // 1000


class Token(msgspec.Struct, frozen=True):
    """Hand out a bearer token; `expires_at` is epoch milliseconds."""

    token: str
    username: str
    expires_at: int


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


async def sign_in(call: Call, wanted: SignIn) -> Token:
    """Exchange a password for a token."""
    life_ms = wanted.expires_in_s * 1000
    given = await signin.sign_in(call.platform, wanted.username, wanted.password, life_ms=life_ms)
    return Token(given.token, given.username, given.expires_at)


async def sign_out(call: Call, _wanted: Nothing) -> Done:
    """End the token that the request carries."""
    await signin.sign_out(call.platform, bearer_token(call.request))
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
        scopes=[ScopeView(show_scope(info.scope), info.name) for info in scopes],
    )


def _grant(one: Grant) -> GrantView:
    return GrantView(one.role.value, show_scope(Scope(one.scope_type, one.scope_id)))


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
    Route(
        "GET", "/api/v1/callback-key", OPEN, callback_key, Nothing, CallbackKey, "Show what callbacks are proven with"
    ),
    Route("GET", "/api/v1/whoami", SIGNED_IN, who_am_i, Nothing, WhoAmI, "Show who is signed in"),
)
