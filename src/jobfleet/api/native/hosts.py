"""Hosts, their agents, and the tokens with which agents enrol."""

from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import Id, ScopeText
from jobfleet.api.native.route import Call, Done, Route, Wanted
from jobfleet.api.native.targets import parse_scope
from jobfleet.api.native.views import HostAnswer, show_host
from jobfleet.model.caller import Action
from jobfleet.operations import enrol, hosts


class ListHosts(Wanted, frozen=True):
    """Name the scope."""

    scope: ScopeText


class HostList(msgspec.Struct, frozen=True):
    """Show hosts by id."""

    hosts: list[HostAnswer]


class WantToken(Wanted, frozen=True):
    """Ask for an enrolment token; with a business it also takes up hosts that are not known yet.

    Only with `replace` it lets an agent take the place of one that is not revoked.
    """

    reusable: bool = False
    expires_in_s: Annotated[int, Meta(ge=1, le=enrol.MAX_TOKEN_LIFE_MS // 1000)] = enrol.DEFAULT_TOKEN_LIFE_MS // 1000
    business: Id | None = None
    replace: bool = False


class TokenAnswer(msgspec.Struct, frozen=True):
    """Hand out a token; it is shown once. `expires_at` is epoch milliseconds."""

    token: str
    expires_at: int


class OneHost(Wanted, frozen=True):
    """Name a host."""

    host_id: Id


async def list_hosts(call: Call, wanted: ListHosts) -> HostList:
    """Show the hosts of a scope."""
    found = await hosts.list_hosts(call.platform, call.caller, parse_scope(wanted.scope))
    return HostList([show_host(view) for view in found])


async def create_token(call: Call, wanted: WantToken) -> TokenAnswer:
    """Make an enrolment token."""
    made = await enrol.create_token(
        call.platform,
        call.caller,
        business_id=wanted.business,
        reusable=wanted.reusable,
        life_ms=wanted.expires_in_s * 1000,
        replaces=wanted.replace,
    )
    return TokenAnswer(made.token, made.expires_at)


async def revoke(call: Call, wanted: OneHost) -> Done:
    """Cut an agent off."""
    await enrol.revoke(call.platform, call.caller, wanted.host_id)
    return Done()


ROUTES = (
    Route("GET", "/api/v1/hosts", Action.ACCESS_BUSINESS, list_hosts, ListHosts, HostList, "List hosts and agents"),
    Route(
        "POST",
        "/api/v1/agents/tokens",
        Action.MANAGE_HOSTS,
        create_token,
        WantToken,
        TokenAnswer,
        "Make an enrolment token",
        201,
    ),
    Route(
        "POST",
        "/api/v1/agents/{host_id}/revoke",
        Action.MANAGE_HOSTS,
        revoke,
        OneHost,
        Done,
        "Cut an agent off for good",
    ),
)
