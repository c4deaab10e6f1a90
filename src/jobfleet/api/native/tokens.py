"""Personal access tokens."""

from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.access import SIGNED_IN
from jobfleet.api.native.route import Call, Done, FieldError, Route, Wanted
from jobfleet.model.access_token import DEFAULT_PERSONAL_LIFE_MS, MAX_PERSONAL_LIFE_MS, PersonalToken
from jobfleet.model.caller import Role
from jobfleet.model.ceiling import Ceiling
from jobfleet.model.scope import Scope, ScopeType, scope_text
from jobfleet.operations import personal_tokens
from jobfleet.operations.personal_tokens import Wish

MOST_SCOPES = 100
ScopeText = Annotated[str, Meta(pattern=r"^(biz|biz_set):[1-9][0-9]{0,17}$")]


class MakePersonalToken(Wanted, frozen=True):
    """Say what a token is for: at most this role, in these scopes (all of the caller's without any).

    `platform` lets it administer the platform as its user may; it goes with the role admin and without scopes.
    """

    name: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
    role: Role = Role.VIEWER
    scopes: Annotated[tuple[ScopeText, ...], Meta(max_length=MOST_SCOPES)] = ()
    platform: bool = False
    expires_in_s: Annotated[int, Meta(ge=60, le=MAX_PERSONAL_LIFE_MS // 1000)] = DEFAULT_PERSONAL_LIFE_MS // 1000


class ListPersonalTokens(Wanted, frozen=True):
    """Say whose tokens to list: one's own, or everybody's."""

    all: bool = False


class WantPersonalToken(Wanted, frozen=True):
    """Name a token."""

    token_id: int


class PersonalTokenView(msgspec.Struct, frozen=True):
    """Show a personal token, never the token itself; times are epoch milliseconds, `used_at` to the minute."""

    id: int
    username: str
    name: str
    role: str
    scopes: list[str]
    platform: bool
    created_at: int
    expires_at: int
    used_at: int | None


class MadePersonalToken(msgspec.Struct, frozen=True):
    """Hand out a token, this once."""

    token: str
    about: PersonalTokenView


class PersonalTokenList(msgspec.Struct, frozen=True):
    """List personal tokens, by user, the newest first."""

    tokens: list[PersonalTokenView]


async def make_token(call: Call, wanted: MakePersonalToken) -> MadePersonalToken:
    """Make a token of the caller."""
    ceiling = Ceiling(wanted.role, tuple(_scope(text) for text in wanted.scopes), wanted.platform)
    wish = Wish(wanted.name, ceiling, wanted.expires_in_s * 1000)
    token, about = await personal_tokens.create(call.platform, call.caller, wish)
    return MadePersonalToken(token, _view(about))


async def list_tokens(call: Call, wanted: ListPersonalTokens) -> PersonalTokenList:
    """List tokens."""
    found = await personal_tokens.list_tokens(call.platform, call.caller, of_all=wanted.all)
    return PersonalTokenList([_view(one) for one in found])


async def revoke_token(call: Call, wanted: WantPersonalToken) -> Done:
    """Make a token worthless."""
    await personal_tokens.revoke(call.platform, call.caller, wanted.token_id)
    return Done()


def _scope(text: str) -> Scope:
    kind, _, number = text.partition(":")
    try:
        return Scope(ScopeType(kind), int(number))
    except ValueError as error:
        raise FieldError("scopes", "is no scope such as biz:2") from error


def _view(token: PersonalToken) -> PersonalTokenView:
    return PersonalTokenView(
        id=token.id,
        username=token.user_name,
        name=token.name,
        role=token.ceiling.role.value,
        scopes=[scope_text(scope) for scope in token.ceiling.scopes],
        platform=token.ceiling.platform,
        created_at=token.created_at,
        expires_at=token.expires_at,
        used_at=token.used_at,
    )


ROUTES = (
    Route(
        "POST",
        "/api/v1/tokens",
        SIGNED_IN,
        make_token,
        MakePersonalToken,
        MadePersonalToken,
        "Make a personal token",
        201,
    ),
    Route("GET", "/api/v1/tokens", SIGNED_IN, list_tokens, ListPersonalTokens, PersonalTokenList, "List tokens"),
    Route("POST", "/api/v1/tokens/{token_id}/revoke", SIGNED_IN, revoke_token, WantPersonalToken, Done, "Revoke it"),
)
