"""Every kind of source, every shape of it, one target or three, and all that can go wrong, on disks of their own."""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest
from tests.acceptance.boxes import boxes
from tests.acceptance.declared import ACCOUNT, BIZ, BOXED, OTHER
from tests.acceptance.file_jobs import host_source, log_of
from tests.acceptance.file_sources import objects, source_of
from tests.acceptance.stage import Job, Stage, host_statuses
from tests.acceptance.surfaces import Json
from tests.object_store import ObjectStore, object_store

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give hosts disks of their own")

SMALL, THIRD, SOURCE = BOXED
TARGETS = {1: (SMALL,), 3: (SMALL, THIRD, SOURCE)}
KIB = 1024
PATHS = {"file": "file.bin", "glob": "part-*.bin", "directory": "tree/"}
FILES = {
    "file.bin": os.urandom(200 * KIB),
    "part-1.bin": os.urandom(100 * KIB),
    "part-2.bin": b"2",
    "part-none.bin": b"",
    "tree/big.bin": os.urandom(150 * KIB),
    "tree/deep/run.sh": b"#!/bin/sh\n",
}
OF_SHAPE = {"file": "file.bin", "glob": "part-", "directory": "tree/"}
REASONS = {
    "source missing": "",
    "source forbidden": "",
    "no space": "No space left",
    "no permission": "ermission denied",
    "account missing": "",
    "target is a file": "there is a file of this name",
}


class Cell(msgspec.Struct, frozen=True):
    """One combination; `fault` is "" when nothing is wrong."""

    kind: str
    shape: str
    count: int
    fault: str

    @property
    def name(self) -> str:
        return f"{self.kind} {self.shape} to {self.count} {self.fault or 'well'}".replace(" ", "-")

    @property
    def directory(self) -> str:
        """Return where the files go, below the box."""
        inside = {"no space": f"small/{self.name}", "no permission": "closed", "target is a file": "taken"}
        return inside.get(self.fault, self.name)

    @property
    def refusal(self) -> int:
        """Return the code with which the request is refused, 0 when it is not."""
        return 1241005 if self.kind == "upload" and self.fault.startswith("source") else 0

    @property
    def statuses(self) -> list[int]:
        """Return how the hosts end, in the order of the targets."""
        if self.fault == "no space":
            return [320 if host == SMALL else 9 for host in TARGETS[self.count]]
        if self.kind == "s3" and self.fault.startswith("source"):
            return [5] * self.count  # nobody was told anything
        return [{"": 9, "account missing": 311}.get(self.fault, 320)] * self.count

    @property
    def files(self) -> dict[str, bytes]:
        """Return what a host gets for which nothing goes wrong."""
        return {name: data for name, data in FILES.items() if name.startswith(OF_SHAPE[self.shape])}


SHAPES = [("upload", "file"), *((kind, shape) for kind in ("host", "s3") for shape in PATHS)]
"""An upload is one file, named by the path that was told: it has neither pattern nor directory.

Source or target offline, strict mode, time limits and terminating: tests/acceptance/test_files.py, for files of hosts.
"""

CELLS = [Cell(kind, shape, count, fault) for kind, shape in SHAPES for count in TARGETS for fault in ("", *REASONS)]


class Site(msgspec.Struct, frozen=True):
    """An installation, the path at which its hosts have their disks, and those disks."""

    stage: Stage
    store: ObjectStore
    box: Path
    disks: dict[int, Path]


@pytest.fixture(scope="module")
def parent() -> Iterator[Path]:
    """Give a directory that every account may look into."""
    with tempfile.TemporaryDirectory(prefix="jobfleet-matrix-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture(scope="module")
async def site(stage: Stage, parent: Path) -> AsyncIterator[Site]:
    """Give hosts that hold files, may not write `closed`, and have a file `taken`."""
    async with object_store(parent / "store.log") as store, boxes(stage, parent, BOXED, SMALL) as disks:
        for disk in disks.values():
            furnish(disk)
        fill(disks[SOURCE] / "source")
        fill(disks[SOURCE] / "locked")
        (disks[SOURCE] / "locked").chmod(0o700)
        for name, data in FILES.items():
            await store.put(name, data)
        yield Site(stage, store, parent / "box", disks)


def furnish(disk: Path) -> None:
    (disk / "closed").mkdir(mode=0o755)
    (disk / "taken").write_bytes(b"was here before")


def fill(directory: Path) -> None:
    (directory / "tree/nothing").mkdir(parents=True)
    for name, data in FILES.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (directory / "tree/deep/run.sh").chmod(0o755)


@pytest.fixture(scope="module")
async def started(site: Site) -> dict[Cell, Json]:
    """Start all cells at once; give the answers to the requests."""
    own, foreign = await uploaded(site.stage, BIZ), await uploaded(site.stage, OTHER)
    code = await source_of(site.stage, site.store, "matrix")
    sources = Sources(site.box, own, foreign, code)
    return {cell: await start(site, cell, sources.of(cell)) for cell in CELLS}


class Sources(msgspec.Struct, frozen=True):
    """What can be sent: from the source host's disk, uploaded in two scopes, from an object store."""

    box: Path
    own: str
    foreign: str
    code: str

    def of(self, cell: Cell) -> Json:
        missing, forbidden = cell.fault == "source missing", cell.fault == "source forbidden"
        match cell.kind:
            case "host":
                place = "none" if missing else "locked" if forbidden else "source"
                source = host_source(f"{self.box}/{place}/{PATHS[cell.shape]}", hosts=(SOURCE,))
                return source | {"account": {"alias": "other" if forbidden else ACCOUNT}}
            case "upload":
                path = "none" if missing else self.foreign if forbidden else self.own
                return {"file_type": 2, "file_list": [path]}
            case _:
                bucket = "artifacts/none" if missing else "others" if forbidden else "artifacts"
                return objects(self.code, f"{bucket}/{PATHS[cell.shape]}")


async def uploaded(stage: Stage, scope: Json) -> str:
    answer = await stage.admin.v3("generate_local_file_upload_url", **scope, file_name_list=["file.bin"])
    address = answer["data"]["url_map"]["file.bin"]
    (await stage.http.put(address["upload_url"], content=FILES["file.bin"])).raise_for_status()
    return str(address["path"])


async def start(site: Site, cell: Cell, source: Json) -> Json:
    account = {"no permission": "other", "account missing": "nobody-has-it"}.get(cell.fault, ACCOUNT)
    wanted = {
        "account_alias": account,
        "file_target_path": f"{site.box}/{cell.directory}",
        "file_source_list": [source],
        "target_server": {"host_id_list": list(TARGETS[cell.count])},
        "timeout": 300,
    }
    return await site.stage.admin.v3("fast_transfer_file", **BIZ, **wanted)


@pytest.mark.parametrize("cell", CELLS, ids=[cell.name for cell in CELLS])
async def test_files_arrive_whole_or_the_fault_is_named(site: Site, started: dict[Cell, Json], cell: Cell) -> None:
    answer = started[cell]
    assert answer["code"] == cell.refusal, answer
    if cell.refusal:
        return
    job = Job(answer["data"]["job_instance_id"], answer["data"]["step_instance_id"], BIZ)
    data = await site.stage.wait_end(job, within_s=120)
    assert (data["job_instance"]["status"], host_statuses(data)) == (4 if cell.fault else 3, cell.statuses)
    for host, status in zip(TARGETS[cell.count], cell.statuses, strict=True):
        check_disk(site.disks[host], cell, status)
        if status != 9:
            await check_reason(site.stage, job, cell, host)


def check_disk(disk: Path, cell: Cell, status: int) -> None:
    directory = disk / cell.directory
    found = {str(path.relative_to(directory)): path for path in directory.rglob("*") if path.is_file()}
    assert all(FILES[name] == path.read_bytes() for name, path in found.items()), "a damaged file, or one left over"
    if status == 9:
        assert found.keys() == cell.files.keys()
        if (cell.kind, cell.shape) == ("host", "directory"):
            assert (directory / "tree/nothing").is_dir()
            assert found["tree/deep/run.sh"].stat().st_mode & 0o777 == 0o755
    elif cell.fault != "no space":  # where what was small enough arrived
        assert not found
    assert (disk / "taken").read_bytes() == b"was here before"


async def check_reason(stage: Stage, job: Job, cell: Cell, host: int) -> None:
    received = [one for one in (await log_of(stage, job, host))["file_logs"] if one["mode"] == 1]
    failed = [one["log_content"] for one in received if one["status"] == 5]
    assert failed
    assert all(REASONS[cell.fault] in text for text in failed)
