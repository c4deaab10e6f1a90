"""Enrolling a crowd at once holds to the rules of enrolling one, against a real database and a real broker."""

import asyncio
import contextlib

import pytest
import sqlalchemy as sa
from tests.platforms import ADMIN, platform_of

from jobfleet.bus import identity
from jobfleet.model.agent import Enrolment
from jobfleet.model.errors import IllegalParameterReasonError, JobfleetError, UnauthenticatedError
from jobfleet.model.job_errors import UnknownHostsError
from jobfleet.operations import enrol
from jobfleet.operations.enrol_many import MOST_AT_ONCE, enrol_many
from jobfleet.operations.platform import Platform
from jobfleet.sim.wire import BrokerRefusedError, Login, Wire, connect
from jobfleet.store import agents, tables

FLEET = """
[[businesses]]
id = 2
name = "demo"
[[businesses]]
id = 3
name = "other"
[[hosts]]
id = 1
ip = "10.0.0.1"
business = 2
"""


platform = platform_of(FLEET)


def crowd(*numbers: int) -> tuple[list[str], list[Enrolment]]:
    seeds = [identity.new_seed() for _ in numbers]
    keys = map(identity.public_key, seeds)
    return seeds, [
        Enrolment(f"10.0.0.{number}", 0, key, "sim", "linux", f"sim-{number}")
        for number, key in zip(numbers, keys, strict=True)
    ]


async def token_of(platform: Platform, *, reusable: bool = True, business_id: int | None = 2) -> str:
    made = await enrol.create_token(platform, ADMIN, business_id=business_id, reusable=reusable, replaces=True)
    return made.token


async def wire_of(platform: Platform, enrolled: enrol.Enrolled, seed: str) -> Wire:
    login = Login(identity.Identity(enrolled.user_jwt, seed), "agent", [f"agent.{enrolled.host_id}.order"])
    return await connect(enrolled.nats_urls[0], login, lambda _message: None)


async def test_known_hosts_keep_their_ids_and_unknown_ones_are_taken_up(platform: Platform) -> None:
    _, new = crowd(1, 2, 3)
    told = await enrol_many(platform, await token_of(platform), new)
    assert told[0].host_id == 1
    assert len({each.host_id for each in told}) == 3
    async with platform.engine.db.begin() as tx:
        for each, wanted in zip(told, new, strict=True):
            found = await agents.find(tx, each.host_id)
            assert found is not None
            assert found.public_key == wanted.public_key


async def test_two_crowds_on_the_same_new_hosts_at_once_make_them_once(platform: Platform) -> None:
    tokens = [await token_of(platform) for _ in range(2)]  # one that both share would put them in a row
    first, second = await asyncio.gather(*(enrol_many(platform, token, crowd(5, 6, 7)[1]) for token in tokens))
    assert [each.host_id for each in first] == [each.host_id for each in second]


async def test_the_audit_trail_tells_who_let_a_crowd_in(platform: Platform) -> None:
    told = await enrol_many(platform, await token_of(platform), crowd(1, 2)[1])
    async with platform.engine.db.begin() as tx:
        found = await tx.execute(sa.select(tables.audit.c.username, tables.audit.c.subject).order_by(tables.audit.c.id))
        rows = [tuple(row) for row in found]
    assert rows[-1] == ("admin", f"enrol the agents of hosts {told[0].host_id}, {told[1].host_id}")


async def test_an_identity_from_the_crowd_lets_its_agent_in(platform: Platform) -> None:
    seeds, new = crowd(2)
    [told] = await enrol_many(platform, await token_of(platform), new)
    with contextlib.closing(await wire_of(platform, told, seeds[0])) as wire:
        assert wire.open


async def test_a_replaced_agent_is_cut_off(platform: Platform) -> None:
    token = await token_of(platform)
    seeds, new = crowd(2)
    [first] = await enrol_many(platform, token, new)
    wire = await wire_of(platform, first, seeds[0])
    await enrol_many(platform, token, crowd(2)[1])
    await wire.closed()
    with pytest.raises(BrokerRefusedError):
        await wire_of(platform, first, seeds[0])


async def test_the_same_crowd_may_ask_again(platform: Platform) -> None:
    token = await token_of(platform)
    seeds, new = crowd(1, 2)
    first = await enrol_many(platform, token, new)
    again = await enrol_many(platform, token, new)
    assert [each.host_id for each in again] == [each.host_id for each in first]
    with contextlib.closing(await wire_of(platform, again[0], seeds[0])) as wire:
        assert wire.open


async def test_a_revoked_key_stays_out(platform: Platform) -> None:
    token = await token_of(platform)
    _, new = crowd(2)
    [told] = await enrol_many(platform, token, new)
    await enrol.revoke(platform, ADMIN, told.host_id)
    with pytest.raises(IllegalParameterReasonError):
        await enrol_many(platform, token, new)


async def test_a_key_of_another_host_is_refused(platform: Platform) -> None:
    token = await token_of(platform)
    _, [new] = crowd(2)
    await enrol_many(platform, token, [new])
    with pytest.raises(IllegalParameterReasonError):
        await enrol_many(platform, token, [Enrolment("10.0.0.9", 0, new.public_key, "sim", "linux", "sim")])


@pytest.mark.parametrize(
    ("business_id", "reusable", "error"),
    [
        pytest.param(2, False, UnauthenticatedError, id="a token for one agent"),
        pytest.param(3, True, UnauthenticatedError, id="a token of another business"),
        pytest.param(None, True, UnknownHostsError, id="a token that takes up no hosts"),
    ],
)
async def test_a_token_that_does_not_fit_is_refused_and_enrols_nobody(
    platform: Platform, business_id: int | None, reusable: bool, error: type[JobfleetError]
) -> None:
    _, new = crowd(1, 2)
    token = await token_of(platform, reusable=reusable, business_id=business_id)
    with pytest.raises(error):
        await enrol_many(platform, token, new)
    async with platform.engine.db.begin() as tx:
        assert await agents.find(tx, 1) is None


async def test_an_unknown_token_is_refused(platform: Platform) -> None:
    with pytest.raises(UnauthenticatedError):
        await enrol_many(platform, "no such token", crowd(1)[1])


async def test_doubles_and_wrong_numbers_are_refused(platform: Platform) -> None:
    token = await token_of(platform)
    _, [one, two] = crowd(1, 2)
    same_key = Enrolment(two.ip, 0, one.public_key, "sim", "linux", "sim")
    for wrong in ([], [one] * 2, [one, same_key], crowd(*range(MOST_AT_ONCE + 1))[1]):
        with pytest.raises(IllegalParameterReasonError):
            await enrol_many(platform, token, wrong)
