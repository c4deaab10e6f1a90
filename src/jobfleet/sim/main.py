"""Run a simulated fleet from its settings until it is told to stop."""

import asyncio
import gc
import resource
import signal
import sys
from pathlib import Path

import msgspec
import uvloop

from jobfleet.sim import enrol, roster, wire
from jobfleet.sim.behaviour import Profile
from jobfleet.sim.fleet import Crowd, Enrolled

_SPARE_FILES = 256
_PATIENCE_S = 10.0
"""How long to be silent while the fleet connects."""


class SimSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Say how large a fleet is, whose it is and how it behaves.

    `token` is needed for hosts that `roster` (the file of identities, None: none is kept) does not have yet.
    """

    agents: int
    server: str
    token: str
    roster: Path | None
    profile: Profile


class FleetError(Exception):
    """The fleet cannot start; the message says why."""


def run_fleet(settings: SimSettings) -> int:
    """Enrol and connect a fleet, say `sim ready …` on stdout, work until SIGTERM or Ctrl-C; return the exit code.

    Raises:
        FleetError: The fleet was not enrolled, or the system allows too few open connections.
    """
    _allow_connections(settings.agents)
    try:
        fleet = _fleet(settings)
        for url in fleet.nats_urls:
            wire.address(url)
    except (enrol.EnrolmentError, roster.RosterError, ValueError) as error:
        raise FleetError(str(error)) from error
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)  # a fleet's objects are many and have no cycles
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_work(Crowd(fleet, settings.profile)))


def _allow_connections(count: int) -> None:
    """Raise the limit of open files to what so many connections need."""
    needed = count + _SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= needed:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, max(hard, needed)))
    except (OSError, ValueError) as error:
        raise FleetError(
            f"{count} agents need {needed} open files; this process may have {hard} (ulimit -n)"
        ) from error


def _fleet(settings: SimSettings) -> Enrolled:
    """Return the fleet of the wanted size: who is in the roster stays, the others enrol now."""
    known = roster.load(settings.roster) if settings.roster is not None else None
    wanted = [enrol.address_of(number) for number in range(1, settings.agents + 1)]
    have = {member.ip for member in known.members} if known is not None else set()
    missing = [ip for ip in wanted if ip not in have]
    if known is None or missing:
        known = _join(known, _enrol(settings, missing))
        if settings.roster is not None:
            roster.store(settings.roster, known)
    chosen = set(wanted)
    return msgspec.structs.replace(known, members=[member for member in known.members if member.ip in chosen])


def _enrol(settings: SimSettings, ips: list[str]) -> Enrolled:
    if not settings.server or not settings.token:
        raise FleetError(f"{len(ips)} agents are not enrolled yet: that needs --data-dir, or --server and --token")
    return enrol.enrol(settings.server, settings.token, ips)


def _join(known: Enrolled | None, fresh: Enrolled) -> Enrolled:
    before = [] if known is None else known.members
    return msgspec.structs.replace(fresh, members=before + fresh.members)


async def _work(crowd: Crowd) -> int:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    running = asyncio.create_task(crowd.run())
    announcing = asyncio.create_task(_announce(crowd))
    stopped = asyncio.create_task(stopping.wait())
    ended, _ = await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if running in ended:
        running.result()
    for task in (running, announcing, stopped):
        task.cancel()
    await asyncio.gather(running, announcing, stopped, return_exceptions=True)
    _say(f"sim stopped {crowd.counts.line()}")
    return 0


async def _announce(crowd: Crowd) -> None:
    """Say when all have connected; until then say now and then how far it is, and what is in the way."""
    while not await _is_ready(crowd):
        waiting = f"sim waiting connected={crowd.counts.connected} of {len(crowd.agents)}"
        sys.stderr.write(f"{waiting} {crowd.complaint}\n")
    _say(f"sim ready agents={len(crowd.agents)} unreachable={crowd.unreachable}")


async def _is_ready(crowd: Crowd) -> bool:
    try:
        await asyncio.wait_for(crowd.ready(), _PATIENCE_S)
    except TimeoutError:
        return False
    return True


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
