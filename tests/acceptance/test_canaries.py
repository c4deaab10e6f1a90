"""Secrets go through every path of the product, are used on real hosts, and are found nowhere."""

import asyncio
import base64
import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path

import asyncpg
import msgspec
import pytest
from tests.acceptance import canaries
from tests.acceptance.canaries import finds, found_in, new_canary
from tests.acceptance.declared import ACCOUNT, BIZ, A, B
from tests.acceptance.gates import encoded
from tests.acceptance.stage import Job, Stage, host_statuses
from tests.acceptance.surfaces import Json
from tests.engines import quick_place
from tests.mariadb import MariaDb

from jobfleet.embedded.postgres import Postgres

KINDS = (
    *("variable", "override", "parameter", "step", "account", "mysql", "postgresql"),
    *("access", "secret", "schedule", "changed"),
)

OCCASIONS = ["job_failed"]
IS_ROOT = os.geteuid() == 0
"""Only root's agents run scripts as somebody else."""

NOT_THERE = (
    "get_file_source_detail",
    "get_cron_detail",
    "script_detail",
    "script_version_detail",
    "script_version_list",
    "get_proc_result",
    "/session",
    "/sign-in/oidc",
    "/sign-in/oidc/callback",
    "/script-steps",
    "get_file_task_context",
)
"""Queries about things that nobody has made here, about files, and what only a browser asks."""

SLEEPS = {
    "canary-mysql": "SELECT 'up';\nSELECT sleep(300);\n",
    "canary-postgresql": "SELECT 'up';\nSELECT pg_sleep(300);\n",
}

PLAN = """
[template]
name = "canaries"
[[variables]]
name = "kept"
type = "password"
value = "{variable}"
[[variables]]
name = "given"
type = "password"
value = "x"
[[steps]]
kind = "script"
name = "use"
targets = ["{a}", "{b}"]
account = "{user}"
sensitive_params = "{step}"
script = '''
{script}
'''
"""


@pytest.mark.parametrize("before", [b"", b"1", b"22", b"333"])
def test_a_canary_is_found_however_it_is_written(before: bytes) -> None:
    canary = new_canary("sample")
    text = before + canary.encode() + b"after"
    assert finds(canary, text)
    assert finds(canary, text.hex().encode())
    assert finds(canary, base64.b64encode(text))
    assert not finds(new_canary("sample"), text)


class Sent(msgspec.Struct, frozen=True):
    """What was sent through the installation: the secrets by name, the running jobs, and the ids of all things.

    `told` is what is stored as it came and still not for everybody: the address of a callback; `shown` the address of
    a hook, which those see who manage hooks. Scripts run until there is a file at `gate`, SQL for ever; `pull` asks an
    object store that refuses it. `store` is what that store heard.
    """

    secrets: dict[str, str | bytes]
    told: dict[str, str]
    shown: dict[str, str]
    scripts: tuple[Job, ...]
    queries: tuple[Job, ...]
    pull: Job
    store: list[bytes]
    ids: dict[str, object]
    gate: Path


@pytest.fixture(scope="module")
def gate() -> Iterator[Path]:
    """Give a place that is empty until scripts may end; not pytest's, for another account looks there as well."""
    directory = Path(tempfile.mkdtemp(prefix="jobfleet-canaries-", dir=quick_place()))
    directory.chmod(0o711)
    yield directory / "gate"
    shutil.rmtree(directory)


@pytest.fixture(scope="module")
async def sent(stage: Stage, mariadb: MariaDb, postgres: Postgres, gate: Path) -> AsyncIterator[Sent]:
    """Give jobs that use secrets and run until the gate is there."""
    secrets: dict[str, str] = {kind: new_canary(kind) for kind in KINDS}
    told, shown = {"callback": new_canary("callback")}, {"hook": new_canary("hook")}
    bearer = await stage.bearer()

    def in_scope(path: str) -> Json:
        return {} if path.endswith("/update") else {"scope": "biz:2"}

    async def post(path: str, **body: object) -> Json:
        answer = await stage.http.post(f"/api/v1/{path}", json=in_scope(path) | body, headers=bearer)
        assert answer.status_code < 300, answer.text
        told: Json = answer.json()
        return told

    ids: dict[str, object] = await _kept_things(post, secrets, mariadb, postgres)
    script = _checks(gate, {"$kept": secrets["variable"], "$given": secrets["override"], "$1": secrets["step"]})
    toml = PLAN.format(script=script, a=A, b=B, user=ACCOUNT, **secrets)
    made = await post("plans/apply", toml=toml)
    ids |= {"plan_id": made["plan_id"], "template_id": made["template_id"]}
    run = await post(f"plans/{made['plan_id']}/run", values={"given": secrets["override"]})
    plain = await stage.run(
        encoded(_checks(gate, {"$1": secrets["parameter"]})),
        A,
        script_param=encoded(secrets["parameter"]),
        is_param_sensitive=1,
        account_alias="other" if IS_ROOT else ACCOUNT,
        callback_url=f"http://127.0.0.1:9/hook?token={told['callback']}",
    )
    ids |= await _scheduled(post, made["plan_id"], secrets)
    await post("notification-hooks", name="canary", url=f"http://127.0.0.1:9/{shown['hook']}", occasions=OCCASIONS)
    queries = [await post("jobs/sql", targets=[str(A)], sql=sql, db_account=account) for account, sql in SLEEPS.items()]
    named = [Job(one["job_id"], one["step_id"], BIZ) for one in (run, *queries)]
    keys = stage.made.keys
    heard = list[bytes]()
    store = await asyncio.start_server(partial(refuse_and_tell, heard), "127.0.0.1", 0)
    pull = await _pull(post, store.sockets[0].getsockname()[1], ids["credential_id"])
    own = {"admin": stage.made.admin_password, "app": stage.made.demo_app_secret, "seed": keys.bus.server_seed}
    raw = {"master": keys.master_key, "session": keys.session_key, "order": keys.order_seed}
    yield Sent(secrets | own | raw, told, shown, (plain, named[0]), tuple(named[1:]), pull, heard, ids, gate)
    await asyncio.to_thread(gate.touch)
    store.close()
    await post("notification-hooks/delete", name="canary")


Post = Callable[..., Awaitable[Json]]


async def _kept_things(post: Post, secrets: dict[str, str], mariadb: MariaDb, postgres: Postgres) -> dict[str, object]:
    """Make accounts and a credential with secrets; return the ids of the last of each."""
    mariadb.run(f"CREATE USER canary@'%' IDENTIFIED BY '{secrets['mysql']}';")
    connection = await asyncpg.connect(postgres.url_of("postgres"))
    await connection.execute(f"CREATE ROLE canary LOGIN PASSWORD '{secrets['postgresql']}'")
    port = int(await connection.fetchval("SELECT current_setting('port')"))
    await connection.close()
    databases: dict[str, Json] = {"mysql": {"port": mariadb.port}, "postgresql": {"port": port, "database": "postgres"}}
    for kind, place in databases.items():
        linked = {"system_account": ACCOUNT, "password": secrets[kind], "alias": f"canary-{kind}"}
        await post("accounts", account="canary", type=kind, **linked, **place)
    windows = await post("accounts", account="canary", type="windows", password=secrets["account"])
    words = {"access_key": secrets["access"], "secret_key": secrets["secret"]}
    credential = await post("credentials", name="canary", type="access_key", secrets=words)
    return {"account_id": windows["id"], "credential_id": credential["id"]}


async def _scheduled(post: Post, plan_id: int, secrets: dict[str, str]) -> dict[str, object]:
    """Make a schedule that gives a secret, and then another one; return its id."""
    words = {"plan_id": plan_id, "expression": "0 0 1 1 *"}
    made = await post("schedules", name="canary", values={"given": secrets["schedule"]}, **words)
    schedule_id = made["schedule"]["id"]
    await post(f"schedules/{schedule_id}/update", values={"given": secrets["changed"]})
    return {"schedule_id": schedule_id, "cron_id": schedule_id}


async def _pull(post: Post, port: int, credential_id: object) -> Job:
    """Fetch an object with the secrets of a credential."""
    place = {"endpoint": f"http://127.0.0.1:{port}", "credential_id": credential_id}
    await post("file-sources", code="canary", name="canary", **place)
    sources = [{"file_source": "canary", "paths": ["bucket/object"]}]
    made = await post("jobs/file", targets=[str(A)], sources=sources, target_path="/tmp/")
    return Job(made["job_id"], made["step_id"], BIZ)


async def refuse_and_tell(heard: list[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Refuse a request as object stores do, whose answers tell the key back."""
    head = await reader.readuntil(b"\r\n\r\n")
    heard.append(head)
    key = head.partition(b"Credential=")[2].partition(b"/")[0]
    why = b"<Code>InvalidAccessKeyId</Code><Message>no such key</Message><AWSAccessKeyId>" + key + b"</AWSAccessKeyId>"
    body = b"<Error>" + why + b"</Error>"
    words = b"HTTP/1.1 403 Forbidden\r\nContent-Type: application/xml\r\nConnection: close\r\nContent-Length: "
    writer.write(words + str(len(body)).encode() + b"\r\n\r\n" + body)
    writer.close()


def _checks(gate: Path, values: dict[str, str]) -> str:
    """Return a script that waits for the gate and fails unless it was given the secrets; it has only their hashes."""
    lines = [f"until [ -e {gate} ]; do sleep 0.05; done"]
    for name, value in values.items():
        digest = hashlib.sha256(value.encode()).hexdigest()
        lines.append(f'[ "$(printf %s "{name}" | sha256sum)" = "{digest}  -" ] || exit 3')
    return "\n".join(lines)


async def test_secrets_that_are_used_on_hosts_are_found_nowhere(stage: Stage, sent: Sent) -> None:
    await running(stage, sent)
    directory = stage.installation.directory
    assert found_in({"mark": "JOBFLEET_KEY="}, canaries.processes()) != []
    kept = sent.secrets | sent.told | sent.shown
    assert found_in(kept, canaries.processes()) == []
    assert found_in(kept, canaries.readable_files(directory)) == []
    places = canaries.places_of("nobody") if IS_ROOT else []
    assert bool(places) is IS_ROOT
    for place in places:
        assert found_in(kept, canaries.readable_files(place)) == []
    await ended(stage, sent)
    assert found_in(kept, canaries.readable_files(directory)) == []
    assert found_in(sent.secrets, canaries.database_files(directory)) == []
    stored = await canaries.tables(stage)
    assert found_in({"alias": "canary-postgresql"}, stored) != []
    assert found_in(sent.secrets, stored) == []
    kept_apart = sent.told | sent.shown
    assert found_in(kept_apart, [one for one in stored if one[0].startswith(("event", "audit"))]) == []
    assert found_in(kept, [("logs", stage.logged().encode())]) == []


async def test_no_answer_has_a_secret(stage: Stage, sent: Sent) -> None:
    await ended(stage, sent)
    for job in (*sent.scripts, *sent.queries, sent.pull):
        members = canaries.members_for(job.id, job.step_id)
        answers = await canaries.surface_answers(stage, members, sent.ids)
        task = await stage.database.fetchval("SELECT min(id) FROM task WHERE job_id = $1", job.id)
        named = {"job_id": job.id, "step_id": job.step_id, "task_id": task}
        answers += await canaries.native_answers(stage, sent.ids | named)
        assert found_in(sent.secrets | sent.told, [(place, text) for place, text, _ in answers]) == []
        refused = [(place, text) for place, text, succeeded in answers if not succeeded]
        assert job == sent.pull or sorted({place for place, _ in refused if not place.endswith(NOT_THERE)}) == []


async def running(stage: Stage, sent: Sent) -> None:
    """Wait until every script and every statement runs."""
    for job in sent.scripts:
        await stage.wait_until(job, lambda data: set(host_statuses(data)) == {7})
    for job in sent.queries:
        await stage.poll(lambda job=job: says_up(stage, job))  # type: ignore[misc]


async def says_up(stage: Stage, job: Job) -> bool:
    answer = await stage.admin.v3("get_job_instance_ip_log", **job.step, host_id=A)
    return "up" in (answer.get("data", {}).get("log_content") or "")


async def ended(stage: Stage, sent: Sent) -> None:
    """Let every script succeed, which proves that it had its secrets, and terminate every statement."""
    sent.gate.touch()
    for job in sent.scripts:
        assert (await stage.wait_end(job))["job_instance"]["status"] == 3
    for job in sent.queries:
        await stage.admin.v3("operate_job_instance", **job.named, operation_code=1)
        assert (await stage.wait_end(job))["job_instance"]["status"] == 11
    assert (await stage.wait_end(sent.pull))["job_instance"]["status"] == 4
    assert found_in({"access": sent.secrets["access"]}, [("the store", head) for head in sent.store]) != []
