"""`jobfleet demo`: the main job on a throw-away installation, shown as the API gives it."""

import asyncio
import base64
import json
import os
import re
import shutil
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import msgspec
import typer

from jobfleet.cli import probes
from jobfleet.cli.exits import FAILED, refuse

HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
SUCCEEDED = 3
SCRIPT = """\
#!/bin/bash
echo "hello from $(hostname), process $$"
echo "a word on standard error" >&2
echo "job_success:[greeted]"
"""
_READY_S = 90.0
_FINISH_S = 60.0
_PAUSE_S = 0.1
_API = "/api/c/compapi/v2/jobv3"


class Api(msgspec.Struct, frozen=True):
    """The ESB v3 surface of one server, called as one application for one user."""

    server: str
    app: dict[str, str]

    def call(self, name: str, **parameters: object) -> Any:
        """Return an operation's data, and print the answer."""
        answer = self.ask(name, **parameters)
        typer.echo(f"\n{name}:\n{json.dumps(answer, indent=2, ensure_ascii=False)}")
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


def demo() -> None:
    """Start everything in a temporary directory, run one script on three local hosts, print its status and logs."""
    directory = Path(tempfile.mkdtemp(prefix="jobfleet-demo-"))
    try:
        succeeded = asyncio.run(_demo(directory))
    except (OSError, DemoError) as error:
        refuse(str(error), FAILED)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    raise typer.Exit(0 if succeeded else FAILED)


class DemoError(Exception):
    """The demonstration did not come to its end; the message says where it stopped."""


async def _demo(directory: Path) -> bool:
    from jobfleet.embedded.ensemble import Ensemble
    from jobfleet.embedded.process import ChildFailedError, Program, Service

    log = directory / "up.log"
    argv = [sys.executable, "-m", "jobfleet", "up", "--agents", str(len(HOSTS)), "--port", "0"]
    up = Program(name="jobfleet up", argv=[*argv, "--data-dir", str(directory / "data")], log=log, env=_clean_env())
    ensemble = Ensemble()
    try:
        await ensemble.start(Service(up, grace_s=12))
        await ensemble.until(probes.wait_until(lambda: _address(log) is not None, _READY_S, "jobfleet up"))
        return await ensemble.until(asyncio.to_thread(_run_job, _api(directory / "data", _address(log) or "")))
    except (ChildFailedError, TimeoutError) as error:
        raise DemoError(str(error)) from error
    finally:
        await ensemble.stop()


def _clean_env() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("JOBFLEET_")}


def _address(log: Path) -> str | None:
    found = re.search(r"^ready (http://\S+)$", log.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else None


def _api(data: Path, server: str) -> Api:
    from jobfleet import credentials

    made = credentials.load_or_create(data / "credentials.toml")
    app = {"bk_app_code": made.demo_app_code, "bk_app_secret": made.demo_app_secret, "bk_username": "admin"}
    return Api(server, app)


def _run_job(api: Api) -> bool:
    typer.echo(f"jobfleet is ready at {api.server}; running on {', '.join(HOSTS)}:\n\n{SCRIPT}")
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
    return bool(status["job_instance"]["status"] == SUCCEEDED)


def _wait_finished(api: Api, ids: dict[str, int]) -> None:
    deadline = time.monotonic() + _FINISH_S
    while not api.ask("get_job_instance_status", **ids)["data"]["finished"]:
        if time.monotonic() > deadline:
            raise DemoError(f"the job did not finish within {_FINISH_S:.0f} s")
        time.sleep(_PAUSE_S)
