"""One installation for all acceptance tests: real processes, declared people and hosts, and callers of its surfaces."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import httpx
import jwt
import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.acceptance.declared import ACCOUNT, BIZ, DECLARED
from tests.acceptance.surfaces import Json, Surfaces, Who
from tests.engines import quick_place
from tests.installation import Installation
from tests.waiting import WITHIN_S, eventually


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

    async def wait(self, job: Job, *statuses: int, job_status: int, within_s: float = WITHIN_S) -> Json:
        """Return a job once it and its hosts, in target order, have these statuses."""
        return await self.wait_until(
            job,
            lambda data: (data["job_instance"]["status"], *host_statuses(data)) == (job_status, *statuses),
            within_s,
        )

    async def wait_end(self, job: Job, within_s: float = WITHIN_S) -> Json:
        """Return a job once it has ended."""
        return await self.wait_until(job, lambda data: bool(data["finished"]), within_s)

    async def wait_until(self, job: Job, good: Callable[[Json], bool], within_s: float = WITHIN_S) -> Json:
        """Return a job once it is as wanted; raise AssertionError with its last state when it takes too long."""
        return await eventually(lambda: self.status(job), good, within_s=within_s)

    async def poll(self, good: Callable[[], Awaitable[bool]], within_s: float = WITHIN_S) -> None:
        """Return once a condition holds; raise AssertionError when it takes too long."""
        await eventually(good, within_s=within_s)

    async def bearer(self) -> dict[str, str]:
        """Return the header of the native API for the administrator."""
        return {"Authorization": f"Bearer {await self.sign_in('admin', self.made.admin_password)}"}

    def logged(self) -> str:
        """Return everything that the installation's processes have logged."""
        return "".join(path.read_text() for path in (self.installation.directory / "logs").iterdir())

    async def sign_in(self, username: str, password: str) -> str:
        """Return the token of a person who signs in."""
        answer = await self.http.post("/api/v1/sign-in", json={"username": username, "password": password})
        token: str = answer.raise_for_status().json()["token"]
        return token

    async def enrolment_token(self) -> str:
        """Return a token with which any number of agents of known hosts enrol."""
        answer = await self.http.post(
            "/api/v1/agents/tokens", json={"reusable": True, "replace": True}, headers=await self.bearer()
        )
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
    with TemporaryDirectory(prefix="jobfleet-stage-", dir=quick_place(), ignore_cleanup_errors=True) as parent:
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
