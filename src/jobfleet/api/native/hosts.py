"""Hosts, their agents, and the tokens with which agents enrol."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.native.host_pages import GroupView, PlaceView
from jobfleet.api.native.jobs import Id, Moment, ScopeText
from jobfleet.api.native.route import Call, Done, Route, Wanted
from jobfleet.api.native.views import HostAnswer, show_host
from jobfleet.model.agent import AgentState
from jobfleet.model.caller import Action
from jobfleet.model.host_query import MAX_QUERY_CHARACTERS
from jobfleet.model.scope import parse_scope
from jobfleet.operations import enrol, hosts
from jobfleet.operations.hosts import HostFilter


class ListHosts(Wanted, frozen=True):
    """Page through the hosts of a scope, by id; without `length` all of them.

    `q` is words, networks and conditions, see «Finding hosts»; `agent` one state; `enrolled_since` epoch milliseconds.
    """

    scope: ScopeText
    q: Annotated[str, Meta(max_length=MAX_QUERY_CHARACTERS, pattern=r"^[^\x00]*$")] = ""
    agent: Literal["online", "offline", "revoked", "never"] | None = None
    enrolled_since: Moment | None = None
    start: Annotated[int, Meta(ge=0, le=2**31)] = 0
    length: Annotated[int, Meta(ge=1, le=1000)] | None = None


class StateCounts(msgspec.Struct, frozen=True):
    """Count hosts by the states of their agents."""

    online: int
    offline: int
    revoked: int
    never: int


class HostList(msgspec.Struct, frozen=True):
    """Show a page of hosts; `total` counts those that are wanted, `counts` those of every state.

    `offline_since` is when the agent was heard last that went offline last (epoch ms), null when none is offline.
    `target` is the text that names all `total` hosts in the targets of a job, "" where no text can. `places` are the
    nodes of the topology that each of the `hosts` stands in, with those right above them, `groups` its dynamic groups;
    both are empty without a `length`.
    """

    total: int
    counts: StateCounts
    offline_since: int | None
    target: str
    hosts: list[HostAnswer]
    places: list[list[PlaceView]]
    groups: list[list[GroupView]]


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
    state = None if wanted.agent is None else AgentState(wanted.agent)
    asked = HostFilter(wanted.q, state, wanted.enrolled_since, wanted.start, wanted.length)
    page = await hosts.find_hosts(call.platform, call.caller, parse_scope(wanted.scope), asked)
    counts = StateCounts(**{state.value: count for state, count in page.counts.items()})
    return HostList(
        total=page.total,
        counts=counts,
        offline_since=page.offline_since,
        target=page.target,
        hosts=[show_host(view) for view in page.hosts],
        places=[[PlaceView(one.type, one.id, one.name) for one in places] for places in page.places],
        groups=[[GroupView(one.id, one.name) for one in groups] for groups in page.groups],
    )


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
