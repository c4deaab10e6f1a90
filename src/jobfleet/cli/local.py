"""The processes of one machine: start them in order, say when all answer, stop them on request."""

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import NoReturn

import msgspec
import typer

from jobfleet import credentials
from jobfleet.cli import local_agents, local_state, probes
from jobfleet.cli.data_files import ADDRESS_FILE, CREDENTIALS_FILE
from jobfleet.cli.keys import trust_of
from jobfleet.cli.signals import until_stopped
from jobfleet.credentials import Credentials, KeysFileError
from jobfleet.embedded import lock
from jobfleet.embedded.ensemble import Ensemble
from jobfleet.embedded.lock import DirectoryInUseError
from jobfleet.embedded.nats import Nats
from jobfleet.embedded.postgres import Postgres
from jobfleet.embedded.process import ChildFailedError, Program, Service
from jobfleet.engine.context import wall_clock
from jobfleet.model.errors import JobfleetError
from jobfleet.settings import Settings
from jobfleet.settings_sources import to_env, without_ours
from jobfleet.store.database import Database
from jobfleet.store.migrate import migrate

_SERVER_READY_S = 120.0


class LocalError(Exception):
    """The installation on this machine cannot start or has failed; the message says what to do."""


class Plan(msgspec.Struct, frozen=True):
    """What to run; `apply` is a file of declared state."""

    settings: Settings
    agents: int
    apply: Path | None

    @property
    def directory(self) -> Path:
        """Return the data directory."""
        return Path(self.settings.data_dir).absolute()

    @property
    def logs(self) -> Path:
        """Return the directory of the processes' logs."""
        return self.directory / "logs"


async def run(plan: Plan) -> int:
    """Run everything until a signal says stop; return the exit code.

    Raises:
        LocalError: Something did not start, or one of the processes has ended by itself.
    """
    plan.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    plan.logs.mkdir(mode=0o700, exist_ok=True)
    try:
        with lock.held(plan.directory):
            return await _run(plan)
    except (ChildFailedError, DirectoryInUseError, JobfleetError, KeysFileError, TimeoutError) as error:
        raise LocalError(str(error)) from error


async def _run(plan: Plan) -> int:
    ensemble = Ensemble()
    try:
        await until_stopped(_live(ensemble, plan))
    finally:
        await ensemble.stop()
    return 0


async def _live(ensemble: Ensemble, plan: Plan) -> NoReturn:
    made = credentials.load_or_create(plan.directory / CREDENTIALS_FILE)
    settings = await _start_engines(ensemble, plan, made)
    await ensemble.until(_declare(settings, plan, made))
    await _start_server(ensemble, plan, settings)
    await local_agents.start(ensemble, settings, plan.directory, plan.agents)
    address = f"http://{probes.in_url(settings.host)}:{settings.port}"
    (plan.directory / ADDRESS_FILE).write_text(address, encoding="ascii")
    typer.echo(f"ready {address}")
    sys.stdout.flush()
    await ensemble.until(asyncio.Event().wait())
    raise AssertionError("an event that nobody sets was set")


async def _start_engines(ensemble: Ensemble, plan: Plan, made: Credentials) -> Settings:
    """Start both engines and return the settings with which servers find them."""
    postgres = Postgres(plan.directory / "postgres", plan.logs / "postgres.log")
    trust = trust_of(made.keys.bus, int(time.time()))
    nats = Nats(plan.directory / "nats", plan.logs / "nats.log", trust)
    await ensemble.start(postgres, nats)
    return msgspec.structs.replace(
        plan.settings,
        database_url=postgres.url,
        nats_url=[nats.url],
        keys_file=str(plan.directory / CREDENTIALS_FILE),
        callback_loopback=True,
        file_source_loopback=True,
        port=plan.settings.port or probes.free_port(plan.settings.host),
    )


async def _declare(settings: Settings, plan: Plan, made: Credentials) -> None:
    await migrate(settings.database_url, wall_clock())
    db = Database(settings.database_url, pool_size=2)
    try:
        await local_state.declare(db, plan.directory, made, plan.agents)
        if plan.apply is not None:
            await local_state.declare_text(db, made, await asyncio.to_thread(plan.apply.read_text, encoding="utf-8"))
    finally:
        await db.close()


async def _start_server(ensemble: Ensemble, plan: Plan, settings: Settings) -> None:
    program = Program(
        name="the server",
        argv=[sys.executable, "-m", "jobfleet", "server"],
        log=plan.logs / "server.log",
        env=without_ours(os.environ) | to_env(settings),
    )
    await ensemble.start(Service(program))
    ready = probes.wait_until(lambda: probes.answers(settings.host, settings.port), _SERVER_READY_S, "the server")
    await ensemble.until(ready)
