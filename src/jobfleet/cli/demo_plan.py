"""The demonstration of a plan: its own database, its account, the run step by step, an approval, values at the end."""

import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jobfleet.cli import results
from jobfleet.cli.http import Api, CommandError
from jobfleet.cli.output import host_name, show_duration, show_output, tell
from jobfleet.cli.plan import apply_file
from jobfleet.cli.wire import Done, HostLog, Job, JobAnswer, LogAnswer, Started, Step, Token, VariablesAnswer

if TYPE_CHECKING:
    from jobfleet.embedded.ensemble import Ensemble

SCOPE = "biz:2"
DB_ACCOUNT = "release-db"
_DB_USER = "release"
_FINISH_S = 180.0
_PAUSE_S = 0.1
_UNDER_WAY = " Status: downloading "
"""Marks lines about files that are told of again when they are there."""


class DemoDatabase(msgspec.Struct, frozen=True):
    """The database that the plan's SQL runs in."""

    port: int
    password: str

    def __repr__(self) -> str:
        """Return a text without secrets."""
        return f"DemoDatabase({self.port})"


class _Accounts(msgspec.Struct, frozen=True):
    accounts: list[dict[str, Any]]


async def start_database(ensemble: "Ensemble", directory: Path) -> DemoDatabase:
    """Start a PostgreSQL beside that of the product, with a database and a user of its own for the plan."""
    import asyncpg

    from jobfleet.embedded.postgres import Postgres

    postgres = Postgres(directory / "demo-database", directory / "demo-database.log")
    await ensemble.start(postgres)
    made = DemoDatabase(postgres.port, secrets.token_urlsafe(16))
    connection = await asyncpg.connect(postgres.url_of("postgres"))
    try:
        known = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", _DB_USER)
        verb = "ALTER" if known else "CREATE"
        await connection.execute(f"{verb} ROLE {_DB_USER} LOGIN PASSWORD '{made.password}'")
        if not known:
            await connection.execute(f"CREATE DATABASE {_DB_USER} OWNER {_DB_USER}")
    finally:
        await connection.close()
    return made


def run_plan(server: str, password: str, file: Path, database: DemoDatabase, directory: Path) -> bool:
    """Apply a plan, run it, confirm what it asks, and tell how each step went; return whether the job succeeded.

    Raises:
        CommandError: The server refused something.
    """
    with Api(server, "") as anybody:
        token = anybody.post("/api/v1/sign-in", Token, {"username": "admin", "password": password}).token
    with Api(server, token, for_now=True) as api:
        _keep_account(api, database)
        applied = apply_file(api, SCOPE, file, dry_run=False)
        tell(f"jobfleet is ready at {server}; {file.name} became template and plan {applied.plan_id}")
        values = {"root": str(directory / "hosts"), "token": secrets.token_urlsafe(9)}
        body = {"scope": SCOPE, "values": values}
        job_id = api.post(f"/api/v1/plans/{applied.plan_id}/run", Started, body).job_id
        job = _Narrator(api, job_id).tell()
        _tell_values(api, job_id)
    tell()
    tell(f"job {job_id} {job.status} ({show_duration(job.total_ms)})")
    return job.status == "succeeded"


def _keep_account(api: Api, database: DemoDatabase) -> None:
    """Make the database account that the plan names, or give it the present port and password."""
    found = api.get("/api/v1/accounts", _Accounts, scope=SCOPE, alias=DB_ACCOUNT).accounts
    secret = {"scope": SCOPE, "port": database.port, "password": database.password}
    if found:
        api.post(f"/api/v1/accounts/{found[0]['id']}", dict, secret)
        return
    [owner, *_] = api.get("/api/v1/accounts", _Accounts, scope=SCOPE, category="system").accounts
    named = {"account": _DB_USER, "type": "postgresql", "alias": DB_ACCOUNT, "system_account": owner["alias"]}
    api.post("/api/v1/accounts", dict, secret | named | {"database": _DB_USER})


def _tell_values(api: Api, job_id: int) -> None:
    """Tell the values of the variables as the last step left them; passwords come masked."""
    answer = api.get(f"/api/v1/jobs/{job_id}/variables", VariablesAnswer)
    values = answer.steps[-1].variables if answer.steps else answer.first
    tell()
    tell("== variables at the end")
    for one in values:
        tell(f"{one.name} ({one.type}): {one.value}")


class _Narrator:
    """Follow one job and tell of each step as it ends."""

    def __init__(self, api: Api, job_id: int) -> None:
        self._api = api
        self._job_id = job_id
        self._told: set[int] = set()

    def tell(self) -> Job:
        """Return the job when it is over."""
        deadline = time.monotonic() + _FINISH_S
        while True:
            answer = self._api.get(f"/api/v1/jobs/{self._job_id}", JobAnswer)
            for step in answer.steps:
                self._tell_once(step)
            if answer.job.finished:
                return answer.job
            if time.monotonic() > deadline:
                raise CommandError(f"the job did not finish within {_FINISH_S:.0f} s", 1)
            time.sleep(_PAUSE_S)

    def _tell_once(self, step: Step) -> None:
        if step.status == "waiting":
            tell()
            tell(f"== {step.name}: waits for a person; confirmed by the demonstration")
            operation = "confirm" if step.type == "approval" else "continue_rolling"
            path = f"/api/v1/jobs/{self._job_id}/steps/{step.id}/operate"
            self._api.post(path, Done, {"operation": operation})
        elif step.finished and step.id not in self._told:
            self._told.add(step.id)
            self._tell(step)

    def _tell(self, step: Step) -> None:
        tell()
        tell(f"== {step.name}: {step.type}, {step.status} ({show_duration(step.total_ms)})")
        if step.type != "approval":
            logs = self._api.get(f"/api/v1/jobs/{self._job_id}/log", LogAnswer).logs
            for log in logs:
                _tell_host(step, log)


def _tell_host(step: Step, log: HostLog) -> None:
    if log.task.step_id != step.id:
        return
    batch = f"batch {log.task.batch}, " if log.task.batch else ""
    tell(f"{host_name(log.task.host)}: {batch}{results.verdict(log.task)}")
    for line in log.text.splitlines():
        if _UNDER_WAY not in line:
            show_output(f"    {line}\n")
