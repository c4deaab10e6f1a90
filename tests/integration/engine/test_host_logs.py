"""One host's log: by lines, searched as a whole, as files, and when it is gone."""

import io
import zipfile

import msgspec
import pytest
import sqlalchemy as sa
from tests.integration.engine.stage import ADMIN, Stage, WireAgent, now_ms, result

from jobfleet.model import job_id
from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.job_errors import StepNotFoundError
from jobfleet.model.job_id import DAY_MS
from jobfleet.model.log_line import MAX_LINE_BYTES
from jobfleet.model.log_search import SearchKind, Sought
from jobfleet.model.normal import Normal
from jobfleet.model.order import Chunk, Report, RunOrder, Segment
from jobfleet.model.status import RunStatus
from jobfleet.operations import compare, host_log, log_files, log_search, why
from jobfleet.operations.host_log import LogKey
from jobfleet.operations.log_files import LogFile
from jobfleet.operations.log_search import Searched
from jobfleet.operations.output_groups import GroupsWanted, output_groups
from jobfleet.store import partitions

Said = tuple[int, bytes]


async def printed(stage: Stage, agent: WireAgent, *pieces: Said, chunk_bytes: int = 200_000) -> LogKey:
    """Run a job whose host prints pieces of (stream, bytes); return what names its log."""
    before = sum(isinstance(order, RunOrder) for order in agent.orders)
    job = await stage.run(hosts=1)
    order = (await agent.runs(before + 1))[-1]
    size = await _send(agent, order, pieces, chunk_bytes)
    await agent.report(Report(1, results=[result(order, output_bytes=size)]))
    await stage.wait(job.job_id, RunStatus.SUCCEEDED)
    return LogKey(job.job_id, job.step_id, order.task_id)


async def _send(agent: WireAgent, order: RunOrder, pieces: tuple[Said, ...], chunk_bytes: int) -> int:
    offset = 0
    for stream, data in pieces:
        for first in range(0, len(data), chunk_bytes):
            part = data[first : first + chunk_bytes]
            segment = Segment(stream, now_ms(), part)
            await agent.report(Report(1, chunks=[Chunk(order.task_id, order.job_id, offset, [segment])]))
            offset += len(part)
    return offset


async def lines(stage: Stage, key: LogKey, first: int, count: int) -> list[str]:
    _, [window] = await host_log.read_window(stage.platform, ADMIN, key, first, count)
    return [line.text for line in window.lines]


async def test_any_lines_are_read_wherever_chunks_end(stage: Stage) -> None:
    [agent] = await stage.agents(1)
    text = "".join(f"line {n} {'é' * (n % 7)}\n" for n in range(1, 5001)).encode() + b"no end"
    key = await printed(stage, agent, (1, text), chunk_bytes=9_973)
    whole = text.decode().split("\n")
    log, [window] = await host_log.read_window(stage.platform, ADMIN, key, 1, 10_000)
    assert [line.text for line in window.lines] == whole
    assert (log.total_lines, log.size_bytes, log.finished) == (5001, len(text), True)
    for first, count in ((1, 3), (2, 1), (777, 500), (4_999, 10), (5_001, 1), (5_002, 5)):
        assert await lines(stage, key, first, count) == whole[first - 1 : first - 1 + count], first
    assert await lines(stage, key, -2, 10) == whole[-2:]
    _, windows = await host_log.read_numbers(stage.platform, ADMIN, key, [5, 6, 4_000])
    assert [(one.first, [line.text for line in one.lines]) for one in windows] == [
        (5, whole[4:6]),
        (4_000, whole[3_999:4_000]),
    ]


async def test_both_streams_long_lines_and_bytes_that_are_no_text_are_shown(stage: Stage) -> None:
    [agent] = await stage.agents(1)
    key = await printed(
        stage,
        agent,
        (1, b"out "),
        (2, "err 😀\n".encode()),
        (1, b"z" * 1_000_000 + b"\n\x00\xff<b>\n"),
    )
    log, [window] = await host_log.read_window(stage.platform, ADMIN, key, 1, 10)
    both, long, odd = window.lines
    assert (both.text, both.stream, both.parts) == ("out err 😀", 3, ((1, 4), (2, 6)))
    assert (len(long.text), long.cut_bytes, long.stream) == (MAX_LINE_BYTES, 1_000_000 - MAX_LINE_BYTES, 1)
    assert odd.text == "\x00\ufffd<b>"
    assert log.total_lines == 3
    assert both.at > 0


async def test_the_whole_log_is_searched_with_true_counts(stage: Stage) -> None:
    [agent] = await stage.agents(1)
    rows = [b"request %d took %d ms" % (n, n % 50) for n in range(20_000)]
    rows[15_000] = b"ERROR the disk is full"
    key = await printed(stage, agent, (1, b"\n".join(rows)), chunk_bytes=60_000)
    found = await _search(stage, key, Sought(SearchKind.PLAIN, "REQUEST"), first=19_000, limit=2)
    assert (found.matches, found.matching_lines, found.total_lines) == (19_999, 19_999, 20_000)
    assert [line.number for line in found.found] == [19_000, 19_001]
    [error] = (await _search(stage, key, Sought(SearchKind.ERROR))).found
    assert (error.number, error.spans) == (15_001, ((0, 5),))
    exact = await _search(stage, key, Sought(SearchKind.REGEX, r"took 49 ms$", case=True), limit=0)
    assert (exact.matching_lines, exact.is_complete, exact.searched_bytes) == (400, True, len(b"\n".join(rows)))
    with pytest.raises(IllegalParameterReasonError):
        await _search(stage, key, Sought(SearchKind.REGEX, "("))


async def test_nobody_holds_a_transaction_while_a_log_is_searched_or_sent(stage: Stage) -> None:
    [agent] = await stage.agents(1)
    key = await printed(stage, agent, (1, b"x\n" * 5_000), chunk_bytes=200)
    async with stage.platform.engine.db.begin() as tx:
        log, reader = await host_log.open_log(tx, stage.platform, ADMIN, key)
    whole = b""
    async for portion in host_log.all_bytes(stage.platform, log, reader):
        whole += portion
        assert await _readers(stage) == 0
    assert len(whole) == 10_000


async def _readers(stage: Stage) -> int:
    """Count transactions that wait for somebody after reading chunks of output."""
    query = """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND state LIKE 'idle in transaction%' AND query LIKE '%c.offset_bytes = ANY%' AND pid <> pg_backend_pid()"""
    async with stage.platform.engine.db.begin() as tx:
        return int((await tx.execute(sa.text(query))).scalar_one())


async def _search(stage: Stage, key: LogKey, sought: Sought, *, first: int = 1, limit: int = 100) -> Searched:
    return await log_search.search_log(stage.platform, ADMIN, key, sought, first=first, limit=limit)


async def test_logs_are_handed_out_whole_plain_compared_and_said_to_be_gone(stage: Stage) -> None:
    [agent] = await stage.agents(1)
    text = b"\x1b[31mred\x1b[0m\r\n\x1b]0;title\x07127.0.0.2 at 10:00:01\n" + b"x" * 5_000_000
    key = await printed(stage, agent, (1, text), chunk_bytes=250_000)
    other = await printed(stage, agent, (1, b"\x1b[31mred\x1b[0m\r\n127.0.0.2 at 10:00:02\n"))
    raw = await log_files.log_file(stage.platform, ADMIN, key, is_plain=False)
    assert (raw.name, await _whole(raw)) == ("127.0.0.2.log", text)
    plain = await _whole(await log_files.log_file(stage.platform, ADMIN, key, is_plain=True))
    assert plain == b"red\n127.0.0.2 at 10:00:01\n" + b"x" * 5_000_000
    packed = await log_files.log_archive(stage.platform, ADMIN, key.job_id, key.step_id, None)
    with zipfile.ZipFile(io.BytesIO(await _whole(packed))) as archive:
        assert archive.testzip() is None
        assert archive.read("127.0.0.2.log") == text
        assert b"127.0.0.2.log,1,0,127.0.0.2,,9,0," in archive.read("index.csv")

    left, right = await compare.compare(stage.platform, ADMIN, other, other, Normal.ADDRESS)
    assert left.text == right.text == "red\n<host> at 10:00:02\n"
    cut, _ = await compare.compare(stage.platform, ADMIN, key, key, Normal.TIMES)
    assert cut.left_out_bytes == len(text) - compare.MAX_SIDE_BYTES

    explained = await why.explain(stage.platform, ADMIN, key)
    assert (explained.account, explained.host and explained.host.host.id, len(explained.digest)) == ("root", 1, 64)
    assert {event.kind for event in explained.events} >= {"step moved", "task moved"}
    with pytest.raises(StepNotFoundError):
        await why.explain(stage.platform, ADMIN, msgspec.structs.replace(key, task_id=key.task_id + 7))
    await _look_when_it_is_gone(stage, key)


async def _look_when_it_is_gone(stage: Stage, key: LogKey) -> None:
    later = stage.at(lambda: now_ms() + 80 * DAY_MS)
    async with later.engine.db.begin() as tx:
        await partitions.drop_expired(tx, later.engine.clock(), history_days=180, output_days=60)
    log, [window] = await host_log.read_window(later, ADMIN, key, 1, 10)
    assert (window.lines, log.gone_at) == ([], job_id.accepted_day_ms(key.job_id) + 60 * DAY_MS)
    groups = await output_groups(later, ADMIN, GroupsWanted(job_id=key.job_id, step_id=key.step_id))
    assert (groups.gone_at, [len(one.tasks) for one in groups.groups]) == (log.gone_at, [1])


async def _whole(file: LogFile) -> bytes:
    return b"".join([part async for part in file.body])
