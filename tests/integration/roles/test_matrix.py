"""Every operation, asked by everybody, about what is theirs, what is others' and what is not there."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

import httpx
import msgspec
import pytest
import sqlalchemy as sa
from tests.engines import Broker
from tests.integration.roles.samples import NATIVE, OTHERWISE, OWN_SESSION, PUBLISHED, SCOPED, UNTOLD
from tests.integration.roles.world import (
    FOREIGN,
    NOBODY,
    OWN,
    PUBLIC,
    SECRET,
    SET,
    Ids,
    Json,
    Person,
    scope_text,
    settle,
    unknown,
)
from tests.platforms import app_on, platform_on

from jobfleet.api.access import AGENT, OPEN, SIGNED_IN
from jobfleet.api.native.audit import subject_words
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

    A copy is served by the same handler as another one: it is asked by everybody, about their own things. A further
    path of an operation is asked by those of FURTHER only.
    """

    label: str
    surface: str
    method: str
    path: str
    level: Level
    permission: Any
    sample: Json
    is_copy: bool = False
    is_further: bool = False


FURTHER = frozenset({"", "neighbour", "own-admin"})
"""Who asks on further paths: nobody, an outsider, and who may do most."""

IN_SET = frozenset({"own-admin", *(f"set-{role}" for role in Role)})
"""Who asks in the business set, too."""

NOT_IN_OWN = frozenset({"set-viewer", "set-operator", "set-editor"})
"""Who does not ask in the business: who has the highest role in the set does."""


def operations() -> list[Operation]:
    published, seen = list[Operation](), set[object]()
    for route in ROUTES:
        (path, level), *further = paths_of(route).items()
        label = f"{route.surface} {route.name}"
        sample = OTHERWISE.get(label, PUBLISHED.get(route.name))
        assert sample is not None, f"no sample of {label} in tests/integration/roles/samples.py"
        method = "GET" if "POST" not in route.methods else "POST"
        is_copy = route.handler in seen
        seen.add(route.handler)
        first = Operation(label, route.surface, method, path, level, route.permission, sample, is_copy)
        published.append(first)
        published += [
            msgspec.structs.replace(first, path=path, level=level, is_copy=True, is_further=True)
            for path, level in further
        ]
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
        self.things = things
        self.nothing = {place: unknown(things[place]) for place in (OWN, SET)}
        self.count = 0

    async def ask(self, case: "Case", whose: int) -> "Told":
        """Return what somebody is told who asks about things of a business or of the set, 0 for none."""
        self.count += 1
        about = self.things[whose] if whose else self.nothing[case.at]
        values = about | {"fresh": f"fresh{self.count}", "scope": scope_text(case.at), "business": case.at}
        kept = ("host", "host_text", "ip", "account", "db_account")
        values |= {name: self.things[case.at][name] for name in kept}
        members = filled(case.operation.sample, values)
        if not case.operation.surface:
            return await self._native(case.operation, case.person, members)
        kind, _, number = scope_text(case.at).partition(":")
        members = {"bk_scope_type": kind, "bk_scope_id": number} | members
        return await self._published(case.operation, case.person, members)

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

    async def only_in_english(self) -> list[str]:
        """Return what the trail says that has no words in Chinese."""
        async with self.db.begin() as tx:
            subjects = (await tx.execute(sa.text("SELECT DISTINCT subject FROM audit"))).scalars()
            return sorted(one for one in subjects if subject_words(one, "zh") == one)

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


def is_for_sets(operation: Operation) -> bool:
    """Tell whether an operation is asked in the set, too: not one about a business by its number, or about a host."""
    is_named = "$scope" in json.dumps(operation.sample) or bool(mentions(operation.sample))
    return in_scope(operation) and not operation.is_copy and (bool(operation.surface) or is_named)


class Case(msgspec.Struct, frozen=True):
    """Say who asks for an operation, and in which business or set: OWN or SET."""

    operation: Operation
    person: Person
    at: int = OWN

    @property
    def title(self) -> str:
        """Return what a failure is called."""
        person = self.person.name + (" with a ceiling" if self.person.is_ceiling else "")
        return f"{self.operation.label} on {self.operation.path}, {person or 'nobody'} in {scope_text(self.at)}"

    @property
    def may(self) -> bool:
        """Return what the declared permission and the roles say: this is the expectation, not the code's answer."""
        permission, person = self.operation.permission, self.person
        if permission in {OPEN, AGENT}:
            return True
        if not person.name:
            return False
        if permission == SIGNED_IN or person.almighty:
            return True
        action = Action(permission)
        if in_scope(self.operation):
            return is_enough(person.role_in(self.at), SCOPE_NEEDS[action])
        return is_enough(person.platform, PLATFORM_NEEDS[action])

    @property
    def other(self) -> int:
        """Return whose things are not to be had here; a business's are none of the set's that it belongs to."""
        return FOREIGN if self.at == OWN else OWN

    @property
    def has_own_elsewhere(self) -> bool:
        """Tell whether the person may see things of others."""
        return self.person.almighty or self.person.role_in(self.other) is not None


def is_enough(held: Role | None, needed: Role) -> bool:
    return held is not None and _ORDER.index(held) >= _ORDER.index(needed)


def cases(people: list[Person]) -> Iterator[Case]:
    """Yield who asks for what and where, an operation after the other."""
    for operation in operations():
        for person in people:
            if person.name not in NOT_IN_OWN and (not operation.is_further or person.name in FURTHER):
                yield Case(operation, person)
        for person in people if is_for_sets(operation) else []:
            if person.name in IN_SET and not person.is_ceiling:
                yield Case(operation, person, SET)


@pytest.fixture
async def site(db: Database, nats: Broker) -> AsyncIterator[Site]:
    async with platform_on(db, nats) as platform:
        transport = httpx.ASGITransport(app_on(platform))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://jobfleet.test") as http:
            people, things = await settle(platform, http)
            yield Site(http, db, people, things)


async def test_roles_decide_everything_and_others_things_look_as_if_they_were_not_there(
    site: Site, record_property: Callable[[str, object], None]
) -> None:
    every = list(cases([NOBODY, *site.people]))
    before, asked, wrong = await site.written(), Counter[str](), list[object]()
    for case in every:
        if case.may:
            continue
        told = {whose: await site.ask(case, whose) for whose in columns(case)}
        asked["refused"] += len(told)
        wrong += [(case.title, one) for one in told.items() if not refused(case, *one)]
        wrong += differences(case, told)
    assert wrong == []
    assert await site.written() == before
    traced = set[str]()
    for case in sorted(every, key=destructive):
        if not case.may:
            continue
        label = "" if case.operation.label in traced or not writes(case.operation) else case.operation.label
        rows = await site.audited() if label else 0
        told = {whose: await site.ask(case, whose) for whose in reversed(columns(case))}
        asked["allowed"] += len(told)
        wrong += [(case.title, one) for one in told.items() if one[1].code in REFUSALS]
        wrong += differences(case, told)
        if label and any(one.code == 0 for one in told.values()):
            traced.add(label)
            if await site.audited() == rows:
                wrong.append((case.title, "left no row in the audit trail"))
    assert wrong == []
    assert await site.only_in_english() == []
    record_property("summary", summary(every, asked))


def summary(every: list[Case], asked: Counter[str]) -> str:
    """Return what was asked, for the end of the run."""
    routes = {(one.operation.surface, one.operation.label) for one in every}
    paths = {(one.operation.method, one.operation.path) for one in every}
    people, total = len({one.person for one in every}), sum(asked.values())
    return (
        f"roles: {len(routes)} routes on {len(paths)} paths x {people} callers x own, foreign, unknown, in a business "
        f"and a set: {total} requests, {asked['refused']} refused and {asked['allowed']} allowed"
    )


def destructive(case: Case) -> tuple[bool, bool]:
    """Return what lets operations that end things come last."""
    return "operate" in case.operation.label, "delete" in case.operation.label


def writes(operation: Operation) -> bool:
    """Tell whether an operation changes something."""
    name = operation.label.rpartition("/")[2] if not operation.surface else operation.label.partition(" ")[2]
    is_query = name.startswith(("get_", "batch_get_", "query_", "bkci_plugin_get", "bkci_plugin_batch_get"))
    return operation.method != "GET" and not is_query and operation.label not in UNTOLD


def columns(case: Case) -> tuple[int, ...]:
    """Return whose things are asked for: own ones, others' and none.

    Who is kept out of the business sees no difference; what is named by its id alone is its owner's to see.
    """
    if not mentions(case.operation.sample) or not case.person.name or case.operation.is_copy:
        return (case.at,)
    if by_id_alone(case.operation):
        return (case.at, 0) if case.has_own_elsewhere else (case.at, case.other, 0)
    is_told = case.person.role_in(case.at) is not None and case.person.name not in NOT_IN_OWN - {"set-viewer"}
    return (case.at, case.other, 0) if is_told else (case.at,)


def by_id_alone(operation: Operation) -> bool:
    """Tell whether a request names no business."""
    if operation.surface:
        return operation.label.partition(" ")[2] in {"query_gse_task", "query_job_instance"}
    return "$scope" not in json.dumps(operation.sample)


def refused(case: Case, whose: int, told: Told) -> bool:
    """Tell whether a refusal is the right one: it names the action; or the thing is none that this person can see."""
    operation = case.operation
    if not case.person.name:
        return told.code in REFUSALS - {FORBIDDEN, FAULT}
    is_outside = case.person.role_in(case.at) is None and in_scope(operation)
    if told.code == FORBIDDEN:
        return str(operation.permission) in told.lacks or (is_outside and told.lacks == ["access_business"])
    return told.code in NOT_FOUND and (whose != case.at or (is_outside and by_id_alone(operation)))


def differences(case: Case, told: Mapping[int, Told]) -> list[object]:
    """Return what tells a thing of another business from one that is not there."""
    if not {case.other, 0} <= told.keys() or case.person.almighty:
        return []
    foreign, nothing = told[case.other], told[0]
    same = (foreign.code, foreign.lacks) == (nothing.code, nothing.lacks)
    told_apart = foreign.code == FOREIGN_SCRIPT and nothing.code in {1243001, 1243047}
    return [] if same or told_apart else [(case.title, "foreign and unknown differ", foreign, nothing)]
