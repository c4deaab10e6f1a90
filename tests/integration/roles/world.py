"""Two businesses and the set of both, each with one of everything, and people with every role."""

from typing import Any

import httpx
import msgspec
import sqlalchemy as sa

from jobfleet.model.caller import Role
from jobfleet.model.declared import parse_state
from jobfleet.model.status import RunStatus
from jobfleet.operations import signin
from jobfleet.operations.declare import apply_state
from jobfleet.operations.platform import Platform
from jobfleet.store import attempts
from jobfleet.store.tables import agents, apps, jobs, tasks

Json = dict[str, Any]
Ids = dict[str, Any]

SECRET = "only-for-tests"
OWN, FOREIGN, SET = 2, 3, 9_991_001
PUBLIC = {"public", "public_version", "rule", "record"}
"""What belongs to no business."""

HOUSEHOLD = """
[[users]]
name = "admin"
platform_admin = true
[[users]]
name = "spare"
[[apps]]
code = "esb_test"
secret = "only-for-tests"
trusted = true
[[apps]]
code = "spare"
secret = "only-for-tests"
[[businesses]]
id = 2
name = "demo"
[[businesses]]
id = 3
name = "other"
[[business_sets]]
id = 9991001
name = "both"
businesses = [2, 3]
[[hosts]]
id = 1
ip = "127.0.0.1"
business = 2
[[hosts]]
id = 3
ip = "127.0.0.3"
business = 3
"""


class Person(msgspec.Struct, frozen=True):
    """Say who somebody is: roles in the own business, in the other one, in the set and on the platform, and a ceiling.

    The ceiling is a token's.
    """

    name: str
    own: Role | None = None
    foreign: Role | None = None
    both: Role | None = None
    platform: Role | None = None
    token: str = ""
    is_ceiling: bool = False

    @property
    def almighty(self) -> bool:
        """Tell whether the person may do everything."""
        return self.platform is Role.ADMIN

    def role_in(self, place: int) -> Role | None:
        """Return the role in a business or in the set; the one counts for nothing in the other."""
        return {OWN: self.own, FOREIGN: self.foreign, SET: self.both}[place]


PEOPLE = (
    Person("stranger"),
    Person("neighbour", foreign=Role.ADMIN),
    *(Person(f"own-{role}", own=role) for role in Role),
    *(Person(f"platform-{role}", platform=role) for role in Role),
    *(Person(f"set-{role}", both=role) for role in Role),
)
NOBODY = Person("")


def declared() -> str:
    """Return the declared state."""
    text = HOUSEHOLD
    for person in PEOPLE:
        text += f"[[users]]\nname = '{person.name}'\n"
        places = {
            f"business = {OWN}": person.own,
            f"business = {FOREIGN}": person.foreign,
            f"business_set = {SET}": person.both,
            "platform = true": person.platform,
        }
        for place, role in places.items():
            if role is not None:
                text += f"[[role_bindings]]\nuser = '{person.name}'\nrole = '{role}'\n{place}\n"
    return text


async def settle(platform: Platform, http: httpx.AsyncClient) -> tuple[list[Person], dict[int, Ids]]:
    """Make people and things; return the people with their tokens, and the ids of what each business has."""
    await apply_state(platform.engine.db, parse_state(declared()), dry_run=False, sealer=platform.engine.sealer)
    http.headers["Authorization"] = f"Bearer {await token_of(platform, 'admin')}"
    shared = await _shared(http)
    things = {place: await _things(http, place) | shared for place in (OWN, FOREIGN, SET)}
    async with platform.engine.db.begin() as tx:  # no engine and no agent runs here
        ended = [one["ended_job"] for one in things.values()]
        for place, one in things.items():
            row = {"host_id": one["host"], "public_key": f"key {one['host']}", "version": "1", "boot_id": ""}
            if place != SET:  # its hosts are those of its businesses
                await tx.execute(sa.insert(agents).values(**row, enrolled_at=1))
            await attempts.insert_first(tx, one["job"], one["step"], [], now=1)
            one["task"] = (await tx.execute(sa.select(tasks.c.id).where(tasks.c.job_id == one["job"]))).scalar_one()
        await tx.execute(sa.update(jobs).where(jobs.c.id.in_(ended)).values(status=int(RunStatus.SUCCEEDED)))
        await tx.execute(sa.update(apps).values(used_at=2**52))  # so that no request writes down when they were used
    people = [msgspec.structs.replace(one, token=await token_of(platform, one.name)) for one in PEOPLE]
    ceiling = await _ceiling(http, platform)
    del http.headers["Authorization"]
    return [*people, ceiling], things


async def token_of(platform: Platform, name: str) -> str:
    """Return a token of a person."""
    return (await signin.give_token(platform, name, kind=signin.ACCESS, life_ms=3_600_000)).token


def scope_text(place: int) -> str:
    """Return how the native API names a business or the set."""
    return f"biz_set:{place}" if place == SET else f"biz:{place}"


async def _ceiling(http: httpx.AsyncClient, platform: Platform) -> Person:
    """Return an administrator of the business whose personal token is for looking only."""
    header = {"Authorization": f"Bearer {await token_of(platform, 'own-admin')}"}
    body = {"name": "look", "role": "viewer", "scopes": [f"biz:{OWN}"]}
    made = await http.post("/api/v1/tokens", json=body, headers=header)
    return Person("own-admin", own=Role.VIEWER, token=made.json()["token"], is_ceiling=True)


async def _post(http: httpx.AsyncClient, path: str, **members: Any) -> Json:
    answer = await http.post(f"/api/v1{path}", json=members)
    assert answer.status_code in {200, 201}, (path, answer.text)
    told: Json = answer.json()
    return told


async def _shared(http: httpx.AsyncClient) -> Ids:
    words = {"scope": "public", "name": "shared", "language": "shell", "script": "true", "version": "1"}
    made = await _post(http, "/scripts", **words)
    rule = await _post(http, "/dangerous-rules", expression="mkfs", languages=["shell"])
    refusal: Json = {"expression": "^wipe", "languages": ["shell"], "action": "intercept", "approvable": True}
    blocking = await _post(http, "/dangerous-rules", **refusal)
    await _post(http, f"/dangerous-rules/{blocking['id']}/operate", operation="enable")
    record = await _post(http, "/whitelist", hosts=["1"], scopes=["biz:3"], actions=["script"])
    return {
        "public": made["script"]["id"],
        "public_version": made["version"]["id"],
        "rule": rule["id"],
        "record": record["id"],
    }


async def _things(http: httpx.AsyncClient, business: int) -> Ids:
    scope = scope_text(business)
    host = 3 if business == FOREIGN else 1
    listed = (await http.get("/api/v1/accounts", params={"scope": scope, "alias": "root"})).json()["accounts"]
    root = next(one["id"] for one in listed if one["alias"] == "root")
    spare = await _post(http, "/accounts", scope=scope, account="spare")
    database = await _post(http, "/accounts", scope=scope, account="db", type="mysql", port=3306, system_account="root")
    script = await _post(http, "/scripts", scope=scope, name="s", language="shell", script="true", version="1")
    toml = f'[template]\nname = "p"\n[[steps]]\nkind = "script"\nname = "one"\ntargets = ["{host}"]\nscript = "true"\n'
    applied = await _post(http, "/plans/apply", scope=scope, toml=toml)
    cron = await _post(http, "/schedules", scope=scope, name="c", plan_id=applied["plan_id"], expression="0 0 1 1 *")
    secrets = {"access_key": "a", "secret_key": "b"}
    credential = await _post(http, "/credentials", scope=scope, name="k", type="access_key", secrets=secrets)
    tag = await _post(http, "/tags", scope=scope, name="t")
    endpoint = "http://192.0.2.1:9000"
    code = f"code{business}"
    await _post(
        http, "/file-sources", scope=scope, code=code, name="f", endpoint=endpoint, credential_id=credential["id"]
    )
    await _post(
        http, "/notification-hooks", scope=scope, name="hook", url="http://192.0.2.1/", occasions=["job_failed"]
    )
    wanted = {"scope": scope, "targets": [str(host)], "script": "true", "start": False}
    job, ended = await _post(http, "/jobs/script", **wanted), await _post(http, "/jobs/script", **wanted)
    blocked = {"scope": scope, "targets": [str(host)], "script": "wipe all"}
    request = await _post(http, "/start-requests", script=blocked)
    return {
        "scope": scope,
        "business": business,
        "host": host,
        "host_text": str(host),
        "ip": f"127.0.0.{host}",
        "account": root,
        "spare_account": spare["id"],
        "db_account": database["id"],
        "script": script["script"]["id"],
        "version": script["version"]["id"],
        "plan": applied["plan_id"],
        "template": applied["template_id"],
        "cron": cron["schedule"]["id"],
        "credential": credential["id"],
        "code": code,
        "tag": tag["id"],
        "job": job["job_id"],
        "step": job["step_id"],
        "ended_job": ended["job_id"],
        "request": request["id"],
    }


def unknown(own: Ids) -> Ids:
    """Return the ids of things that are nowhere, in the own business."""
    kept = {"scope", "business", "host", "host_text", "ip", "account", "db_account"}
    return {name: value if name in kept else _elsewhere(value) for name, value in own.items()}


def _elsewhere(value: Any) -> Any:
    return value + 7_000_000 if isinstance(value, int) else value[:-1] + ("0" if value[-1] != "0" else "1")
