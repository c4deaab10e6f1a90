"""Signing in through an identity provider."""

from typing import Annotated

import msgspec
from litestar.datastructures import Cookie
from msgspec import Meta

from jobfleet.api.access import OPEN
from jobfleet.api.cookies import cookie
from jobfleet.api.native.route import Call, Done, Reply, Route, Wanted
from jobfleet.api.native.session import renew_session, session_cookie
from jobfleet.api.sources import address_of
from jobfleet.model.caller import Action
from jobfleet.model.oidc import ATTEMPT_LIFE_MS, MAX_RETURN_CHARACTERS
from jobfleet.operations import oidc

ATTEMPT_COOKIE = "jobfleet_oidc"
BEGIN_PATH = "/api/v1/sign-in/oidc"


class BeginSignIn(Wanted, frozen=True):
    """Say which of our own paths to go on to; anything else goes to `/`."""

    return_to: Annotated[str, Meta(max_length=MAX_RETURN_CHARACTERS)] = "/"


class ProviderAnswer(Wanted, frozen=True, forbid_unknown_fields=False):
    """What the provider has the browser bring; providers add members of their own."""

    state: Annotated[str, Meta(max_length=1000)] = ""
    code: Annotated[str, Meta(max_length=4000)] = ""
    error: Annotated[str, Meta(max_length=1000)] = ""
    iss: Annotated[str, Meta(max_length=1000)] = ""


class LinkIdentity(Wanted, frozen=True):
    """Name a user, and the subject (`sub`) that the identity provider knows them by."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    subject: Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[^\x00]+$")]


class UnlinkIdentity(Wanted, frozen=True):
    """Name a user."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]


class Unlinked(msgspec.Struct, frozen=True):
    """Say how many identities were linked."""

    unlinked: int


async def begin(call: Call, wanted: BeginSignIn) -> Reply:
    """Send a browser to the identity provider."""
    begun = await oidc.begin(call.platform, wanted.return_to)
    return Reply(Done(), (_kept(call, begun.kept),), begun.address)


async def finish(call: Call, wanted: ProviderAnswer) -> Reply:
    """Take a browser back from the identity provider, sign it in, and send it on."""
    kept = call.request.cookies.get(ATTEMPT_COOKIE, "")
    told = oidc.Answer(kept, wanted.state, wanted.code, wanted.error, wanted.iss)
    username, return_to = await oidc.finish(call.platform, told)
    given = await renew_session(call, username, address_of(call.platform, call.request), via=oidc.VIA)
    return Reply(Done(), (session_cookie(call, given.token), _kept(call, "")), return_to)


async def link(call: Call, wanted: LinkIdentity) -> Done:
    """Let an identity of the provider be a user."""
    await oidc.link(call.platform, call.caller, wanted.name, wanted.subject)
    return Done()


async def unlink(call: Call, wanted: UnlinkIdentity) -> Unlinked:
    """Forget a user's identities."""
    return Unlinked(await oidc.unlink(call.platform, call.caller, wanted.name))


def _kept(call: Call, value: str) -> Cookie:
    life_s = ATTEMPT_LIFE_MS // 1000 if value else 0
    return cookie(call.platform, call.request, ATTEMPT_COOKIE, value, path=BEGIN_PATH, max_age_s=life_s)


_MAY = Action.MANAGE_PLATFORM
ROUTES = (
    Route("GET", BEGIN_PATH, OPEN, begin, BeginSignIn, Done, "Send a browser to the identity provider", 302),
    Route("GET", oidc.CALLBACK_PATH, OPEN, finish, ProviderAnswer, Done, "Take a browser back from there", 302),
    Route("POST", "/api/v1/users/{name}/link", _MAY, link, LinkIdentity, Done, "Let an identity be a user"),
    Route("POST", "/api/v1/users/{name}/unlink", _MAY, unlink, UnlinkIdentity, Unlinked, "Forget a user's identities"),
)
