"""One installation for all acceptance tests: real processes, declared people and hosts, and callers of its surfaces."""

import asyncio
import base64
import contextlib
import os
import pwd
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import jwt
import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.acceptance.surfaces import Json, Surfaces, Who
from tests.installation import Installation

from jobfleet.agent import identity as identities
from jobfleet.agent.identity import Identity
from jobfleet.bus.nkey import generate_user_seed, private_key, user_text
from jobfleet.cli.probes import free_port

A, B, C = 1, 2, 3
"""Hosts 127.0.0.1 to 127.0.0.3, each with an agent."""

NO_AGENT, NO_ADDRESS, FOREIGN, SCRIPT_LISTED, FILE_LISTED = 10, 11, 12, 13, 14
MISTRUSTING = (21, 22, 23)
"""Hosts whose agents were enrolled and then told to obey another installation's key."""

ACCOUNT = pwd.getpwuid(os.geteuid()).pw_name
"""The account that agents run as here, and so the alias of the first account."""

BIZ: Json = {"bk_scope_type": "biz", "bk_scope_id": "2"}
OTHER: Json = {"bk_scope_type": "biz", "bk_scope_id": "3"}
ALL: Json = {"bk_scope_type": "biz_set", "bk_scope_id": "9991001"}

PASSWORD = "only for this test run"
SECRET = "only-for-this-test-run"

IPS = {A: "127.0.0.1", B: "127.0.0.2", C: "127.0.0.3", NO_AGENT: "10.0.0.10", FOREIGN: "10.0.0.12"} | {
    SCRIPT_LISTED: "10.0.0.13",
    FILE_LISTED: "10.0.0.14",
    **{host: f"10.0.1.{host}" for host in MISTRUSTING},
}
IPV6 = {NO_ADDRESS: "fd00::11"}

DECLARED = f"""
[[users]]
name = "vera"
password = "{PASSWORD}"
[[users]]
name = "oleg"
[[users]]
name = "sam"
[[users]]
name = "olga"
[[users]]
name = "robot"
[[apps]]
code = "esb_test"
secret = "{SECRET}"
trusted = true
[[apps]]
code = "untrusted"
secret = "{SECRET}"
[[apps]]
code = "robot"
secret = "{SECRET}"
[gateway]
jwt_public_key = '''{{public_key}}'''
issuer = "APIGW"
[[businesses]]
id = 3
name = "other"
time_zone = "America/New_York"
[[businesses]]
id = 4
name = "closed"
archived = true
[[business_sets]]
id = 9991002
name = "pair"
businesses = [2]
[[hosts]]
id = {NO_AGENT}
ip = "10.0.0.10"
business = 2
[[hosts]]
id = {NO_ADDRESS}
ipv6 = "fd00::11"
business = 2
[[hosts]]
id = {FOREIGN}
ip = "10.0.0.12"
business = 3
[[hosts]]
id = {SCRIPT_LISTED}
ip = "10.0.0.13"
business = 3
[[hosts]]
id = {FILE_LISTED}
ip = "10.0.0.14"
business = 3
[[host_whitelist]]
ip = "10.0.0.13"
businesses = [2]
actions = ["script"]
[[host_whitelist]]
ip = "10.0.0.14"
businesses = [2]
actions = ["file"]
[[topology_nodes]]
id = 10
type = "set"
name = "front"
business = 2
[[topology_nodes]]
id = 100
type = "module"
name = "web"
business = 2
parent = 10
hosts = [3, 2]
[[topology_nodes]]
id = 300
type = "module"
name = "foreign"
business = 3
hosts = [{FOREIGN}]
[[dynamic_groups]]
id = "100"
name = "ends"
business = 2
hosts = [3, 1]
[[dynamic_groups]]
id = "loop"
name = "loopback"
business = 2
filter = {{{{ ip = ["127.0.0.*"] }}}}
[[dynamic_groups]]
id = "empty"
name = "nobody"
business = 2
filter = {{{{ ip = ["192.0.2.*"] }}}}
[[accounts]]
id = 50
business = 2
alias = "nobody-has-it"
account = "jobfleet_none"
[[accounts]]
id = 51
business = 2
alias = "database"
account = "mysql"
category = "database"
type = "mysql"
[[accounts]]
id = 52
business = 2
alias = "other"
account = "nobody"
[[accounts]]
id = 53
business = 3
alias = "{ACCOUNT}"
account = "{ACCOUNT}"
[[accounts]]
business_set = 9991001
alias = "{ACCOUNT}"
account = "{ACCOUNT}"
[[role_bindings]]
user = "vera"
role = "viewer"
business = 2
[[role_bindings]]
user = "oleg"
role = "operator"
business = 2
[[role_bindings]]
user = "olga"
role = "operator"
business = 3
[[role_bindings]]
user = "robot"
role = "operator"
business = 2
""" + "".join(f'[[hosts]]\nid = {host}\nip = "10.0.1.{host}"\nbusiness = 2\n' for host in MISTRUSTING)


class Gateway:
    """A BlueKing gateway: it signs for whom it has verified."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(65537, 2048)

    @property
    def public_key(self) -> str:
        """Return the PEM text that an installation is told."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()

    def sign(self, claims: Json, algorithm: str = "RS512", key: Any = None) -> dict[str, str]:
        """Return the header with which a gateway forwards."""
        return {"X-Bkapi-JWT": jwt.encode(claims, key or self.key, algorithm)}


class Job(msgspec.Struct, frozen=True):
    """Name a job that was started, and its step."""

    id: int
    step_id: int
    scope: Json

    @property
    def named(self) -> Json:
        """Return the members that name the job, with its scope."""
        return self.scope | {"job_instance_id": self.id}

    @property
    def step(self) -> Json:
        """Return the members that name the step, with its job and scope."""
        return self.named | {"step_instance_id": self.step_id}


class Stage:
    """An installation, and an administrator who calls its surfaces."""

    def __init__(
        self, installation: Installation, http: httpx.AsyncClient, database: asyncpg.Connection, gateway: Gateway
    ) -> None:
        made = installation.credentials
        self.installation = installation
        self.http = http
        self.database = database
        self.gateway = gateway
        self.made = made
        self.admin = Surfaces(http, Who(made.demo_app_code, made.demo_app_secret))

    async def run(self, script: str, *hosts: int, scope: Json = BIZ, **more: Any) -> Job:
        """Start a script (Base64) on hosts by their ids, and return it."""
        wanted = {"script_content": script, "script_language": 1, "account_alias": ACCOUNT, "timeout": 60}
        target = {"target_server": {"host_id_list": list(hosts)}} if hosts else {}
        answer = await self.admin.v3("fast_execute_script", **(scope | wanted | target | more))
        assert answer["code"] == 0, answer
        return Job(answer["data"]["job_instance_id"], answer["data"]["step_instance_id"], scope)

    async def status(self, job: Job) -> Json:
        """Return a job with its hosts, as version 3 shows it."""
        data: Json = (await self.admin.v3("get_job_instance_status", **job.named, return_ip_result=True))["data"]
        return data

    async def wait(self, job: Job, *statuses: int, job_status: int, within_s: float = 20) -> Json:
        """Return a job once it and its hosts, in target order, have these statuses."""
        return await self.wait_until(
            job,
            lambda data: (data["job_instance"]["status"], *host_statuses(data)) == (job_status, *statuses),
            within_s,
        )

    async def wait_end(self, job: Job, within_s: float = 20) -> Json:
        """Return a job once it has ended."""
        return await self.wait_until(job, lambda data: bool(data["finished"]), within_s)

    async def wait_until(self, job: Job, good: Callable[[Json], bool], within_s: float = 20) -> Json:
        """Return a job once it is as wanted; raise AssertionError with its last state when it takes too long."""
        data: Json = {}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not good(data := await self.status(job)):
                    await asyncio.sleep(0.02)
                return data
        raise AssertionError(f"still {data} after {within_s} s")

    async def poll(self, good: Callable[[], Awaitable[bool]], within_s: float = 20) -> None:
        """Return once a condition holds; raise TimeoutError when it takes too long."""
        async with asyncio.timeout(within_s):
            while not await good():
                await asyncio.sleep(0.02)

    async def bearer(self) -> dict[str, str]:
        """Return the header of the native API for the administrator."""
        return {"Authorization": f"Bearer {await self.sign_in('admin', self.made.admin_password)}"}

    async def sign_in(self, username: str, password: str) -> str:
        """Return the token of a person who signs in."""
        answer = await self.http.post("/api/v1/sign-in", json={"username": username, "password": password})
        token: str = answer.raise_for_status().json()["token"]
        return token

    async def enrolment_token(self) -> str:
        """Return a token with which any number of agents of known hosts enrol."""
        answer = await self.http.post("/api/v1/agents/tokens", json={"reusable": True}, headers=await self.bearer())
        token: str = answer.raise_for_status().json()["token"]
        return token

    async def rows(self, *tables: str) -> tuple[int, ...]:
        """Count the rows of tables of the record."""
        counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
        return tuple(await self.database.fetchrow(f"SELECT {counts}"))

    @asynccontextmanager
    async def nothing_new(self) -> AsyncIterator[None]:
        """Assert that the record has the same jobs after the block as before, and nothing half-created."""
        tables = ("job", "step", "target", "task", "event", "content", "idempotency_key")
        before = await self.rows(*tables)
        yield
        assert await self.rows(*tables) == before


def host_statuses(data: Json) -> list[int]:
    """Return the statuses of a job's hosts, as version 3 shows them."""
    return [host["status"] for host in data["step_instance_list"][0]["step_ip_result_list"] or []]


@asynccontextmanager
async def staged(*flags: str, agents: int = 3, declared: str = DECLARED) -> AsyncIterator[Stage]:
    """Give a running installation of its own; nothing of it is left afterwards."""
    with tempfile.TemporaryDirectory(prefix="jobfleet-stage-", ignore_cleanup_errors=True) as parent:
        gateway, file = Gateway(), Path(parent) / "declared.toml"
        file.write_text(declared.format(public_key=gateway.public_key))
        installation = Installation(Path(parent) / "data", "--apply", str(file), *flags, agents=agents)
        await installation.start()
        try:
            async with httpx.AsyncClient(base_url=installation.url, timeout=30) as http:
                database = await asyncpg.connect(_database_url(installation))
                yield Stage(installation, http, database, gateway)
                await database.close()
        finally:
            if installation.process.returncode is None:
                await installation.stop()


def _database_url(installation: Installation) -> str:
    return installation.children()["server"].environ()["JOBFLEET_DATABASE_URL"]


@asynccontextmanager
async def agent_with_another_key(stage: Stage, token: str, host: int, directory: Path) -> AsyncIterator[None]:
    """Run the real agent of a host that was enrolled here but obeys the key of another installation."""
    seed = generate_user_seed()
    wanted = {"token": token, "ip": IPS[host], "public_key": user_text(private_key(seed).public_key())}
    told = (await stage.http.post("/api/agent/v1/enrol", json=wanted)).raise_for_status().json()
    foreign = base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
    identities.store(
        directory,
        msgspec.convert(told | {"seed": seed, "server": str(stage.http.base_url), "order_key": foreign}, Identity),
    )
    async with running("agent", "--data-dir", str(directory), env=_plain_environment()) as agent:
        assert agent.stdout is not None
        async with asyncio.timeout(30):
            while not (line := await agent.stdout.readline()).startswith(b"agent ready"):
                assert line, "the agent has ended"
        yield


@asynccontextmanager
async def another_server(stage: Stage, *flags: str) -> AsyncIterator[str]:
    """Give the address of a second server of the installation that answers HTTP only, with settings of its own."""
    told = {
        name: value
        for name, value in stage.installation.children()["server"].environ().items()
        if name in {"JOBFLEET_DATABASE_URL", "JOBFLEET_NATS_URL", "JOBFLEET_KEYS_FILE"}
    }
    port = free_port("127.0.0.1")
    arguments = ("server", "--role", "api", "--port", str(port), *flags)
    async with running(*arguments, env=_plain_environment() | told):
        url = f"http://127.0.0.1:{port}"

        async def is_ready() -> bool:
            with contextlib.suppress(httpx.TransportError):
                return (await stage.http.get(f"{url}/readyz")).status_code == 200
            return False

        await stage.poll(is_ready, 30)
        yield url


@asynccontextmanager
async def running(*arguments: str, env: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a `jobfleet` process during the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "jobfleet", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=env,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await asyncio.wait_for(process.communicate(), 10)


def _plain_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("JOBFLEET_")}
