"""`jobfleet demo`: the main job on a throw-away installation, shown as the API gives it."""

import asyncio
import base64
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from jobfleet.cli import probes
from jobfleet.cli.data_files import CREDENTIALS_FILE
from jobfleet.cli.exits import FAILED, SUCCEEDED, refuse
from jobfleet.cli.http import CommandError
from jobfleet.cli.output import show_json, tell

if TYPE_CHECKING:
    from jobfleet.embedded.ensemble import Ensemble
    from jobfleet.embedded.process import Program

HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
JOB_SUCCEEDED = 3
SCRIPT = """\
#!/bin/bash
echo "hello from $(hostname), process $$"
echo "a word on standard error" >&2
echo "job_success:[greeted]"
"""
_READY_S = 300.0
_FINISH_S = 120.0
_PAUSE_S = 0.1
_STOP_S = 12.0
_API = "/api/c/compapi/v2/jobv3"


class Api(msgspec.Struct, frozen=True):
    """The ESB v3 surface of one server, called as one application for one user."""

    server: str
    app: dict[str, str]

    def call(self, name: str, **parameters: object) -> Any:
        """Return an operation's data, and print the answer."""
        answer = self.ask(name, **parameters)
        tell()
        tell(f"{name}:")
        show_json(answer)
        return answer["data"]

    def ask(self, name: str, **parameters: object) -> Any:
        """Return an operation's answer.

        Raises:
            OSError: The server cannot be reached.
        """
        scope = {"bk_scope_type": "biz", "bk_scope_id": "2"}
        body = json.dumps(self.app | scope | parameters).encode()
        request = urllib.request.Request(f"{self.server}{_API}/{name}/", body, {"Content-Type": "application/json"})  # noqa: S310 (our own address)
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            return json.load(response)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    stay: Annotated[bool, typer.Option("--stay", help="Stay up afterwards, until told to stop.")] = False,
    data_dir: Annotated[
        Path | None, typer.Option(help="Directory to keep everything in; none: one that is removed afterwards.")
    ] = None,
    port: Annotated[int, typer.Option(help="Port that HTTP listens on; 0: a free one.", min=0, max=65535)] = 0,
    file: Annotated[
        Path | None, typer.Option("--plan", help="TOML file of a plan, to run it and print how each step goes.")
    ] = None,
) -> None:
    """Start everything, run one script on three local hosts, and print its status and logs as the API gives them.

    With --plan it is a plan that runs, and its SQL steps have a PostgreSQL of their own.
    """
    temporary = None if data_dir else tempfile.mkdtemp(prefix="jobfleet-demo-")
    plan = Plan(Path(data_dir or temporary or ""), port, stay, file)
    try:
        code = asyncio.run(_demo(plan))
    except (OSError, DemoError, CommandError) as error:
        refuse(str(error), FAILED)
    finally:
        if temporary:
            shutil.rmtree(temporary, ignore_errors=True)
    raise typer.Exit(code)


class Plan(msgspec.Struct, frozen=True):
    """Where the demonstration keeps its data, where it listens, whether it stays up, and what it runs."""

    directory: Path
    port: int
    stay: bool
    file: Path | None = None


class DemoError(Exception):
    """The demonstration did not come to its end; the message says where it stopped."""


async def _demo(plan: Plan) -> int:
    """Run everything; return the exit code, that of success when stopped while staying up."""
    from jobfleet.cli.signals import until_stopped
    from jobfleet.embedded.ensemble import Ensemble
    from jobfleet.embedded.process import ChildFailedError

    ensemble = Ensemble()
    try:
        succeeded = await until_stopped(_live(ensemble, plan))
    except (ChildFailedError, TimeoutError) as error:
        raise DemoError(str(error)) from error
    finally:
        await ensemble.stop()
    return SUCCEEDED if succeeded or (succeeded is None and plan.stay) else FAILED


async def _live(ensemble: "Ensemble", plan: Plan) -> bool:
    from jobfleet.embedded.process import Service

    log = plan.directory / "demo.log"
    plan.directory.mkdir(parents=True, exist_ok=True)
    await ensemble.start(Service(_up(plan, log), grace_s=_STOP_S))
    await ensemble.until(probes.wait_until(lambda: _address(log) is not None, _READY_S, "jobfleet up"))
    server = _address(log) or ""
    succeeded = await ensemble.until(_run(ensemble, plan, server))
    if plan.stay and succeeded:
        tell()
        tell(f"console: {server}  (user admin, password in {plan.directory / CREDENTIALS_FILE}; Ctrl-C stops)")
        await ensemble.until(asyncio.Event().wait())
    return succeeded


async def _run(ensemble: "Ensemble", plan: Plan, server: str) -> bool:
    """Run the script, or the plan that is wanted; return whether it succeeded."""
    if plan.file is None:
        return await asyncio.to_thread(_run_job, _api(plan.directory, server))
    from jobfleet import credentials
    from jobfleet.cli import demo_plan

    made = credentials.load_or_create(plan.directory / CREDENTIALS_FILE)
    database = await demo_plan.start_database(ensemble, plan.directory)
    return await asyncio.to_thread(demo_plan.run_plan, server, made.admin_password, plan.file, database, plan.directory)


def _up(plan: Plan, log: Path) -> "Program":
    from jobfleet.embedded.process import Program

    flags = ["--agents", str(len(HOSTS)), "--port", str(plan.port), "--data-dir", str(plan.directory)]
    return Program(
        name="jobfleet up",
        argv=[sys.executable, "-m", "jobfleet", "up", *flags],
        log=log,
        env=_clean_env(),
        orphan_signal=signal.SIGTERM,
    )


def _clean_env() -> dict[str, str]:
    """Return an environment without settings of ours, in which agents find the wheel's client of PostgreSQL."""
    from jobfleet.embedded.postgres import binaries

    path = os.pathsep.join((os.environ.get("PATH", os.defpath), str(binaries())))
    return {name: value for name, value in os.environ.items() if not name.startswith("JOBFLEET_")} | {"PATH": path}


def _address(log: Path) -> str | None:
    found = re.search(r"^ready (http://\S+)$", log.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else None


def _api(data: Path, server: str) -> Api:
    from jobfleet import credentials

    made = credentials.load_or_create(data / CREDENTIALS_FILE)
    app = {"bk_app_code": made.demo_app_code, "bk_app_secret": made.demo_app_secret, "bk_username": "admin"}
    return Api(server, app)


def _run_job(api: Api) -> bool:
    tell(f"jobfleet is ready at {api.server}; running on {', '.join(HOSTS)}:")
    for line in ("", *SCRIPT.splitlines(), ""):
        tell(line)
    addresses = [{"bk_cloud_id": 0, "ip": host} for host in HOSTS]
    job = api.call(
        "fast_execute_script",
        task_name="demo",
        script_content=base64.b64encode(SCRIPT.encode()).decode(),
        script_language=1,
        account_id=1,
        target_server={"ip_list": addresses},
    )
    ids = {"job_instance_id": job["job_instance_id"]}
    _wait_finished(api, ids)
    status = api.call("get_job_instance_status", return_ip_result=True, **ids)
    step = {"step_instance_id": job["step_instance_id"]}
    api.call("batch_get_job_instance_ip_log", ip_list=addresses, **ids, **step)
    return bool(status["job_instance"]["status"] == JOB_SUCCEEDED)


def _wait_finished(api: Api, ids: dict[str, int]) -> None:
    deadline = time.monotonic() + _FINISH_S
    while not api.ask("get_job_instance_status", **ids)["data"]["finished"]:
        if time.monotonic() > deadline:
            raise DemoError(f"the job did not finish within {_FINISH_S:.0f} s")
        time.sleep(_PAUSE_S)
