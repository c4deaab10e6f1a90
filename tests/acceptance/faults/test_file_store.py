"""Files that hosts fetch from an object store: their bytes pass the server by, and no fault of the store stops them."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import msgspec
import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from tests.acceptance.faults.cluster import LINED_HOSTS, Cluster
from tests.acceptance.faults.jobs import OK, SUCCEEDED, Job, Jobs
from tests.acceptance.faults.line import Line, line_to
from tests.acceptance.faults.parts import Server
from tests.engines import quick_place
from tests.object_store import Line as StoreLine
from tests.object_store import ObjectStore, object_store
from tests.ports import steady_port

from jobfleet.cli.local_state import address_of
from jobfleet.engine.file_store import FROM_BYTES, FileStore
from jobfleet.store.blobs import Blobs

MIB = 2**20
SIZE = 6 * MIB
SMALL = FROM_BYTES // 2
"""More than what a server says about a file, and less than the file."""

SOURCE, TARGET = LINED_HOSTS


class Way(msgspec.Struct, frozen=True):
    """A server with an object store, and the line over which the target alone reaches that server."""

    server: Server
    line: Line
    to_store: StoreLine

    def store(self) -> FileStore:
        """Return the store as the server knows it."""
        return FileStore(self.server.settings.files_store_url)


@pytest.fixture(scope="module")
async def shelf(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ObjectStore]:
    async with object_store(tmp_path_factory.mktemp("store") / "log", checks=False) as store:
        yield store


@pytest.fixture(scope="module")
async def whole_way(fault_cluster: Cluster, shelf: ObjectStore) -> AsyncIterator[Way]:
    await fault_cluster.mend()
    to_store = StoreLine(shelf.endpoint)
    async with to_store.open() as endpoint, served(fault_cluster, url_of(shelf, endpoint)) as (server, line, url):
        agents = fault_cluster.new_agent(SOURCE), fault_cluster.new_agent(TARGET, url)
        for agent in agents:
            shutil.rmtree(agent.directory, ignore_errors=True)
            await agent.enrol(server.settings)
        yield Way(server, line, to_store)
        for agent in agents:
            await agent.stop()


@pytest.fixture
def way(whole_way: Way) -> Way:
    """Give the way without a fault and with nothing counted."""
    whole_way.to_store.answer, whole_way.to_store.rations = None, []
    whole_way.line.down = whole_way.to_store.answered_bytes = 0
    return whole_way


@asynccontextmanager
async def served(cluster: Cluster, store_url: str) -> AsyncIterator[tuple[Server, Line, str]]:
    """Run one more server that has an object store, and a line to it."""
    port = steady_port()
    settings = msgspec.structs.replace(
        cluster.settings, port=port, files_store_url=store_url, data_dir=str(cluster.directory / "server-store")
    )
    server = Server(settings, cluster.logs / "server-store.log")
    await server.start()
    async with line_to(settings.host, port) as (line, url):
        yield server, line, url
    await server.stop()


def url_of(store: ObjectStore, endpoint: str) -> str:
    keys = f"{quote(store.access_key, safe='')}:{quote(store.secret_key, safe='')}"
    return f"http://{keys}@{endpoint.removeprefix('http://')}/artifacts/files"


@pytest.fixture
def place() -> Iterator[Path]:
    """Give a directory with a file of SIZE in it, `big`."""
    directory = Path(tempfile.mkdtemp(prefix="jobfleet-files-", dir=quick_place()))
    (directory / "big").write_bytes(os.urandom(SIZE))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


async def sent(jobs: Jobs, place: Path) -> bool:
    """Send the file from host to host, and tell whether it arrived as it was."""
    source = {"file_list": [str(place / "big")], "account": {"id": 1}, "server": server_of(SOURCE)}
    told = await jobs.ask(
        "fast_transfer_file",
        account_id=1,
        file_target_path=str(place / "target"),
        file_source_list=[source],
        target_server=server_of(TARGET),
    )
    assert await jobs.finished(Job(told["job_instance_id"], told["step_instance_id"])) == (SUCCEEDED, [OK])
    assert [path.name for path in (place / "target").iterdir()] == ["big"]
    return (place / "target/big").read_bytes() == (place / "big").read_bytes()


def server_of(host: int) -> dict[str, object]:
    return {"ip_list": [{"bk_cloud_id": 0, "ip": address_of(host)}]}


async def test_the_bytes_of_a_file_pass_the_server_by(jobs: Jobs, place: Path, way: Way) -> None:
    assert await sent(jobs, place)
    assert way.line.down < SMALL
    assert SIZE < way.to_store.answered_bytes < SIZE + MIB


async def test_a_fetch_that_the_store_breaks_off_goes_on_from_where_it_was(jobs: Jobs, place: Path, way: Way) -> None:
    await sent(jobs, place)
    shutil.rmtree(place / "target")
    before = way.to_store.answered_bytes
    way.to_store.rations = [SIZE // 2]
    assert await sent(jobs, place)
    assert way.line.down < 2 * SMALL
    assert SIZE < way.to_store.answered_bytes - before < SIZE + MIB


async def test_a_host_that_cannot_reach_the_store_gets_the_file_from_the_server(
    jobs: Jobs, place: Path, way: Way
) -> None:
    await sent(jobs, place)
    shutil.rmtree(place / "target")
    way.to_store.rations = [0]
    assert await sent(jobs, place)
    assert SIZE < way.line.down < SIZE + 2 * SMALL


async def test_a_copy_that_is_damaged_is_replaced_and_what_is_gone_is_swept(
    jobs: Jobs, place: Path, way: Way, shelf: ObjectStore
) -> None:
    await sent(jobs, place)
    content_hash = hash_of(place / "big")
    await shelf.put(f"files/{content_hash}", os.urandom(SIZE))
    shutil.rmtree(place / "target")
    assert await sent(jobs, place)
    assert SIZE < way.line.down < SIZE + SMALL  # the server sent what the store had wrong
    shutil.rmtree(place / "target")
    assert await sent(jobs, place)
    assert way.line.down < SIZE + SMALL  # a new copy took its place
    await way.store().address_of(content_hash, place / "big", SIZE)
    kept = Blobs(Path(way.server.settings.files_dir))
    assert await way.store().sweep(kept) == 0
    kept.path(content_hash).unlink()
    assert await way.store().sweep(kept) == 1


def hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


async def test_addresses_are_signed_as_amazon_s_own_library_signs_them(
    place: Path, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = await way.store().address_of(hash_of(place / "big"), place / "big", SIZE)
    parts = urlsplit(address)
    told = dict(parse_qsl(parts.query))
    at = datetime.strptime(told["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    request = AWSRequest("GET", address.partition("?")[0])
    known = urlsplit(way.server.settings.files_store_url)
    signer = S3SigV4QueryAuth(
        Credentials(unquote(known.username or ""), unquote(known.password or "")), "s3", "us-east-1", expires=3600
    )
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: at)
    signer.add_auth(request)
    assert dict(parse_qsl(urlsplit(request.url).query)) == told


async def test_a_store_that_fails_is_done_without(jobs: Jobs, place: Path, way: Way) -> None:
    async def refuse(writer: object) -> None:
        """Close the connection without a word."""

    way.to_store.answer = refuse
    assert await sent(jobs, place)
    assert SIZE < way.line.down < SIZE + SMALL
    assert "hosts fetch from the servers for a while" in way.server.log
