"""What was decided on an older look at a run is not done, from whichever page."""

import uuid

from playwright.async_api import expect
from tests.acceptance.declared import A, B
from tests.acceptance.stage import Job
from tests.browser.run_samples import encoded
from tests.browser.visits import BIZ, Console


async def retried_elsewhere(console: Console, job: Job) -> None:
    stage = console.stage
    path = f"/api/v1/jobs/{job.id}/steps/{job.step_id}/operate"
    answer = await stage.http.post(path, json={"operation": "retry_failed"}, headers=await stage.bearer())
    answer.raise_for_status()
    await stage.wait_end(job)


async def test_home_and_the_list_of_runs_do_not_retry_what_somebody_else_has_retried(console: Console) -> None:
    for at, (page_of, action) in enumerate(
        (("home", "Retry 2"), ("runs?name=seen+too+late", "Retry failed hosts (2)"))
    ):
        job = await console.stage.run(encoded("exit 3"), A, B, task_name=f"seen too late {at}")
        await console.stage.wait_end(job)
        async with console.visit(f"{BIZ}/{page_of}") as page:
            line = page.locator("li, tr").filter(has_text=f"#{job.id}")
            await line.get_by_role("button", name=action).click()
            await retried_elsewhere(console, job)
            dialog = page.get_by_role("dialog")
            await dialog.get_by_role("button", name="Retry").click()
            await expect(page.get_by_role("list", name="News").get_by_text("the run has moved on")).to_be_visible()
            await expect(dialog).to_have_count(0)
        shown = await console.stage.status(job)
        assert shown["job_instance"]["status"] == 4


async def test_a_question_on_home_outlives_the_row_that_it_was_put_from(console: Console) -> None:
    mark = f"/tmp/jobfleet-browser-{uuid.uuid4().hex}"
    job = await console.stage.run(encoded(f"rm {mark} 2>/dev/null && exit 0; touch {mark}; exit 3"), A)
    await console.stage.wait_end(job)
    async with console.visit(f"{BIZ}/home") as page:
        line = page.locator("li").filter(has_text=f"#{job.id}")
        await line.get_by_role("button", name="Retry 1").click()
        await retried_elsewhere(console, job)
        await expect(line).to_have_count(0)
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("button", name="Retry").click()
        await expect(page.get_by_role("list", name="News").get_by_text("the run has moved on")).to_be_visible()
        await expect(dialog).to_have_count(0)
