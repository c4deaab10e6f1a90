"""File steps in the engine: who is ordered what and when, who may give and get which content."""

import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from tests.integration.engine.orders import ordered
from tests.integration.engine.stage import ADMIN, SCOPE, Stage, WireAgent, now_ms, statuses

from jobfleet.bus import agent_http
from jobfleet.bus.nkey import generate_user_seed, private_key, user_text
from jobfleet.model.definition import FileKind, TransferMode
from jobfleet.model.errors import BadRequestError, UnauthenticatedError
from jobfleet.model.file_job import NewFileJob, NewSource
from jobfleet.model.job import StartedJob, StepOperation
from jobfleet.model.job_errors import ContentMismatchError, ContentNotFoundError, UnknownHostsError
from jobfleet.model.order import Chunk, FetchOrder, OfferOrder, Report, Segment, TaskResult
from jobfleet.model.outcome import ErrorCode, Outcome
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.model.target import TargetSpec
from jobfleet.model.transfer import Direction, FileStatus, Manifest, OfferedFile, OfferedItem, Progress
from jobfleet.operations import agent_files, file_sums, logs, operate, step_files, transfer
from jobfleet.operations.agent_files import Piece, Proof
from jobfleet.operations.step_files import Only, StepFiles
from jobfleet.store import tables

DATA = b"the content"
HASH = hashlib.sha256(DATA).hexdigest()


class Hosts:
    """Hosts with agents of their own keys, that give and get files as a test says."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.seeds: dict[int, str] = {}

    async def agent(self, host_id: int) -> WireAgent:
        seed = self.seeds[host_id] = generate_user_seed()
        row = {"host_id": host_id, "public_key": user_text(private_key(seed).public_key()), "enrolled_at": 1}
        async with self.stage.platform.engine.db.begin() as tx:
            await tx.execute(sa.insert(tables.agents), row | {"version": "", "boot_id": "", "refused": {}})
        return await self.stage.agent(host_id)

    def proof(self, host_id: int, task_id: int, method: str = "PUT") -> Proof:
        path = f"/api/agent/v1/tasks/{task_id}/x"
        header = agent_http.sign(private_key(self.seeds[host_id]), host_id, now_ms(), method, path)
        return Proof(header, method, path, task_id)

    async def give(self, host_id: int, order: OfferOrder, data: bytes = DATA) -> str:
        """Give a content and offer it as a file `x`; return the hash of the manifest."""
        content_hash, proof = hashlib.sha256(data).hexdigest(), self.proof(host_id, order.task_id)
        platform = self.stage.platform
        piece = Piece(content_hash, len(data), 0)
        assert (await agent_files.take_piece(platform, proof, piece, portions(data))).complete
        item = OfferedItem(order.paths[0], "x", (OfferedFile("x", 0o644, len(data), content_hash),))
        written = msgspec.msgpack.encode(Manifest((item,)))
        manifest = hashlib.sha256(written).hexdigest()
        await agent_files.take_manifest(platform, proof, manifest, portions(written))
        return manifest

    async def get(self, host_id: int, task_id: int, content_hash: str = HASH) -> bytes:
        proof = self.proof(host_id, task_id, "GET")
        path = await agent_files.content_for_task(self.stage.platform, proof, content_hash)
        return path.read_bytes()


@pytest.fixture
def hosts(stage: Stage) -> Hosts:
    return Hosts(stage)


async def send(stage: Stage, *, sources: tuple[int, ...] = (1,), targets: tuple[int, ...] = (2,)) -> StartedJob:
    source = NewSource(FileKind.HOST, ("/a/x",), None, "root", TargetSpec(host_ids=sources))
    return await transfer.start_transfer(
        stage.platform,
        ADMIN,
        NewFileJob(
            scope=SCOPE,
            name="files",
            sources=(source,),
            target_path="/t",
            account_id=None,
            account_alias="root",
            target=TargetSpec(host_ids=targets),
            mode=TransferMode.FORCE,
        ),
    )


async def end(agent: WireAgent, order: OfferOrder | FetchOrder, error_code: int = ErrorCode.OK) -> None:
    outcome = Outcome.FAILED if error_code else Outcome.SUCCEEDED
    code, now = None if error_code else 0, now_ms()
    result = TaskResult(order.task_id, order.job_id, outcome, code, error_code, now - 5, now, 0, message="so it went")
    await agent.report(Report(agent.host_id, results=[result]))


async def portions(*data: bytes) -> AsyncIterator[bytes]:
    for portion in data:
        yield portion


def stored_contents(directory: Path) -> list[str]:
    return [path.name for path in directory.rglob("*") if re.fullmatch(r"[0-9a-f]{64}", path.name)]


async def test_targets_are_ordered_when_all_sources_have_offered(stage: Stage, hosts: Hosts) -> None:
    first, second, target = [await hosts.agent(host) for host in (1, 2, 3)]
    started = await send(stage, sources=(1, 2), targets=(3,))
    manifests = []
    for agent in (first, second):
        assert target.orders == []
        [offer] = await ordered(agent, OfferOrder)
        assert (offer.paths, offer.account) == (("/a/x",), "root")
        manifests.append(await hosts.give(agent.host_id, offer))
        await end(agent, offer)
    [fetch] = await ordered(target, FetchOrder)
    assert [(part.source, part.directory, part.manifest) for part in fetch.parts] == [
        (1, "/t/", manifests[0]),
        (2, "/t/", manifests[1]),
    ]
    assert await hosts.get(3, fetch.task_id) == DATA
    await end(target, fetch)
    view = await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    assert statuses(view) == [TaskStatus.SUCCEEDED]


async def test_a_content_that_many_offer_is_stored_once(stage: Stage, hosts: Hosts) -> None:
    agents = [await hosts.agent(host) for host in (1, 2)]
    await send(stage, sources=(1, 2), targets=(3,))
    for agent in agents:
        [offer] = await ordered(agent, OfferOrder)
        await hosts.give(agent.host_id, offer)
    assert stored_contents(stage.platform.engine.blobs.path(HASH).parents[1]) == [HASH]


async def test_only_hosts_of_the_step_give_and_get_its_contents(stage: Stage, hosts: Hosts) -> None:
    source, target, _ = [await hosts.agent(host) for host in (1, 2, 3)]
    await send(stage)
    [offer] = await ordered(source, OfferOrder)
    piece = Piece(HASH, len(DATA), 0)
    with pytest.raises(UnknownHostsError):
        await agent_files.take_piece(stage.platform, hosts.proof(3, offer.task_id), piece, portions(DATA))
    forged = msgspec.structs.replace(hosts.proof(1, offer.task_id), path="/another")
    with pytest.raises(UnauthenticatedError):
        await agent_files.take_piece(stage.platform, forged, piece, portions(DATA))
    with pytest.raises(ContentMismatchError):
        await agent_files.take_piece(stage.platform, hosts.proof(1, offer.task_id), Piece(HASH, 3, 0), portions(b"bad"))
    with pytest.raises(BadRequestError):
        await agent_files.take_piece(
            stage.platform, hosts.proof(1, offer.task_id), piece, portions(DATA[:5], DATA[5:] + b"more")
        )
    with pytest.raises(ContentMismatchError):
        await agent_files.take_manifest(stage.platform, hosts.proof(1, offer.task_id), HASH, portions(b"bad"))
    for file in (OfferedFile("x", 0o644, 1, "/etc/passwd"), OfferedFile("x", 0o4755, 0, HASH)):
        lie = msgspec.msgpack.encode(Manifest((OfferedItem("/a", "x", (file,)),)))
        written = hashlib.sha256(lie).hexdigest()
        with pytest.raises(BadRequestError):
            await agent_files.take_manifest(stage.platform, hosts.proof(1, offer.task_id), written, portions(lie))
    await hosts.give(1, offer)
    await end(source, offer)
    [fetch] = await ordered(target, FetchOrder)
    with pytest.raises(ContentNotFoundError):
        await hosts.get(3, fetch.task_id)
    with pytest.raises(ContentNotFoundError):
        await hosts.get(2, fetch.task_id, "0" * 64)
    with pytest.raises(UnknownHostsError):
        await agent_files.take_piece(stage.platform, hosts.proof(2, fetch.task_id), piece, portions(DATA))
    await end(target, fetch)
    with pytest.raises(ContentNotFoundError):
        await hosts.get(2, fetch.task_id)


async def test_a_list_of_files_is_not_read_before_its_sender_is_known_to_offer_any(stage: Stage, hosts: Hosts) -> None:
    source, _ = [await hosts.agent(host) for host in (1, 2)]
    await send(stage)
    [offer] = await ordered(source, OfferOrder)
    nobody = msgspec.structs.replace(hosts.proof(1, offer.task_id), header="")
    for proof, refusal in ((nobody, UnauthenticatedError), (hosts.proof(2, offer.task_id), UnknownHostsError)):
        with pytest.raises(refusal):
            await agent_files.take_manifest(stage.platform, proof, HASH, unreadable())
    written = msgspec.msgpack.encode(Manifest())
    await agent_files.take_manifest(
        stage.platform, hosts.proof(1, offer.task_id), hashlib.sha256(written).hexdigest(), portions(written)
    )


async def test_who_only_offers_files_fetches_none_whatever_it_lists(stage: Stage, hosts: Hosts) -> None:
    source, target = [await hosts.agent(host) for host in (1, 2)]
    blobs = stage.platform.engine.blobs
    foreign = hashlib.sha256(b"of another business").hexdigest()
    await agent_files.store_piece(blobs, Piece(foreign, 19, 0), portions(b"of another business"))
    await send(stage, targets=(1, 2))
    [offer] = await ordered(source, OfferOrder)
    assert await hosts.give(1, offer, b"of another business")
    with pytest.raises(ContentNotFoundError):
        await hosts.get(1, offer.task_id, foreign)
    await end(source, offer)
    for agent in (source, target):
        [fetch] = await ordered(agent, FetchOrder)
        assert await hosts.get(agent.host_id, fetch.task_id, foreign) == b"of another business"


@pytest.mark.parametrize(
    "bad", [b"\x81\xa5items\x91\x83\xa4path\xa1\xff\xa4name\xa0\xa5files\x90", b"\x81\xa1x" + b"\x91" * 100_000]
)
async def test_a_list_of_files_that_makes_no_sense_is_refused(stage: Stage, hosts: Hosts, bad: bytes) -> None:
    source = await hosts.agent(1)
    await send(stage)
    [offer] = await ordered(source, OfferOrder)
    proof = hosts.proof(1, offer.task_id)
    with pytest.raises(BadRequestError):
        await agent_files.take_manifest(stage.platform, proof, hashlib.sha256(bad).hexdigest(), portions(bad))


async def unreadable() -> AsyncIterator[bytes]:
    raise AssertionError("it was read")
    yield b""


async def test_an_offer_that_was_changed_in_the_database_goes_to_nobody(stage: Stage, hosts: Hosts) -> None:
    source, target = [await hosts.agent(host) for host in (1, 2)]
    started = await send(stage)
    [offer] = await ordered(source, OfferOrder)
    await hosts.give(1, offer)
    async with stage.platform.engine.db.begin() as tx:
        await tx.execute(sa.update(tables.tasks).where(tables.tasks.c.id == offer.task_id).values(manifest="0" * 64))
    await end(source, offer)
    await stage.wait(started.job_id, RunStatus.ABNORMAL)
    assert target.orders == []


async def test_files_go_to_no_host_that_is_no_target_of_their_step(stage: Stage, hosts: Hosts) -> None:
    source, target, other = [await hosts.agent(host) for host in (1, 2, 3)]
    started = await send(stage)
    [offer] = await ordered(source, OfferOrder)
    await hosts.give(1, offer)
    await move_tasks(stage, tables.tasks.c.ordinal >= 0)
    await end(source, offer)
    await stage.wait(started.job_id, RunStatus.ABNORMAL)
    assert (target.orders, other.orders) == ([], [])


async def test_files_come_from_no_host_that_is_no_source_of_their_step(stage: Stage, hosts: Hosts) -> None:
    source, target, other = [await hosts.agent(host) for host in (1, 2, 3)]
    started = await send(stage)
    [offer] = await ordered(source, OfferOrder)
    await end(source, offer, ErrorCode.RUNNER_LOST)
    [fetch] = await ordered(target, FetchOrder)
    await end(target, fetch, ErrorCode.SOURCE_LOST)
    await stage.wait(started.job_id, RunStatus.FAILED)
    await move_tasks(stage, tables.tasks.c.ordinal < 0)
    ids = started.job_id, started.step_id
    await operate.operate_step(stage.platform, ADMIN, SCOPE, *ids, StepOperation.RETRY_ALL)
    await stage.wait(started.job_id, RunStatus.ABNORMAL)
    assert (len(source.orders), other.orders) == (1, [])


async def move_tasks(stage: Stage, which: sa.ColumnElement[bool]) -> None:
    """Make tasks another host's, as only somebody who writes to the database can."""
    async with stage.platform.engine.db.begin() as tx:
        await tx.execute(sa.update(tables.tasks).where(which).values(host_id=3))


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (ErrorCode.ACCOUNT_MISSING, ErrorCode.FILE_UNREADABLE),
        (ErrorCode.TIME_LIMIT, ErrorCode.TIME_LIMIT),
        (ErrorCode.RUNNER_LOST, ErrorCode.SOURCE_LOST),
    ],
)
async def test_a_source_that_offers_nothing_is_told_to_the_targets(
    stage: Stage, hosts: Hosts, code: ErrorCode, told: ErrorCode
) -> None:
    source, target = [await hosts.agent(host) for host in (1, 2)]
    await send(stage)
    await end(source, (await ordered(source, OfferOrder))[0], code)
    [fetch] = await ordered(target, FetchOrder)
    [failed] = fetch.parts[0].failed
    assert (failed.path, failed.error_code) == ("/a/x", told)
    assert "so it went" in failed.message


async def test_a_source_without_an_agent_leaves_the_targets_incomplete(stage: Stage, hosts: Hosts) -> None:
    async with stage.platform.engine.db.begin() as tx:
        row = {"id": 90, "business_id": 2, "cloud_id": 0, "ipv6": "fd00::90"}
        await tx.execute(sa.insert(tables.hosts), row)
    target = await hosts.agent(2)
    await send(stage, sources=(90,))
    [fetch] = await ordered(target, FetchOrder)
    [failed] = fetch.parts[0].failed
    assert (failed.error_code, failed.message) == (ErrorCode.OK, "the source host has no agent")


async def test_a_retry_orders_sources_again_and_successful_targets_not(stage: Stage, hosts: Hosts) -> None:
    source, good, bad = [await hosts.agent(host) for host in (1, 2, 3)]
    started = await send(stage, targets=(2, 3))
    [offer] = await ordered(source, OfferOrder)
    await hosts.give(1, offer)
    await end(source, offer)
    await end(good, (await ordered(good, FetchOrder))[0])
    await end(bad, (await ordered(bad, FetchOrder))[0], ErrorCode.DISK_FULL)
    assert statuses(await stage.wait(started.job_id, RunStatus.FAILED)) == [
        TaskStatus.SUCCEEDED,
        TaskStatus.FILE_UNREADABLE,
    ]
    await operate.operate_step(
        stage.platform, ADMIN, SCOPE, started.job_id, started.step_id, StepOperation.RETRY_FAILED
    )
    again = (await ordered(source, OfferOrder, 2))[-1]
    assert again.task_id != offer.task_id
    await hosts.give(1, again)
    await end(source, again)
    await end(bad, (await ordered(bad, FetchOrder, 2))[-1])
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    assert len(good.orders) == 1


async def tell(agent: WireAgent, order: FetchOrder, error_code: int = ErrorCode.OK) -> None:
    """End a host whose one file was half there, and has failed when `error_code` says so."""
    status = FileStatus.FAILED if error_code else FileStatus.FINISHED
    news = Progress(now_ms(), Direction.DOWNLOAD, 1, "/a/x", "/t/x", FileStatus.DOWNLOADING, len(DATA), 4, 64)
    last = msgspec.structs.replace(news, status=status, message="disk full" if error_code else "")
    text = b"".join(msgspec.json.encode(one) + b"\n" for one in (news, last))
    chunk = Chunk(order.task_id, order.job_id, 0, [Segment(1, now_ms(), text)])
    await agent.report(Report(agent.host_id, chunks=[chunk]))
    await end(agent, order, error_code)


async def test_the_files_of_a_step_are_shown_for_all_hosts_those_that_failed_first(stage: Stage, hosts: Hosts) -> None:
    source, good, bad = [await hosts.agent(host) for host in (1, 2, 3)]
    started = await send(stage, targets=(2, 3, 4))

    async def shown(only: Only) -> StepFiles:
        ids = started.job_id, started.step_id
        return await step_files.step_files(stage.platform, ADMIN, *ids, attempt=None, only=only)

    [offer] = await ordered(source, OfferOrder)
    waiting = await shown("open")
    assert [one.last.status for one in waiting.files] == [FileStatus.WAITING] * len(waiting.files)
    await hosts.give(1, offer)
    await end(source, offer)
    await tell(good, (await ordered(good, FetchOrder))[0])
    await tell(bad, (await ordered(bad, FetchOrder))[0], ErrorCode.DISK_FULL)
    await stage.wait(started.job_id, RunStatus.FAILED)
    found = await shown("all")
    assert (found.task_count, found.read_count) == (4, 4)
    states = [(one.task.target.host_id, FileStatus(one.last.status), one.last.message) for one in found.files]
    assert states[0] == (3, FileStatus.FAILED, "disk full")
    assert sorted((host, status) for host, status, _ in states) == [
        (1, FileStatus.FINISHED),
        (2, FileStatus.FINISHED),
        (3, FileStatus.FAILED),
        (4, FileStatus.FAILED),
    ]
    sums = {one.last.path: one.sha256 for one in found.files if one.last.path}
    assert sums == {"/a/x": HASH}
    failed = await shown("failed")
    assert ({one.task.target.host_id for one in failed.files}, failed.task_count) == ({3, 4}, 2)
    assert (await shown("open")).files == []


async def test_the_sums_of_many_sources_are_read_at_once_and_once_only(stage: Stage, hosts: Hosts) -> None:
    file_sums._kept.clear()
    sources = [await hosts.agent(host) for host in (1, 2, 3)]
    target = await hosts.agent(4)
    started = await send(stage, sources=(1, 2, 3), targets=(4,))
    for number, source in enumerate(sources, 1):
        [offer] = await ordered(source, OfferOrder)
        await hosts.give(number, offer, b"of %d" % number)
        await end(source, offer)
    await tell(target, (await ordered(target, FetchOrder))[0])
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    sums, asked = [hashlib.sha256(b"of %d" % number).hexdigest() for number in (1, 2, 3)], list[str]()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    sa.event.listen(stage.platform.engine.db._engine.sync_engine, "before_cursor_execute", note)
    for reads in (1, 0):
        asked.clear()
        ids = started.job_id, started.step_id
        found = await step_files.step_files(stage.platform, ADMIN, *ids, attempt=None, only="all")
        assert {one.sha256 for one in found.files} == set(sums)
        assert len([statement for statement in asked if "FROM content" in statement]) == reads


async def test_what_hosts_told_of_files_that_does_not_fit_into_an_answer_is_named_so(
    stage: Stage, hosts: Hosts
) -> None:
    source, *targets = [await hosts.agent(host) for host in (1, 2, 3)]
    started = await send(stage, targets=(2, 3))
    [offer] = await ordered(source, OfferOrder)
    await hosts.give(1, offer)
    await end(source, offer)
    for target in targets:
        await tell(target, (await ordered(target, FetchOrder))[0])
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    small = msgspec.structs.replace(stage.platform, log_answer_bytes=1)
    log = await logs.job_log(small, ADMIN, SCOPE, started.job_id)
    texts = [entry.text for entry in log.steps[0].groups[0][2]]
    assert "/t/x" in texts[0]
    assert texts[1] == "output left out: an answer holds 1 bytes; ask for this host alone"
