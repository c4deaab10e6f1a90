"""Reports fit into what the broker takes, however small the pieces are that scripts print."""

from pathlib import Path

import msgspec
import pytest
from tests.integration.agent.server import run_order
from tests.waiting import until

from jobfleet.agent.files import Ended, Entry, TaskFiles
from jobfleet.agent.output import OutputWriter
from jobfleet.agent.reports import Reporter
from jobfleet.agent.task import DiskTask
from jobfleet.model.order import STDERR, STDOUT, Report, Stored
from jobfleet.model.outcome import Outcome

MOST_BYTES = 1_048_576
"""What a broker takes by default, and ours by its configuration."""

NOW = 1_800_000_000_000


class Server:
    """Take reports as a broker with such a server behind it does."""

    def __init__(self) -> None:
        self.output: dict[int, bytes] = {}
        self.refused = 0

    async def ask(self, message: bytes, _wait_s: float) -> bytes:
        if len(message) > MOST_BYTES:
            self.refused += 1
            raise ConnectionError("nats: maximum payload exceeded")
        report = msgspec.msgpack.decode(message, type=Report)
        for chunk in report.chunks:
            known = self.output.get(chunk.task_id, b"")
            assert chunk.offset == len(known)
            self.output[chunk.task_id] = known + b"".join(one.data for one in chunk.segments)
        stored = {one.task_id: len(self.output[one.task_id]) for one in report.chunks}
        return msgspec.msgpack.encode(Stored(output=stored, results=[one.task_id for one in report.results]))


def ended_task(directory: Path, size_bytes: int, *lengths: int) -> DiskTask:
    """Return a task whose script printed so many bytes in pieces of these lengths, by turns to both streams."""
    order = run_order("true")
    files = TaskFiles(directory / str(order.task_id))
    files.directory.mkdir()
    writer = OutputWriter(files.output, size_bytes)
    for turn in range(2 * size_bytes // sum(lengths)):
        writer.add((STDOUT, STDERR)[turn % 2], NOW, b"x" * lengths[turn % 2])
    writer.flush()
    outcome = Outcome.SUCCEEDED
    files.end(Ended(outcome, 0, 0, started_at=NOW, ended_at=NOW, output_bytes=writer.size_bytes))
    return DiskTask(files, Entry(order=order, key="k", boot_id="b", received_at=NOW))


@pytest.mark.parametrize(
    ("sizes", "lengths"),
    [([80_000], (1, 1)), ([200 * 1024, 256 * 1024], (11, 4))],
    ids=["dots", "traces"],
)
async def test_a_backlog_of_small_pieces_is_reported_whole(
    tmp_path: Path, sizes: list[int], lengths: tuple[int, int]
) -> None:
    server, done = Server(), list[int]()
    tasks = [ended_task(tmp_path, size, *lengths) for size in sizes]
    reporter = Reporter(1, server.ask, done.append)
    for task in tasks:
        reporter.add(task, 0.0)
    await until(lambda: server.refused or len(done) == len(tasks))
    await reporter.close()
    assert server.refused == 0
    assert {one.task_id: len(server.output[one.task_id]) for one in tasks} == {
        one.task_id: result.output_bytes for one in tasks if (result := one.result()) is not None
    }
