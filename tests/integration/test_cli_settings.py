"""Commands about settings and keys, as a person calls them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from nats.aio.client import Client
from tests.engines import now_s
from tests.ports import steady_port
from tests.waiting import WITHIN_S

from jobfleet import credentials
from jobfleet.bus import identity
from jobfleet.bus.connection import Endpoint, connect
from jobfleet.cli.probes import wait_until
from jobfleet.embedded import nats
from jobfleet.embedded.process import Program, Service, tail


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jobfleet", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "200", **variables},
    )


def test_config_prints_what_is_effective_with_its_origin_and_masks_secrets() -> None:
    url = "postgresql://job:hunter2@db/job"
    shown = run("config", "--port", "9000", JOBFLEET_DATABASE_URL=url)
    assert shown.returncode == 0
    assert "port = 9000" in shown.stdout
    assert "# --port" in shown.stdout
    assert "postgresql://job:***@db/job" in shown.stdout
    assert "hunter2" not in shown.stdout
    as_json = json.loads(run("config", "-o", "json", JOBFLEET_DATABASE_URL=url).stdout)
    assert as_json["database_url"] == "postgresql://job:***@db/job"
    assert as_json["output_days"] == 60


@pytest.mark.parametrize("command", ["config", "server", "up", "migrate"])
def test_a_wrong_setting_ends_every_command_with_code_2_and_its_name(command: str) -> None:
    refused = run(command, JOBFLEET_PORT="http")
    assert refused.returncode == 2
    assert "setting port (JOBFLEET_PORT): must be a whole number" in refused.stderr


def test_a_server_without_a_database_says_which_setting_is_missing() -> None:
    refused = run("server")
    assert refused.returncode == 2
    assert "database_url" in refused.stderr
    assert "JOBFLEET_DATABASE_URL" in refused.stderr


def test_a_server_with_a_file_that_holds_no_keys_names_the_file(tmp_path: Path) -> None:
    refused = run(
        "server", "--keys-file", str(tmp_path), "--database-url", "postgresql://h/d", "--nats-url", "nats://h"
    )
    assert refused.returncode == 2
    assert str(tmp_path) in refused.stderr


def test_new_keys_never_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    assert run("new-keys", str(path)).returncode == 0
    before = path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    again = run("new-keys", str(path))
    assert again.returncode == 2
    assert path.read_text() == before


async def test_an_external_nats_with_the_printed_configuration_takes_this_installation(tmp_path: Path) -> None:
    run("new-keys", str(tmp_path / "keys.toml"))
    printed = run("nats-config", "--keys-file", str(tmp_path / "keys.toml"), "--claims-dir", str(tmp_path / "claims"))
    port = steady_port()
    (tmp_path / "nats.conf").write_text(f'listen: "127.0.0.1:{port}"\n{printed.stdout}')
    argv = [str(nats.binary()), "--config", str(tmp_path / "nats.conf")]
    broker = Service(Program(name="NATS", argv=argv, log=tmp_path / "nats.log"))
    await broker.start()
    await wait_until(lambda: "Server is ready" in tail(tmp_path / "nats.log"), WITHIN_S, "NATS")
    keys = credentials.load_keys(tmp_path / "keys.toml")
    endpoint = Endpoint([f"nats://127.0.0.1:{port}"], identity.server_identity(keys.bus, now_s()), "server")
    client: Client = await connect(endpoint)
    assert client.is_connected
    await client.close()
    await broker.stop()
