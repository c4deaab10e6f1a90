"""Run the benchmark: `python -m bench`, or `python -m bench --quick` for a few minutes less."""

import argparse
import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

import msgspec

from bench import crowds, files, limits, live, report, rows
from bench.installation import installation
from bench.rows import Row


class Scale(msgspec.Struct, frozen=True):
    """How much to measure: hosts of each simulated job with the number of its runs, and local agents.

    `rolled_hosts` roll in 100 batches; `jobs` of 10 hosts each are started at once.
    """

    simulated: tuple[tuple[int, int], ...]
    queried_hosts: int
    local_agents: int
    runs: int
    rolled_hosts: int
    jobs: int
    file_mib: int


FULL = Scale(
    simulated=((1, 30), (100, 20), (1_000, 5), (10_000, 3)),
    queried_hosts=10_000,
    local_agents=100,
    runs=50,
    rolled_hosts=10_000,
    jobs=1_000,
    file_mib=256,
)
QUICK = Scale(
    simulated=((1, 10), (100, 5), (1_000, 3)),
    queried_hosts=1_000,
    local_agents=10,
    runs=20,
    rolled_hosts=1_000,
    jobs=100,
    file_mib=64,
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller fleets, fewer runs")
    wanted = QUICK if parser.parse_args().quick else FULL
    directory = Path(tempfile.mkdtemp(prefix="jobfleet-bench-"))
    directory.chmod(0o711)
    try:
        asyncio.run(_run(directory, wanted))
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return 0


async def _run(directory: Path, scale: Scale) -> None:
    _say("the machine's own limits")
    own = await limits.measure(_fresh(directory / "limits"))
    found = await _with_one_agent(directory / "one", own, scale)
    found.append(await _with_many_agents(directory / "many", own, scale))
    found += await _with_files(directory / "files", own, scale)
    report.show(own, found)
    _say(f"kept in {report.keep(own, found)}")


async def _with_one_agent(directory: Path, own: limits.Limits, scale: Scale) -> list[Row]:
    _say("an installation with one local agent")
    async with installation(directory, agents=1) as place:
        found = await rows.one_host(place, own, scale.runs)
        for hosts, runs in scale.simulated:
            _say(f"{hosts:,} simulated hosts")
            found += await rows.simulated(place, own, hosts, runs)
        _say("status queries")
        found += await rows.status_queries(place, scale.queried_hosts, 10)
        _say("live pages")
        found += await live.live(place, scale.queried_hosts)
        _say("batches, and many jobs")
        found.append(await crowds.rolling(place, own, scale.rolled_hosts, 100))
        found.append(await crowds.many_jobs(place, own, scale.jobs, 10))
        _say("long logs")
        return [*found, await rows.long_logs(place, own, 3)]


async def _with_many_agents(directory: Path, own: limits.Limits, scale: Scale) -> Row:
    _say(f"an installation with {scale.local_agents} local agents")
    async with installation(directory, agents=scale.local_agents) as place:
        return await rows.local_agents(place, own, scale.local_agents, 5)


async def _with_files(directory: Path, own: limits.Limits, scale: Scale) -> list[Row]:
    _say(f"an installation with {files.AGENTS} local agents that move files")
    async with installation(directory, agents=files.AGENTS) as place:
        return await files.files(place, own, scale.file_mib, 3)


def _fresh(directory: Path) -> Path:
    directory.mkdir()
    directory.chmod(0o711)  # PostgreSQL's own user must be able to reach the place
    return directory


def _say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
