"""Several requests at the same moment: one wish is granted once."""

import asyncio
from collections import Counter
from collections.abc import Awaitable

from tests.acceptance.declared import ACCOUNT, BIZ, A, B
from tests.acceptance.gates import Gates, encoded
from tests.acceptance.stage import Stage
from tests.acceptance.surfaces import Json

RETRY_FAILED, IGNORE, STOP, START = 2, 3, 1, 2
REFUSED = 1241003


async def codes(*calls: Awaitable[Json]) -> Counter[int]:
    """Return how often each code was answered to calls made at once."""
    answers = await asyncio.gather(*calls)
    return Counter(answer["code"] for answer in answers)


async def test_a_step_is_retried_once_however_many_ask_at_the_same_time(stage: Stage, gates: Gates) -> None:
    job = await stage.run(gates.script, A, B)
    await gates.succeed(A)
    await gates.fail(B, 1)
    await stage.wait(job, 9, 104, job_status=4)
    asked = [stage.admin.v3("operate_step_instance", **job.step, operation_code=RETRY_FAILED) for _ in range(6)]
    assert await codes(*asked) == {0: 1, REFUSED: 5}
    await gates.succeed(B)
    shown = await stage.wait(job, 9, 9, job_status=3)
    assert (shown["step_instance_list"][0]["execute_count"], gates.runs(A), gates.runs(B)) == (1, 1, 2)


async def test_a_job_is_started_and_stopped_once(stage: Stage, gates: Gates) -> None:
    job = await stage.run(gates.script, A, start_task=False)
    asked = [stage.admin.v2("operate_job_instance", **job.named, operation_code=START) for _ in range(6)]
    assert await codes(*asked) == {0: 1, 1241015: 5}
    await stage.wait(job, 7, job_status=2)
    asked = [stage.admin.v2("operate_job_instance", **job.named, operation_code=STOP) for _ in range(6)]
    assert await codes(*asked) == {0: 1, REFUSED: 5}
    await stage.wait(job, 403, job_status=11)
    assert gates.runs(A) == 1


async def test_of_contrary_wishes_one_is_granted(stage: Stage, gates: Gates) -> None:
    job = await stage.run(gates.script, A)
    await gates.fail(A, 1)
    await stage.wait(job, 104, job_status=4)
    wishes = (RETRY_FAILED, IGNORE) * 3
    answers = await asyncio.gather(
        *(stage.admin.gateway("operate_step_instance", **job.step, operation_code=wish) for wish in wishes)
    )
    [granted] = [wish for wish, answer in zip(wishes, answers, strict=True) if answer["code"] == 0]
    if granted == RETRY_FAILED:
        await gates.succeed(A)
    await stage.wait(job, 9 if granted == RETRY_FAILED else 104, job_status=3)


async def test_many_jobs_at_once_all_end_well(stage: Stage) -> None:
    jobs = await asyncio.gather(*(stage.run(encoded(f"echo {number}"), A, B) for number in range(30)))
    for number, job in enumerate(jobs):
        await stage.wait(job, 9, 9, job_status=3)
        log = await stage.admin.v3("batch_get_job_instance_ip_log", **job.step, host_id_list=[A, B])
        assert [one["log_content"] for one in log["data"]["script_task_logs"]] == [f"{number}\n"] * 2


async def test_an_idempotency_key_belongs_to_its_caller(stage: Stage) -> None:
    wanted = BIZ | {
        "script_content": encoded("true"),
        "script_language": 1,
        "account_alias": ACCOUNT,
        "target_server": {"host_id_list": [A]},
    }
    started = set()
    for user in ("admin", "oleg", "admin", "oleg"):
        headers = stage.admin.as_user(user).authorization() | {"Idempotency-Key": "shared"}
        answer = await stage.http.post("/api/v3/fast_execute_script", json=wanted, headers=headers)
        started.add(answer.json()["data"]["job_instance_id"])
    assert len(started) == 2
