"""Every operation, asked by everybody, about what is theirs, what is others' and what is not there."""

import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from itertools import product
from typing import Any

import httpx
import msgspec
import pytest
import sqlalchemy as sa
from tests.engines import Broker
from tests.integration.roles.samples import NATIVE, OTHERWISE, OWN_SESSION, PUBLISHED, SCOPED, UNTOLD
from tests.integration.roles.world import FOREIGN, NOBODY, OWN, PUBLIC, SECRET, Ids, Json, Person, settle, unknown
from tests.platforms import app_on, platform_on

from jobfleet.api.access import AGENT, OPEN, SIGNED_IN
from jobfleet.api.native.routes import ROUTES as NATIVE_ROUTES
from jobfleet.api.routes import ROUTES
from jobfleet.api.surface import Level, Surface, paths_of
from jobfleet.model.caller import PLATFORM_NEEDS, SCOPE_NEEDS, Action, Role
from jobfleet.store.database import Database

FORBIDDEN, FAULT, UNKNOWN_CALLER = 9900403, 1240002, 1247001
REFUSALS = {FORBIDDEN, FAULT, UNKNOWN_CALLER, 1247002, 1247004, 1247403}
"""What nobody may be told who may do something."""

FOREIGN_SCRIPT = 1243004
"""The contract has a code of its own for a script of another business; see docs/reference/scripts.md."""

NOT_FOUND = {
    1241008,
    1243001,
    FOREIGN_SCRIPT,
    1243009,
    1243026,
    1243047,
    1243048,
    1244003,
    1244006,
    1244007,
    1244012,
} | {
    1244030,
    1245001,
    1260012,
}
_ORDER = list(Role)
_UNTOLD = {"audit", "access_token", "idempotency_key"}


class Operation(msgspec.Struct, frozen=True):
    """Name an operation with its sample: `surface` is "" for the native API.

    A copy is served by the same handler as another one: it is asked by everybody, about their own things.
    """

    label: str
    surface: str
    method: str
    path: str
    level: Level
    permission: Any
    sample: Json
    is_copy: bool = False


def operations() -> list[Operation]:
    published, seen = list[Operation](), set[object]()
    for route in ROUTES:
        path, level = next(iter(paths_of(route).items()))
        label = f"{route.surface} {route.name}"
        sample = OTHERWISE.get(label, PUBLISHED.get(route.name))
        assert sample is not None, f"no sample of {label} in tests/integration/roles/samples.py"
        method = "GET" if "POST" not in route.methods else "POST"
        is_copy = route.handler in seen
        seen.add(route.handler)
        published.append(Operation(label, route.surface, method, path, level, route.permission, sample, is_copy))
    native = []
    for one in NATIVE_ROUTES:
        label = f"{one.method} {one.path}"
        if label in OWN_SESSION:
            continue
        assert label in NATIVE, f"no sample of {label} in tests/integration/roles/samples.py"
        native.append(
            Operation(label, "", one.method, one.path, Level.USER, SCOPED.get(label, one.permission), NATIVE[label])
        )
    return published + native


def test_every_operation_has_a_sample_and_every_sample_an_operation() -> None:
    assert {route.name for route in ROUTES} == set(PUBLISHED)
    assert set(OTHERWISE) <= {f"{route.surface} {route.name}" for route in ROUTES}
    assert {f"{one.method} {one.path}" for one in NATIVE_ROUTES} == set(NATIVE) | OWN_SESSION
    assert [one.label for one in operations() if one.permission is None] == []


class Site:
    """The application with its world: asks as somebody, about somebody's things."""

    def __init__(self, http: httpx.AsyncClient, db: Database, people: list[Person], things: dict[int, Ids]) -> None:
        self.http = http
        self.db = db
        self.people = people
        self.things = things | {0: unknown(things[OWN])}
        self.count = 0

    async def ask(self, operation: Operation, person: Person, whose: int) -> "Told":
        """Return what somebody is told who asks in the own business about things of a business, 0 for none."""
        self.count += 1
        values = self.things[whose] | {"fresh": f"fresh{self.count}", "scope": "biz:2", "business": OWN}
        kept = ("host", "host_text", "ip", "account", "db_account")
        values |= {name: self.things[OWN][name] for name in kept}
        members = filled(operation.sample, values)
        if not operation.surface:
            return await self._native(operation, person, members)
        return await self._published(operation, person, members)

    async def _native(self, operation: Operation, person: Person, members: Json) -> "Told":
        path = operation.path
        for name in [name for name in members if f"{{{name}}}" in path]:
            path = path.replace(f"{{{name}}}", str(members.pop(name)))
        header = {"Authorization": f"Bearer {person.token}"} if person.token else {}
        query: dict[str, Any] = {"params": members} if operation.method == "GET" else {"json": members}
        answer = await self.http.request(operation.method, path, headers=header, **query)
        if answer.status_code < 300:
            return Told(0, answer.text, [])
        told = answer.json()
        return Told(told["code"], told["message"], lacking(told.get("permission")))

    async def _published(self, operation: Operation, person: Person, members: Json) -> "Told":
        who = {"bk_app_code": "esb_test", "bk_app_secret": SECRET} if person.name else {}
        header = {"X-Bkapi-Authorization": json.dumps(who | _user(operation, person))} if person.name else {}
        if operation.level is Level.APP and person.name and not person.is_ceiling:
            header["X-Bk-Username"] = person.name
        members = {"bk_scope_type": "biz", "bk_scope_id": str(OWN)} | members
        query: dict[str, Any] = {"params": members} if operation.method == "GET" else {"json": members}
        answer = await self.http.request(operation.method, operation.path, headers=header, **query)
        told = answer.json()
        if operation.surface != Surface.GATEWAY_V4:
            return Told(told["code"], told["message"], lacking(told.get("permission")))
        error = told.get("error")
        if error is None:
            return Told(0, "", [])
        return Told(int(error["details"][0]["code"]), error["message"], lacking(error.get("data")))

    async def written(self) -> dict[str, Any]:
        """Return a fingerprint of every table that a refused request may not touch."""
        async with self.db.begin() as tx:
            names = (await tx.execute(sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))).scalars()
            found = {}
            for name in sorted(set(names) - _UNTOLD):
                query = f'SELECT count(*), coalesce(sum(hashtext(t::text)), 0) FROM "{name}" t'
                found[name] = tuple((await tx.execute(sa.text(query))).one())
            return found

    async def audited(self) -> int:
        async with self.db.begin() as tx:
            return int((await tx.execute(sa.text("SELECT count(*) FROM audit"))).scalar_one())


class Told(msgspec.Struct, frozen=True):
    """Hold what somebody was told: a code, a text, and the actions that they lack."""

    code: int
    text: str
    lacks: list[str]


def lacking(permission: Json | None) -> list[str]:
    return [] if permission is None else [one["id"] for one in permission["actions"]]


def _user(operation: Operation, person: Person) -> Json:
    if person.is_ceiling:
        return {"access_token": person.token}
    return {} if operation.level is Level.APP else {"bk_username": person.name}


def filled(value: Any, values: Ids) -> Any:
    match value:
        case dict():
            return {name: filled(inner, values) for name, inner in value.items()}
        case list():
            return [filled(inner, values) for inner in value]
        case str() if value.startswith("$"):
            return values[value[1:]]
        case str():
            return value.replace("$fresh", values["fresh"])
    return value


def mentions(sample: Any) -> set[str]:
    """Return what of a business a sample is about."""
    text = json.dumps(sample)
    names = {
        name.strip('"$') for name in text.replace(",", " ").replace("]", " ").replace("}", " ").split() if '"$' in name
    }
    return names - PUBLIC - {"fresh", "scope", "business", "host", "host_text", "ip", "account", "db_account"}


def in_scope(operation: Operation) -> bool:
    """Tell whether an operation is about a business, as its sample asks it."""
    if operation.permission not in SCOPE_NEEDS:
        return False
    return (
        bool(operation.surface)
        or "scope" in json.dumps(operation.sample)
        or bool(mentions(operation.sample))
        or ("business" in json.dumps(operation.sample))
        or "$host" in json.dumps(operation.sample)
    )


def may(person: Person, operation: Operation) -> bool:
    """Return what the declared permission and the roles say: this is the expectation, not the code's answer."""
    permission = operation.permission
    if permission in {OPEN, AGENT}:
        return True
    if not person.name:
        return False
    if permission == SIGNED_IN or person.almighty:
        return True
    action = Action(permission)
    if in_scope(operation):
        return person.own is not None and _ORDER.index(person.own) >= _ORDER.index(SCOPE_NEEDS[action])
    return person.platform is not None and _ORDER.index(person.platform) >= _ORDER.index(PLATFORM_NEEDS[action])


@pytest.fixture
async def site(db: Database, nats: Broker) -> AsyncIterator[Site]:
    async with platform_on(db, nats) as platform:
        transport = httpx.ASGITransport(app_on(platform))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://jobfleet.test") as http:
            people, things = await settle(platform, http)
            yield Site(http, db, people, things)


async def test_roles_decide_everything_and_others_things_look_as_if_they_were_not_there(site: Site) -> None:
    every, people = operations(), [NOBODY, *site.people]
    before, asked, wrong = await site.written(), Counter[str](), list[object]()
    for operation, person in product(every, people):
        if may(person, operation):
            continue
        told = {whose: await site.ask(operation, person, whose) for whose in columns(operation, person)}
        asked["refused"] += len(told)
        wrong += [(operation.label, person, one) for one in told.items() if not refused(operation, person, *one)]
        wrong += differences(operation, person, told)
    assert wrong == []
    assert await site.written() == before
    for operation, person in product(sorted(every, key=destructive), people):
        if not may(person, operation):
            continue
        rows = await site.audited() if person.almighty else 0
        told = {whose: await site.ask(operation, person, whose) for whose in reversed(columns(operation, person))}
        asked["allowed"] += len(told)
        wrong += [(operation.label, person, one) for one in told.values() if one.code in REFUSALS]
        wrong += differences(operation, person, told)
        done = person.almighty and writes(operation) and any(one.code == 0 for one in told.values())
        if done and await site.audited() == rows:
            wrong.append((operation.label, person, "left no row in the audit trail"))
    assert wrong == []
    total = sum(asked.values())
    sys.stdout.write(
        f"\n{len(every)} routes x {len(people)} callers x own, foreign, unknown: {total} requests, {asked}\n"
    )


def destructive(operation: Operation) -> tuple[bool, bool]:
    """Return what lets operations that end things come last."""
    return "operate" in operation.label, "delete" in operation.label


def writes(operation: Operation) -> bool:
    """Tell whether an operation changes something."""
    name = operation.label.rpartition("/")[2] if not operation.surface else operation.label.partition(" ")[2]
    is_query = name.startswith(("get_", "batch_get_", "query_", "bkci_plugin_get", "bkci_plugin_batch_get"))
    return operation.method != "GET" and not is_query and operation.label not in UNTOLD


def columns(operation: Operation, person: Person) -> tuple[int, ...]:
    """Return whose things are asked for: own ones, others' and none.

    Who is kept out of the business sees no difference; what is named by its id alone is its owner's to see.
    """
    if not mentions(operation.sample) or not person.name or operation.is_copy:
        return (OWN,)
    if by_id_alone(operation):
        return (OWN, 0) if person.foreign or person.almighty else (OWN, FOREIGN, 0)
    return (OWN, FOREIGN, 0) if person.own is not None else (OWN,)


def by_id_alone(operation: Operation) -> bool:
    """Tell whether a request names no business."""
    if operation.surface:
        return operation.label.partition(" ")[2] in {"query_gse_task", "query_job_instance"}
    return "$scope" not in json.dumps(operation.sample)


def refused(operation: Operation, person: Person, whose: int, told: Told) -> bool:
    """Tell whether a refusal is the right one: it names the action; or the thing is none that this person can see."""
    if not person.name:
        return told.code in REFUSALS - {FORBIDDEN, FAULT}
    is_outside = person.own is None and in_scope(operation)
    if told.code == FORBIDDEN:
        return str(operation.permission) in told.lacks or (is_outside and told.lacks == ["access_business"])
    return told.code in NOT_FOUND and (whose != OWN or (is_outside and by_id_alone(operation)))


def differences(operation: Operation, person: Person, told: Mapping[int, Told]) -> list[object]:
    """Return what tells a thing of another business from one that is not there."""
    if not {FOREIGN, 0} <= told.keys() or person.almighty:
        return []
    foreign, nothing = told[FOREIGN], told[0]
    same = (foreign.code, foreign.lacks) == (nothing.code, nothing.lacks)
    told_apart = foreign.code == FOREIGN_SCRIPT and nothing.code in {1243001, 1243047}
    return [] if same or told_apart else [(operation.label, person, "foreign and unknown differ", foreign, nothing)]
