"""A job between the wish to stop it and its end: an agent is frozen meanwhile, so that the state stays."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.acceptance.declared import SLEEPY, A
from tests.acceptance.gates import Gates, opened
from tests.acceptance.hold import hold
from tests.acceptance.processes import agent_of
from tests.acceptance.stage import Job, Stage
from tests.acceptance.truth import Row, Truth

SKIP, STOP = 12, 1


@pytest.fixture
def far_gates() -> Iterator[Gates]:
    """Give gates for the host whose agent can be frozen, too."""
    with opened(range(1, SLEEPY + 1)) as found:
        yield found


@pytest.fixture(scope="module")
async def agent(stage: Stage) -> AsyncIterator[asyncio.subprocess.Process]:
    """Give the process of an agent that may be frozen."""
    with TemporaryDirectory(prefix="jobfleet-agents-") as parent:
        async with agent_of(stage, SLEEPY, Path(parent) / "agents" / str(SLEEPY)) as process:
            yield process


@contextmanager
def frozen(process: asyncio.subprocess.Process) -> Iterator[None]:
    """Keep a process from doing anything during the block."""
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


async def on_both(stage: Stage, gates: Gates) -> Job:
    """Return a job that has ended on A and waits on the far host."""
    job = await stage.run(gates.script, A, SLEEPY)
    await gates.succeed(A)
    await stage.wait(job, 9, 7, job_status=2)

    async def output_is_there() -> bool:
        told = await stage.admin.v3("get_job_instance_ip_log", **job.step, bk_host_id=SLEEPY)
        return bool(told["data"]["log_content"])

    await stage.poll(output_is_there)
    return job


def row(status: int, exit_code: int | None = None, error_code: int = 0) -> Row:
    return Row(SLEEPY, status, "", exit_code, error_code, f"host {SLEEPY}\n")


async def test_a_step_that_stops_shows_it_and_can_be_skipped(
    stage: Stage, far_gates: Gates, agent: asyncio.subprocess.Process
) -> None:
    job = await on_both(stage, far_gates)
    good = Row(A, 9, "", 0, log=f"host {A}\n")
    with frozen(agent):
        assert (await stage.admin.v3("operate_job_instance", **job.named, operation_code=STOP))["code"] == 0
        await stage.wait(job, 9, 7, job_status=10)
        await hold(stage, job, Truth(10, 10, (good, row(7)), ((7, "", 1), (9, "", 1)), (2, 1, 1, 0, 0)))
        assert (await stage.admin.v3("operate_job_instance", **job.named, operation_code=STOP))["code"] == 1241003
        assert (await stage.admin.v3("operate_step_instance", **job.step, operation_code=SKIP))["code"] == 0
        await stage.wait(job, 9, 500, job_status=3)
        await hold(stage, job, Truth(3, 5, (good, row(500)), ((9, "", 1), (500, "", 1)), (2, 0, 1, 1, 0)))
    shown = await stage.wait(job, 9, 403, job_status=3)
    code = shown["step_instance_list"][0]["step_ip_result_list"][1]["exit_code"]
    await hold(stage, job, Truth(3, 5, (good, row(403, code, 126)), ((9, "", 1), (403, "", 1)), (2, 0, 1, 1, 0)))


async def test_a_job_stops_as_soon_as_the_frozen_host_is_back(
    stage: Stage, far_gates: Gates, agent: asyncio.subprocess.Process
) -> None:
    job = await on_both(stage, far_gates)
    with frozen(agent):
        assert (await stage.admin.gateway("operate_job_instance", **job.named, operation_code=STOP))["code"] == 0
        await stage.wait(job, 9, 7, job_status=10)
    await stage.wait(job, 9, 403, job_status=11)
