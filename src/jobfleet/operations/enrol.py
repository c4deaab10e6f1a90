"""Enrol agents, and revoke them."""

import base64
import ipaddress
import secrets
from collections.abc import Collection

import msgspec
import nats.errors
import structlog
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from jobfleet.bus import authority, identity
from jobfleet.bus.identity import ClaimsRefusedError
from jobfleet.engine.service import nudge
from jobfleet.model.agent import Agent, Enrolment, EnrolmentToken
from jobfleet.model.caller import Action, Caller, allows
from jobfleet.model.declared_inventory import plain_address
from jobfleet.model.errors import IllegalParameterReasonError, UnauthenticatedError, UnavailableError
from jobfleet.model.job_errors import UnknownHostsError
from jobfleet.model.job_id import DAY_MS
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.token_hash import hash_token
from jobfleet.operations import access
from jobfleet.operations.platform import Platform
from jobfleet.store import agents, audit, declared, inventory, tasks
from jobfleet.store.database import Transaction

_log = structlog.get_logger()

MAX_TOKEN_LIFE_MS = 366 * DAY_MS
DEFAULT_TOKEN_LIFE_MS = 3_600_000


class NewToken(msgspec.Struct, frozen=True):
    """Hand out a token; it is nowhere stored in clear. `expires_at` is epoch milliseconds."""

    token: str
    expires_at: int


class Enrolled(msgspec.Struct, frozen=True):
    """Tell an agent who it is: its identity on NATS, where NATS is, and whose orders it obeys.

    `order_key` is the raw Ed25519 public key in base64; `nats_ca` is PEM text, "" for the system's authorities.
    """

    host_id: int
    user_jwt: str
    nats_urls: list[str]
    order_key: str
    nats_ca: str


async def create_token(
    platform: Platform,
    caller: Caller,
    *,
    business_id: int | None,
    reusable: bool,
    life_ms: int = DEFAULT_TOKEN_LIFE_MS,
    replaces: bool = False,
) -> NewToken:
    """Make a token with which agents enrol.

    Args:
        business_id: Hosts that are not known yet are taken up into this business; None refuses them.
        reusable: True lets any number of agents enrol until it expires, False only one.
        life_ms: How long it is good for, 1 to MAX_TOKEN_LIFE_MS.
        replaces: True lets an agent take the place of one that is not revoked.

    Raises:
        IllegalParameterReasonError: `life_ms` is out of range (names `expires_in_s`).
        ForbiddenError: Only platform administrators may, or administrators of the business.
        ScopeNotFoundError: The business does not exist.
    """
    if not 0 < life_ms <= MAX_TOKEN_LIFE_MS:
        raise IllegalParameterReasonError("expires_in_s", f"must be 1 to {MAX_TOKEN_LIFE_MS // 1000}")
    token, now = secrets.token_urlsafe(32), platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        await _may_enrol(tx, platform, caller, business_id)
        new = EnrolmentToken(business_id, reusable, caller.username, now, now + life_ms, replaces=replaces)
        await agents.insert_token(tx, hash_token(token), new)
        words = "enrolment token that replaces agents" if replaces else "enrolment token"
        await audit.insert(tx, caller, Action.MANAGE_HOSTS, words, now, _scope(business_id))
    return NewToken(token, new.expires_at)


async def _may_enrol(tx: Transaction, platform: Platform, caller: Caller, business_id: int | None) -> None:
    if business_id is None:
        access.demand_platform(caller, Action.MANAGE_HOSTS)
        return
    info = await access.enter_scope(tx, platform, caller, Scope(ScopeType.BUSINESS, business_id))
    access.demand(caller, Action.MANAGE_HOSTS, info)


def _scope(business_id: int | None) -> Scope | None:
    return None if business_id is None else Scope(ScopeType.BUSINESS, business_id)


async def enrol(platform: Platform, token: str, new: Enrolment) -> Enrolled:
    """Make an agent the one of its host; a former agent of the host is cut off.

    The same agent may ask again with the same token: the answer may have been lost on the way.

    Raises:
        IllegalParameterReasonError: The address or the public key is malformed, or the key was used before.
        UnauthenticatedError: The token is unknown, expired or used, it is for another business, or the host has an
            agent that is not revoked and the token replaces none.
        UnknownHostsError: No host has this address, and the token takes up none.

    Source: docs/reference/native-api.md, «Enrolment».
    """
    new = checked(new)
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        claimed = await claim(tx, token, now)
        host_id = await _host(tx, claimed, new)
        former = await agents.find(tx, host_id)
        _check_used(claimed, former, new)
        check_replaces(claimed, [] if former is None or former.revoked_at else [former.public_key], {new.public_key})
        await _replace(tx, host_id, former, new, now)
        await agents.mark_token_used(tx, hash_token(token), now)
        await audit.insert(tx, giver(claimed), Action.MANAGE_HOSTS, f"enrol the agent of host {host_id}", now)
    if former is not None and former.public_key != new.public_key:
        await try_to_publish(platform)
    return enrolled(platform, host_id, new.public_key, now)


def checked(new: Enrolment) -> Enrolment:
    """Return an enrolment with its address in one form.

    Raises:
        IllegalParameterReasonError: The address or the public key is malformed.
    """
    if not identity.is_user_key(new.public_key):
        raise IllegalParameterReasonError("public_key", "is not a public key of a NATS user")
    try:
        return msgspec.structs.replace(new, ip=_address(new.ip))
    except ValueError as error:
        raise IllegalParameterReasonError("ip", "is not an IP address") from error


def giver(token: EnrolmentToken) -> Caller:
    """Return whoever made a token: what it lets in was their doing."""
    return Caller(token.created_by, "", platform_admin=False, grants=())


def _address(text: str) -> str:
    """Return an address as the inventory keeps it; a server that listens on both families sees IPv4 inside IPv6."""
    mapped = ipaddress.IPv6Address(text).ipv4_mapped if text.startswith("::ffff:") else None
    return str(mapped) if mapped else plain_address(text)


async def claim(tx: Transaction, token: str, now: int) -> EnrolmentToken:
    """Return a token that is good now; nobody else can claim it until this transaction ends.

    Raises:
        UnauthenticatedError: It is unknown or expired.
    """
    claimed = await agents.claim_token(tx, hash_token(token))
    if claimed is None or claimed.expires_at <= now:
        raise UnauthenticatedError("token: unknown or expired")
    return claimed


async def _host(tx: Transaction, token: EnrolmentToken, new: Enrolment) -> int:
    found = await agents.find_host(tx, new.cloud_id, new.ip)
    if found is None:
        return await _new_host(tx, token, new)
    host_id, business_id = found
    if token.business_id not in {None, business_id}:
        raise UnauthenticatedError("token: it is for another business than the host's")
    return host_id


async def _new_host(tx: Transaction, token: EnrolmentToken, new: Enrolment) -> int:
    business = _scope(token.business_id)
    if business is None or await inventory.find_scope(tx, business) is None:
        raise UnknownHostsError(1, f"{new.cloud_id}:{new.ip}")
    await declared.lock(tx)
    if await agents.find_host(tx, new.cloud_id, new.ip) is not None:  # somebody was faster
        return await _host(tx, token, new)
    return await agents.insert_host(tx, business.id, new)


def _check_used(token: EnrolmentToken, former: Agent | None, new: Enrolment) -> None:
    asks_again = former is not None and former.public_key == new.public_key
    if token.used_at is not None and not token.reusable and not asks_again:
        raise UnauthenticatedError("token: it was used and is good for one agent only")


def check_replaces(token: EnrolmentToken, there: Collection[str], new: Collection[str]) -> None:
    """Do nothing when agents with new keys may stand where those with other keys do that are not revoked.

    Raises:
        UnauthenticatedError: The token replaces none.
    """
    if not token.replaces and not set(there) <= set(new):
        raise UnauthenticatedError("token: the host has an agent; revoke it, or use a token that replaces agents")


async def _replace(tx: Transaction, host_id: int, former: Agent | None, new: Enrolment, now: int) -> None:
    if await agents.is_known_key(tx, new.public_key, host_id):
        raise IllegalParameterReasonError("public_key", "was used before; make a new one")
    if former is not None and former.public_key != new.public_key:
        await agents.revoke_key(tx, former.public_key, now)
    await agents.upsert(tx, host_id, new, now)


def enrolled(platform: Platform, host_id: int, public_key: str, now: int) -> Enrolled:
    """Return what an agent with this key is told."""
    order_key = platform.engine.order_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    trusted = _authority(platform)
    return Enrolled(
        host_id=host_id,
        user_jwt=authority.agent_jwt(trusted, host_id, public_key, now),
        nats_urls=list(trusted.public_urls),
        order_key=base64.b64encode(order_key).decode(),
        nats_ca=trusted.ca,
    )


async def revoke(platform: Platform, caller: Caller, host_id: int) -> None:
    """Cut the agent of a host off, now and for good; only a new enrolment brings the host back.

    What the host still runs is given up at once: nothing that it says of it would be believed.

    Raises:
        UnknownHostsError: The host is unknown, is of a business that the caller has no role in, or no agent ever
            enrolled on it.
        ForbiddenError: The caller may not manage the hosts of its business.
        UnavailableError: The record says revoked, so that its reports are refused, but NATS is away; it is
            told when the next server starts or the next agent is revoked.
    """
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        agent, scope = await managed_agent(tx, platform, caller, host_id, lock=True)
        await agents.revoke(tx, host_id, now)
        await agents.revoke_key(tx, agent.public_key, now)
        await audit.insert(tx, caller, Action.MANAGE_HOSTS, f"revoke the agent of host {host_id}", now, scope)
        waiting = await tasks.list_jobs_of_host(tx, host_id)
    for job_id in waiting:
        await nudge(platform.engine.bus, job_id)
    await publish_revocations(platform)


async def managed_agent(
    tx: Transaction, platform: Platform, caller: Caller, host_id: int, *, lock: bool = False
) -> tuple[Agent, Scope]:
    """Return the agent of a host that the caller may manage, and the scope of the host; `lock` holds it.

    Raises:
        UnknownHostsError: The host is unknown, is of a business that the caller has no role in, or no agent ever
            enrolled on it.
        ForbiddenError: The caller may not manage the hosts of its business.
    """
    host = (await inventory.hosts_by_id(tx, [host_id], platform.engine.clock())).get(host_id)
    agent = await agents.find(tx, host_id, lock=lock)
    if (
        host is None
        or agent is None
        or not allows(caller, Action.ACCESS_BUSINESS, ScopeType.BUSINESS, host.business_id)
    ):
        raise UnknownHostsError(1, str(host_id))
    scope = Scope(ScopeType.BUSINESS, host.business_id)
    access.demand(caller, Action.MANAGE_HOSTS, await access.enter_scope(tx, platform, caller, scope))
    return agent, scope


async def publish_revocations(platform: Platform) -> None:
    """Tell the broker all revoked keys; servers do so when they start and when the broker is back.

    Raises:
        UnavailableError: The broker is away or does not believe our keys.
    """
    async with platform.engine.db.begin() as tx:
        revoked = await agents.list_revoked_keys(tx)
    try:
        await authority.publish_revocations(_authority(platform), revoked, platform.engine.clock())
    except (OSError, TimeoutError, nats.errors.Error, ClaimsRefusedError) as error:
        raise UnavailableError(detail=f"the broker was not told who is revoked: {error}") from error


async def try_to_publish(platform: Platform) -> None:
    """Tell the broker all revoked keys, unless it is away: then the next server that starts does."""
    try:
        await publish_revocations(platform)
    except UnavailableError as error:
        _log.warning("a replaced agent is not cut off yet", error=str(error))


def _authority(platform: Platform) -> authority.Authority:
    if platform.authority is None:
        raise UnavailableError(detail="this server was started without the keys of the bus")
    return platform.authority
