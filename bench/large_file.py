"""`python -m bench.large_file [MiB]`: one large file to three hosts; the memory of every process, and the rate."""

import asyncio
import hashlib
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from bench.installation import Installation, installation

MIB = 2**20
MOST_BYTES = 200 * MIB
TARGETS = (1, 2, 3)
DEFAULT_MIB = 2048


async def main(size_mib: int) -> int:
    """Send the file, print what it cost, and return 0 when every process stayed below MOST_BYTES."""
    with tempfile.TemporaryDirectory(prefix="jobfleet-soak-") as parent:
        place = Path(parent)
        digest = await asyncio.to_thread(_make, place / "big", size_mib)
        async with installation(place / "data", len(TARGETS)) as running:
            peaks: dict[str, int] = {}
            watching = asyncio.create_task(_watch(peaks))
            begun = time.perf_counter()
            state = await running.finish(await _send(running, place), 0.5)
            took_s = time.perf_counter() - begun
            watching.cancel()
        arrived = _hash(place / "target" / "big")
    print(f"{size_mib} MiB to {len(TARGETS)} hosts: status {state['status']}, {took_s:.1f} s")
    for role, peak in sorted(peaks.items(), key=lambda pair: -pair[1]):
        print(f"  {peak / MIB:7.1f} MiB  {role}")
    return 0 if state["status"] == 3 and arrived == digest and max(peaks.values()) < MOST_BYTES else 1


async def _send(running: Installation, place: Path) -> dict[str, int]:
    def server(hosts: tuple[int, ...]) -> dict[str, Any]:
        return {"ip_list": [{"bk_cloud_id": 0, "ip": f"127.0.0.{host}"} for host in hosts]}

    source = {"file_list": [str(place / "big")], "account": {"id": 1}, "server": server((1,))}
    job = await running.call(
        "fast_transfer_file",
        account_id=1,
        file_target_path=str(place / "target"),
        file_source_list=[source],
        target_server=server(TARGETS),
    )
    return {"job_instance_id": job["job_instance_id"], "step_instance_id": job["step_instance_id"]}


async def _watch(peaks: dict[str, int]) -> None:
    """Note the highest private memory of each of our processes; what is mapped from files is not theirs."""
    while True:
        for process in psutil.Process().children(recursive=True):
            try:
                role = _role(process.cmdline())
                peaks[role] = max(peaks.get(role, 0), process.memory_info().rss)
            except psutil.Error:  # it has ended meanwhile
                continue
        await asyncio.sleep(0.1)


def _role(words: list[str]) -> str:
    for role in ("server", "jobfleet.agent", "up"):
        if role in words:
            return role
    return Path(words[0]).name.split(":")[0] if words else "?"


def _make(path: Path, size_mib: int) -> str:
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for number in range(size_mib):
            block = number.to_bytes(8, "big") * (MIB // 8)
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_MIB)))
