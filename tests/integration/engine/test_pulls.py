"""Fetching from object stores: taken over by another server, proven against the database, kept within the guard."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec
import pytest
import sqlalchemy as sa
from tests.integration.engine.orders import ordered
from tests.integration.engine.stage import ADMIN, SCOPE, Stage
from tests.object_store import Line, ObjectStore, object_store
from tests.waiting import eventually, until

from jobfleet.engine.guard import Guard, RefusedAddressError, check_endpoint, checked_address
from jobfleet.engine.object_store import Bucket, ObjectError
from jobfleet.model.callback import CallbackPolicy
from jobfleet.model.caller import Caller
from jobfleet.model.credential import CredentialWords
from jobfleet.model.definition import FileKind, TransferMode
from jobfleet.model.errors import ForbiddenError, InternalError
from jobfleet.model.file_job import NewFileJob, NewSource
from jobfleet.model.file_source import Access, FileSourceWords
from jobfleet.model.job import HostSelector, StartedJob
from jobfleet.model.job_errors import ContentNotFoundError, StorageError
from jobfleet.model.order import FetchOrder
from jobfleet.model.outcome import ErrorCode
from jobfleet.model.resource_errors import EndpointRefusedError, UploadTooLargeError
from jobfleet.model.status import RunStatus
from jobfleet.model.target import TargetSpec
from jobfleet.model.transfer import Direction, FileStatus
from jobfleet.operations import agent_files, credentials, file_sources, transfer, uploads
from jobfleet.operations.file_logs import host_file_logs
from jobfleet.operations.platform import Platform
from jobfleet.store import tables
from jobfleet.store.blobs import Blobs

BIG = os.urandom(4 * 2**20)
LOCAL = CallbackPolicy(loopback=True)


@pytest.fixture(scope="module")
async def store(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ObjectStore]:
    async with object_store(tmp_path_factory.mktemp("store") / "log") as running:
        await running.put("big", BIG)
        yield running


def trusting(platform: Platform) -> Platform:
    """Return a platform whose file sources may be on this machine."""
    return msgspec.structs.replace(platform, engine=msgspec.structs.replace(platform.engine, source_policy=LOCAL))


async def source_at(platform: Platform, store: ObjectStore, endpoint: str) -> None:
    secrets = {"credential_access_key": store.access_key, "credential_secret_key": store.secret_key}
    made = await credentials.create(platform, ADMIN, SCOPE, CredentialWords("key", "APP_ID_SECRET_KEY", "", secrets))
    words = FileSourceWords("code", "alias", "S3", Access(endpoint), made.id)
    await file_sources.create(platform, ADMIN, SCOPE, words)


async def send(platform: Platform, path: str = "artifacts/big") -> StartedJob:
    source = NewSource(FileKind.FILE_SOURCE, (path,), file_source_code="code")
    new = NewFileJob(SCOPE, "files", (source,), "/t", None, "root", TargetSpec(host_ids=(1,)), TransferMode.FORCE)
    return await transfer.start_transfer(platform, ADMIN, new)


async def told_of(platform: Platform, started: StartedJob) -> set[int]:
    """Return how the files are that the server fetches."""
    ids = started.job_id, started.step_id
    hosts = await host_file_logs(platform, ADMIN, SCOPE, *ids, HostSelector(host_ids=(1,)))
    return {int(one.status) for host in hosts for one in host.files if one.mode is Direction.UPLOAD}


def partial_contents(platform: Platform) -> list[Path]:
    return list(platform.engine.blobs.path("0" * 64).parents[1].glob("partial/go-*"))


async def test_another_server_goes_on_with_what_one_has_begun_to_fetch(idle_stage: Stage, store: ObjectStore) -> None:
    platform = trusting(idle_stage.platform)
    engine, target = await idle_stage.start_engine(platform), await idle_stage.agent(1)
    line = Line(store.endpoint)
    line.hold_at = 1_500_000
    async with line.open() as endpoint:
        await source_at(platform, store, endpoint)
        started = await send(platform)
        await until(lambda: any(path.stat().st_size for path in partial_contents(platform)))
        await eventually(lambda: told_of(platform, started), lambda news: FileStatus.PULLING in news)
        await engine.stop()
        line.hold_at = None
        line.answered_bytes = 0
        assert target.orders == []
        await idle_stage.start_engine(platform)
        [order] = await ordered(target, FetchOrder)
        assert line.answered_bytes < 0.9 * len(BIG)
    assert (order.job_id, len(order.parts), order.parts[0].source) == (started.job_id, 1, 0)


async def test_files_that_a_server_fetched_are_told_or_counted_in_little_room(
    idle_stage: Stage, store: ObjectStore
) -> None:
    ctx = msgspec.structs.replace(idle_stage.platform.engine, source_policy=LOCAL, output_cap_bytes=4096)
    platform = msgspec.structs.replace(idle_stage.platform, engine=ctx)
    await asyncio.gather(*[store.put(f"many/{number}.txt", b"x") for number in range(40)])
    target = await idle_stage.agent(1)
    await source_at(platform, store, store.endpoint)
    await idle_stage.start_engine(platform)
    started = await send(platform, "artifacts/many/*.txt")
    await ordered(target, FetchOrder)
    ids = started.job_id, started.step_id
    [host] = await host_file_logs(platform, ADMIN, SCOPE, *ids, HostSelector(host_ids=(1,)))
    *told, rest = [one for one in host.files if one.mode is Direction.UPLOAD]
    assert {one.status for one in told} == {FileStatus.FINISHED}
    names = {one.path for one in told} - {"alias/artifacts/many/*.txt"}  # it was told of while it was looked up
    assert (rest.path, rest.status) == (f"({40 - len(names)} more)", FileStatus.FINISHED)
    assert 10 < len(names) < 40


async def test_a_source_that_was_changed_in_the_database_is_not_asked(idle_stage: Stage, store: ObjectStore) -> None:
    platform = trusting(idle_stage.platform)
    line = Line(store.endpoint)
    async with line.open() as endpoint:
        await source_at(platform, store, store.endpoint)
        async with platform.engine.db.begin() as tx:
            access = msgspec.to_builtins(Access(endpoint))
            await tx.execute(sa.update(tables.file_sources).values(access=access))
        await idle_stage.start_engine(platform)
        started = await send(platform)
        await idle_stage.wait(started.job_id, RunStatus.ABNORMAL)
        assert line.answered_bytes == 0


@pytest.mark.parametrize(
    "change", [{"file_prefix": "../"}, {"public": True}, {"shared_with": ["biz:3"]}, {"credential_id": "other"}]
)
async def test_a_source_that_was_changed_in_the_database_is_not_sealed_anew(
    idle_stage: Stage, store: ObjectStore, change: dict[str, object]
) -> None:
    platform = trusting(idle_stage.platform)
    await source_at(platform, store, store.endpoint)
    async with platform.engine.db.begin() as tx:
        await tx.execute(sa.text("ALTER TABLE file_source DROP CONSTRAINT file_source_credential_id_fkey"))
        await tx.execute(sa.update(tables.file_sources).values(change))
    with pytest.raises(InternalError):
        await file_sources.update(platform, ADMIN, SCOPE, FileSourceWords("code", "renamed"))


PASSWORD = CredentialWords("", "PASSWORD", "", {"credential_password": "x"})


async def test_a_credential_that_opens_no_store_any_more_fails_the_step(idle_stage: Stage, store: ObjectStore) -> None:
    platform = trusting(idle_stage.platform)
    await source_at(platform, store, store.endpoint)
    [key] = await credentials.list_all(platform, ADMIN, SCOPE)
    spare = msgspec.structs.replace(PASSWORD, name="spare")
    other = await credentials.create(platform, ADMIN, SCOPE, spare)
    for used, change in ((other.id, PASSWORD), (key.id, None)):
        async with platform.engine.db.begin() as tx:
            await tx.execute(sa.update(tables.file_sources).values(credential_id=used))
        if change is not None:
            await credentials.update(platform, ADMIN, SCOPE, key.id, msgspec.structs.replace(change, name=key.name))
    await idle_stage.start_engine(platform)
    started = await send(platform)
    await idle_stage.wait(started.job_id, RunStatus.FAILED)


async def test_the_network_is_asked_nothing_for_who_may_make_no_source(stage: Stage) -> None:
    words = FileSourceWords("code", "alias", "S3", Access("http://169.254.169.254"), "key")
    nobody = Caller("nobody", "", platform_admin=False, grants=())
    with pytest.raises(ForbiddenError):
        await file_sources.create(stage.platform, nobody, SCOPE, words)


async def test_the_guard_connects_to_no_forbidden_address_and_serves_us_only(store: ObjectStore) -> None:
    keys = {"credential_access_key": store.access_key, "credential_secret_key": store.secret_key}
    strict, friendly = Guard(CallbackPolicy()), Guard(LOCAL)
    try:
        with pytest.raises(ObjectError) as refused:
            await Bucket(Access(store.endpoint), "artifacts", keys, await strict.url()).head("big")
        assert refused.value.error_code == ErrorCode.FILE_FORBIDDEN
        assert "the address is refused" in str(refused.value)
        found = await Bucket(Access(store.endpoint), "artifacts", keys, await friendly.url()).head("big")
        assert found.size_bytes == len(BIG)
        stranger = (await friendly.url()).replace("guard:", "guard:not")
        async with httpx.AsyncClient(proxy=stranger, trust_env=False) as http:
            assert (await http.get(store.endpoint)).status_code == 451
    finally:
        await strict.close()
        await friendly.close()


@pytest.mark.parametrize("host", ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "100.100.100.200", "0.0.0.0"])
async def test_metadata_services_are_refused_whatever_the_policy(host: str) -> None:
    with pytest.raises(RefusedAddressError):
        await checked_address(LOCAL, host, 80)
    written = f"[{host}]" if ":" in host else host
    with pytest.raises(EndpointRefusedError):
        await check_endpoint(LOCAL, f"http://{written}")


async def test_a_host_that_can_have_no_address_is_refused() -> None:
    with pytest.raises(EndpointRefusedError):
        await check_endpoint(LOCAL, "http://a..b")


async def test_an_upload_has_a_largest_size_and_leaves_nothing_when_it_is_larger(stage: Stage) -> None:
    platform = msgspec.structs.replace(stage.platform, upload_limit_bytes=10)
    made = await uploads.make_addresses(platform, ADMIN, SCOPE, ["exact", "announced", "longer"])
    assert (await uploads.take_upload(platform, made["exact"].token, body(b"12345", b"67890"), 10)).size_bytes == 10
    with pytest.raises(UploadTooLargeError):
        await uploads.take_upload(platform, made["announced"].token, body(b"12345", b"678901"), 11)
    await uploads.take_upload(platform, made["announced"].token, body(b"shorter"), None)  # its address stayed good
    with pytest.raises(UploadTooLargeError):
        await uploads.take_upload(platform, made["longer"].token, body(b"12345", b"678901"), None)
    with pytest.raises(ContentNotFoundError):
        await uploads.take_upload(platform, made["longer"].token, body(b"1"), None)
    directory = platform.engine.blobs.path("0" * 64).parents[1]
    assert sorted(path.stat().st_size for path in directory.rglob("*") if path.is_file()) == [7, 10]


async def test_an_upload_that_the_disk_has_no_room_for_is_refused(stage: Stage) -> None:
    platform = msgspec.structs.replace(stage.platform, upload_limit_bytes=2**60)
    made = await uploads.make_addresses(platform, ADMIN, SCOPE, ["huge"])
    with pytest.raises(StorageError):
        await uploads.take_upload(platform, made["huge"].token, body(b""), 2**59)


class Watched(Blobs):
    """Count how often somebody looks for room."""

    looks = 0

    def check_room(self, size_bytes: int) -> None:
        self.looks += 1
        super().check_room(size_bytes)


@pytest.mark.parametrize(("blocks", "looks"), [(15, 1), (17, 2), (33, 3)])
async def test_an_upload_looks_for_room_again_and_again_while_it_comes(
    stage: Stage, tmp_path: Path, blocks: int, looks: int
) -> None:
    blobs = Watched(tmp_path)
    platform = msgspec.structs.replace(
        stage.platform, engine=msgspec.structs.replace(stage.platform.engine, blobs=blobs)
    )
    made = await uploads.make_addresses(platform, ADMIN, SCOPE, ["unannounced"])
    await uploads.take_upload(platform, made["unannounced"].token, body(*[b"x" * 2**20] * blocks), None)
    assert blobs.looks == looks


@pytest.mark.parametrize(("blocks", "looks"), [(15, 1), (17, 2)])
async def test_a_piece_of_an_agent_looks_for_room_while_it_comes(tmp_path: Path, blocks: int, looks: int) -> None:
    blobs, data = Watched(tmp_path), b"x" * 2**20 * blocks
    piece = agent_files.Piece(hashlib.sha256(data).hexdigest(), len(data), 0)
    kept = await agent_files.store_piece(blobs, piece, body(*[b"x" * 2**20] * blocks))
    assert (kept.complete, blobs.looks) == (True, looks)


async def body(*blocks: bytes) -> AsyncIterator[bytes]:
    for block in blocks:
        yield block


async def test_a_content_without_a_hash_is_gone_on_with_and_only_by_one(stage: Stage) -> None:
    blobs = stage.platform.engine.blobs
    first = blobs.resume("mark")
    first.write(b"one ")
    other = blobs.resume("mark")
    assert other.size_bytes == 0  # somebody else is at it
    other.drop()
    first.leave()
    again = blobs.resume("mark")
    assert again.size_bytes == 4
    again.write(b"two")
    content_hash = again.finish()
    assert blobs.path(content_hash).read_bytes() == b"one two"
    fresh = blobs.resume("mark")
    assert fresh.size_bytes == 0
    fresh.drop()
