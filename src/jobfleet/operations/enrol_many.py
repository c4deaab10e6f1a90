"""Enrol many agents with one reusable token in one transaction."""

import asyncio
from collections.abc import Sequence

from jobfleet.model.agent import Enrolment, EnrolmentToken
from jobfleet.model.caller import Action
from jobfleet.model.errors import IllegalParameterReasonError, UnauthenticatedError
from jobfleet.model.job_errors import UnknownHostsError
from jobfleet.model.scope import Scope, ScopeType
from jobfleet.model.token_hash import hash_token
from jobfleet.operations.enrol import (
    Enrolled,
    check_replaces,
    checked,
    claim,
    enrolled,
    giver,
    try_to_publish,
)
from jobfleet.operations.platform import Platform
from jobfleet.store import agents, audit, declared, enrolments, inventory
from jobfleet.store.database import Transaction
from jobfleet.store.enrolments import Address

MOST_AT_ONCE = 1000


async def enrol_many(platform: Platform, token: str, new: Sequence[Enrolment]) -> list[Enrolled]:
    """Make each agent the one of its host, all or none; former agents of the hosts are cut off.

    Returns:
        What each agent is told, in the order of `new`.

    Raises:
        IllegalParameterReasonError: There are none or more than MOST_AT_ONCE, an address or a key is malformed or
            there twice, or a key was used before.
        UnauthenticatedError: The token is unknown or expired, good for one agent only, or for another business, or a
            host has an agent that is not revoked and the token replaces none.
        UnknownHostsError: Addresses have no host, and the token takes up none.

    Source: docs/reference/native-api.md, «Enrolment».
    """
    checked_ones = _all_checked(new)
    now = platform.engine.clock()
    async with platform.engine.db.begin() as tx:
        claimed = await claim(tx, token, now)
        if not claimed.reusable:
            raise UnauthenticatedError("token: it is good for one agent only")
        host_ids = await _hosts(tx, claimed, checked_ones)
        replaced = await _replace(tx, claimed, list(zip(host_ids, checked_ones, strict=True)), now)
        await agents.mark_token_used(tx, hash_token(token), now)
        subject = f"enrol the agents of hosts {', '.join(map(str, host_ids))}"
        await audit.insert(tx, giver(claimed), Action.MANAGE_HOSTS, subject, now)
    if replaced:
        await try_to_publish(platform)
    return await asyncio.to_thread(_tell, platform, host_ids, checked_ones, now)


def _all_checked(new: Sequence[Enrolment]) -> list[Enrolment]:
    if not 1 <= len(new) <= MOST_AT_ONCE:
        raise IllegalParameterReasonError("agents", f"must be 1 to {MOST_AT_ONCE}")
    result = [checked(each) for each in new]
    if len({_address(each) for each in result}) < len(result):
        raise IllegalParameterReasonError("ip", "an address is there twice")
    if len({each.public_key for each in result}) < len(result):
        raise IllegalParameterReasonError("public_key", "a key is there twice")
    return result


async def _hosts(tx: Transaction, token: EnrolmentToken, new: list[Enrolment]) -> list[int]:
    """Return the host of each agent; those that are not known yet are taken up when the token says so."""
    addresses = [_address(each) for each in new]
    known = await enrolments.find_hosts(tx, addresses)
    if len(known) < len(addresses):
        await declared.lock(tx)
        known = await enrolments.find_hosts(tx, addresses)  # somebody may have been faster
    if token.business_id is not None and any(business != token.business_id for _, business in known.values()):
        raise UnauthenticatedError("token: it is for another business than a host's")
    missing = [each for each in new if _address(each) not in known]
    fresh = await _take_up(tx, token, missing)
    return [fresh[_address(each)] if _address(each) in fresh else known[_address(each)][0] for each in new]


async def _take_up(tx: Transaction, token: EnrolmentToken, missing: list[Enrolment]) -> dict[Address, int]:
    if not missing:
        return {}
    business = None if token.business_id is None else Scope(ScopeType.BUSINESS, token.business_id)
    if business is None or await inventory.find_scope(tx, business) is None:
        raise UnknownHostsError(len(missing), ", ".join(f"{each.cloud_id}:{each.ip}" for each in missing[:10]))
    host_ids = await enrolments.insert_hosts(tx, business.id, missing)
    return dict(zip(map(_address, missing), host_ids, strict=True))


async def _replace(tx: Transaction, token: EnrolmentToken, placed: list[tuple[int, Enrolment]], now: int) -> list[str]:
    """Store the agents; return the keys of those that were there before."""
    await _check_unused(tx, {new.public_key: host_id for host_id, new in placed})
    former = await enrolments.find_keys(tx, [host_id for host_id, _ in placed])
    alive = set(former.values()) - await enrolments.find_revoked(tx, list(former.values()))
    check_replaces(token, alive, {new.public_key for _, new in placed})
    replaced = [former[host_id] for host_id, new in placed if former.get(host_id, new.public_key) != new.public_key]
    await enrolments.revoke_keys(tx, replaced, now)
    await enrolments.upsert_agents(tx, placed, now)
    return replaced


async def _check_unused(tx: Transaction, hosts_of_keys: dict[str, int]) -> None:
    owners = await enrolments.find_owners(tx, list(hosts_of_keys))
    taken = any(hosts_of_keys[key] != host_id for key, host_id in owners.items())
    if taken or await enrolments.find_revoked(tx, list(hosts_of_keys)):
        raise IllegalParameterReasonError("public_key", "was used before; make a new one")


def _tell(platform: Platform, host_ids: list[int], new: list[Enrolment], now: int) -> list[Enrolled]:
    """Sign the identities: a tenth of a millisecond each, so not on the event loop."""
    return [enrolled(platform, host_id, each.public_key, now) for host_id, each in zip(host_ids, new, strict=True)]


def _address(new: Enrolment) -> Address:
    return new.cloud_id, new.ip
