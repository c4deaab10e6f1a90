"""The agents of one machine: enrol those that are new, start them, wait until they are connected."""

import os
import sys
from functools import partial
from pathlib import Path

from jobfleet.cli import local_state, probes
from jobfleet.embedded.ensemble import Ensemble
from jobfleet.embedded.process import Program, Service
from jobfleet.settings import Settings
from jobfleet.settings_sources import without_ours

_READY_S = 120.0
_READY_MARK = b"agent ready"


async def start(ensemble: Ensemble, settings: Settings, directory: Path, count: int) -> None:
    """Start agents for hosts 1 to `count`, and return when all are connected.

    Raises:
        ChildFailedError: One has ended.
        TimeoutError: One did not connect.
    """
    home = directory / "agents"
    home.mkdir(mode=0o700, exist_ok=True)
    _forget_if_moved(home, settings.nats_url)
    programs = [await _program(settings, directory, host_id) for host_id in range(1, count + 1)]
    await ensemble.start(*(Service(program, grace_s=2.5) for program in programs))
    for program in programs:
        connected = probes.wait_until(partial(_connected, program.log), _READY_S, program.name)
        await ensemble.until(connected)


def _forget_if_moved(home: Path, nats_url: list[str]) -> None:
    """Make the agents enrol anew when the broker has another address: they know it from their enrolment."""
    note = home / "nats_url"
    if note.exists() and note.read_text(encoding="ascii") != ",".join(nats_url):
        for identity in home.glob("*/identity.toml"):
            identity.unlink()
    note.write_text(",".join(nats_url), encoding="ascii")


async def _program(settings: Settings, directory: Path, host_id: int) -> Program:
    data = directory / "agents" / str(host_id)
    server = settings.public_url or f"http://{probes.in_url(probes.reachable(settings.host))}:{settings.port}"
    told = {"JOBFLEET_AGENT_DATA_DIR": str(data), "JOBFLEET_AGENT_SERVER": server}
    if not (data / "identity.toml").exists():
        told["JOBFLEET_AGENT_TOKEN"] = await local_state.enrolment_token(settings)
    flags = ["--ip", local_state.address_of(host_id), "--log-level", settings.log_level]
    if host_id > 1:  # this machine's containers are one host's: the first one's
        flags += ["--containers-every", "0"]
    return Program(
        name=f"agent {host_id}",
        argv=[sys.executable, "-m", "jobfleet", "agent", *flags],
        log=directory / "logs" / f"agent-{host_id}.log",
        env=without_ours(os.environ) | told,
    )


def _connected(log: Path) -> bool:
    return _READY_MARK in log.read_bytes()
