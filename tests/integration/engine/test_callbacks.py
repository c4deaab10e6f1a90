"""Callers are told when their jobs end."""

import asyncio
import base64
from contextlib import suppress

import pytest
from tests.integration.engine.receiver import Receiver
from tests.integration.engine.stage import ADMIN, SCOPE, Stage
from tests.waiting import WITHIN_S, eventually

from jobfleet.engine import courier
from jobfleet.engine.courier import SIGNATURE
from jobfleet.model.callback import Outcome
from jobfleet.model.job import StepOperation
from jobfleet.model.status import RunStatus
from jobfleet.operations import operate
from jobfleet.store import callbacks
from jobfleet.store.database import raw


async def test_a_caller_is_told_each_time_the_job_ends(stage: Stage) -> None:
    agent = await stage.agent(1)
    async with Receiver("200 OK").listening() as receiver:
        started = await stage.run(callback_url=receiver.url)
        await agent.end(await agent.run_order(), exit_code=1)
        told = await receiver.call()
        step = [{"step_instance_id": started.step_id, "status": 4}]
        wanted = {"job_instance_id": started.job_id, "status": 4, "step_instances": step, "step_instance_list": step}
        assert told.said == wanted
        assert told.head.startswith("POST /done?x=1 HTTP/1.1")
        ids = started.job_id, started.step_id
        await operate.operate_step(stage.platform, ADMIN, SCOPE, *ids, StepOperation.RETRY_FAILED)
        await agent.end((await agent.runs(2))[-1])
        assert (await receiver.call()).said["status"] == 3


async def test_another_answer_gets_the_form_and_then_more_tries(stage: Stage) -> None:
    agent = await stage.agent(1)
    async with Receiver("500 no", "503 no", "200 OK").listening() as receiver:
        started = await stage.run(callback_url=receiver.url)
        await agent.end(await agent.run_order())
        calls = [await receiver.call() for _ in range(3)]
        assert ["json" in call.head for call in calls] == [True, False, True]
        assert len({call.body for call in calls}) == 1
        assert await ended(stage, started.job_id) == (True, "")


async def test_a_redirect_is_not_followed(stage: Stage) -> None:
    agent = await stage.agent(1)
    async with Receiver("200 OK").listening() as elsewhere:
        answer = f"302 Found\r\nLocation: {elsewhere.url}"
        async with Receiver(answer, answer, "200 OK").listening() as receiver:
            started = await stage.run(callback_url=receiver.url)
            await agent.end(await agent.run_order())
            for _ in range(3):
                await receiver.call()
            assert await ended(stage, started.job_id) == (True, "")
        assert elsewhere.calls.empty()


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest", "http://[fe80::1]/", "http://0.0.0.0:1/", "http://a..b/"]
)
async def test_a_forbidden_address_is_given_up_and_the_job_is_what_it_is(stage: Stage, url: str) -> None:
    agent = await stage.agent(1)
    started = await stage.run(callback_url=url)
    await agent.end(await agent.run_order())
    delivered, reason = await ended(stage, started.job_id)
    assert (delivered, bool(reason)) == (False, True)
    assert (await stage.view(started.job_id)).job.status is RunStatus.SUCCEEDED


async def test_an_answer_without_an_end_is_not_waited_for(stage: Stage) -> None:
    gone = asyncio.Event()

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        with suppress(OSError):
            while True:
                writer.write(bytes(65_536))
                await writer.drain()
        gone.set()

    agent = await stage.agent(1)
    async with await asyncio.start_server(pour, "127.0.0.1", 0) as server, asyncio.timeout(WITHIN_S):
        started = await stage.run(callback_url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        await agent.end(await agent.run_order())
        assert await ended(stage, started.job_id) == (True, "")
        await gone.wait()


async def test_a_callback_is_signed(stage: Stage) -> None:
    agent = await stage.agent(1)
    async with Receiver("200 OK").listening() as receiver:
        await stage.run(callback_url=receiver.url)
        await agent.end(await agent.run_order())
        told = await receiver.call()
    line = next(line for line in told.head.splitlines() if line.lower().startswith(SIGNATURE.lower()))
    at, signed = line.split(": ")[1].removeprefix("t=").split(",ed25519=")
    stage.callback_key.public_key().verify(base64.b64decode(signed), f"{at}.".encode() + told.body)


async def test_several_servers_send_a_callback_once(stage: Stage) -> None:
    for _ in range(3):
        await stage.start_engine(await stage.another_platform())
    agent = await stage.agent(1)
    async with Receiver("200 OK").listening() as receiver:
        started = [await stage.run(callback_url=receiver.url) for _ in range(10)]
        for number in range(10):
            await agent.end((await agent.runs(number + 1))[number])
        told = [(await receiver.call()).said["job_instance_id"] for _ in started]
        assert sorted(map(str, told)) == sorted(str(one.job_id) for one in started)
        for one in started:
            assert await ended(stage, one.job_id) == (True, "")
        assert receiver.calls.empty()


async def test_a_receiver_that_hangs_holds_up_no_other(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "TIMEOUT_S", 600.0)
    agent, hung, over = await stage.agent(1), asyncio.Event(), asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        hung.set()
        await over.wait()
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server, Receiver("200 OK").listening() as receiver:
        try:
            await stage.run(callback_url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
            await agent.end(await agent.run_order())
            await asyncio.wait_for(hung.wait(), WITHIN_S)
            await stage.run(callback_url=receiver.url)
            await agent.end((await agent.runs(2))[-1])
            await receiver.call()
        finally:
            over.set()


async def test_a_message_that_cannot_be_rendered_counts_as_failed(stage: Stage) -> None:
    async with stage.platform.engine.db.begin() as tx:
        await callbacks.insert(tx, 7, "http://127.0.0.1:9/", Outcome(RunStatus.SUCCEEDED, ()), 0)
        await (await raw(tx)).execute("""UPDATE callback SET outcome = '{"of": "another version"}'""")

    async def reason() -> str:
        async with stage.platform.engine.db.begin() as tx:
            return str(await (await raw(tx)).fetchval("SELECT reason FROM callback"))

    assert "ValidationError" in await eventually(reason, lambda told: told not in {"", "None"})


async def ended(stage: Stage, job_id: int) -> tuple[bool, str]:
    """Return whether a job's callback was delivered, and why not, once that is decided."""
    query = "SELECT delivered, reason FROM callback WHERE job_id = $1 AND due_at IS NULL"

    async def look() -> tuple[bool, str] | None:
        async with stage.platform.engine.db.begin() as tx:
            row = await (await raw(tx)).fetchrow(query, job_id)
        return None if row is None else (row[0], row[1])

    found = await eventually(look)
    assert found is not None
    return found
