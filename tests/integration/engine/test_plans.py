"""Plans on a real engine, with hosts that do as a test says: steps that roll, steps that are passed over."""

from tests.integration.engine.stage import ADMIN, SCOPE, Stage

from jobfleet.model.job import JobOperation, JobView, StartedJob, StepOperation
from jobfleet.model.rolling import Rolling, RollingMode
from jobfleet.model.status import RunStatus
from jobfleet.model.target import TargetSpec
from jobfleet.model.template import NewPlan, NewPlanJob, NewTemplate, ScriptAction, TemplateStep
from jobfleet.operations import operate, plans, templates
from jobfleet.operations.start_plan import start_plan

SUCCEEDED, FAILED, IGNORED, PENDING = RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.IGNORED, RunStatus.PENDING


def step(name: str, hosts: int = 1, rolling: Rolling | None = None, *, ignore_error: bool = False) -> TemplateStep:
    target = TargetSpec(tuple(range(1, hosts + 1)))
    action = ScriptAction(target=target, account_alias="root", content=name.encode(), rolling=rolling)
    return TemplateStep(name, action, ignore_error)


async def start(stage: Stage, *steps: TemplateStep) -> StartedJob:
    template = await templates.create_template(stage.platform, ADMIN, NewTemplate(SCOPE, "a plan", steps))
    plan = await plans.create_plan(stage.platform, ADMIN, SCOPE, template.id, NewPlan("a plan"))
    return await start_plan(stage.platform, ADMIN, NewPlanJob(SCOPE, plan.id))


async def act(stage: Stage, view: JobView, number: int, operation: StepOperation) -> None:
    ids = view.job.id, view.steps[number].id
    await operate.operate_step(stage.platform, ADMIN, SCOPE, *ids, operation)


def statuses(view: JobView) -> list[RunStatus]:
    return [one.status for one in view.steps]


async def test_a_step_in_the_middle_rolls_and_the_next_one_waits_for_its_last_batch(stage: Stage) -> None:
    first, second = await stage.agents(2)
    started = await start(stage, step("one"), step("two", 2, Rolling("1")), step("three", 2))
    await first.end((await first.runs(1))[-1])
    await first.end((await first.runs(2))[-1])
    assert len(await first.runs(2)) == 2
    await second.end((await second.runs(1))[-1])
    await first.end((await first.runs(3))[-1])
    await second.end((await second.runs(2))[-1])
    view = await stage.wait(started.job_id, SUCCEEDED)
    assert statuses(view) == [SUCCEEDED] * 3
    assert [task.batch for one in view.steps for task in view.tasks[one.id]] == [0, 1, 2, 0, 0]


async def test_a_batch_that_fails_in_the_middle_pauses_the_job_until_it_is_retried(stage: Stage) -> None:
    first, second = await stage.agents(2)
    started = await start(stage, step("one", 2, Rolling("1")), step("two"))
    await first.end((await first.runs(1))[-1], exit_code=1)
    view = await stage.wait(started.job_id, FAILED)
    assert (statuses(view), second.orders) == ([FAILED, PENDING], [])
    await act(stage, view, 0, StepOperation.RETRY_FAILED)
    await first.end((await first.runs(2))[-1])
    await second.end((await second.runs(1))[-1])
    await first.end((await first.runs(3))[-1])
    view = await stage.wait(started.job_id, SUCCEEDED)
    assert [one.attempt for one in view.steps] == [1, 0]


async def test_batches_whose_failures_are_ignored_let_batches_and_steps_follow(stage: Stage) -> None:
    first, second = await stage.agents(2)
    rolling = Rolling("1", RollingMode.IGNORE_FAILURES)
    started = await start(stage, step("one", 2, rolling), step("two"))
    await first.end((await first.runs(1))[-1])
    await second.end((await second.runs(1))[-1], exit_code=1)
    await first.end((await first.runs(2))[-1])
    assert statuses(await stage.wait(started.job_id, SUCCEEDED)) == [IGNORED, SUCCEEDED]


async def test_a_person_lets_batches_go_in_the_middle_of_a_job(stage: Stage) -> None:
    first, second = await stage.agents(2)
    rolling = Rolling("1", RollingMode.ASK_EACH_TIME)
    started = await start(stage, step("one"), step("two", 2, rolling), step("three"))
    await first.end((await first.runs(1))[-1])
    await first.end((await first.runs(2))[-1])
    view = await stage.wait(started.job_id, RunStatus.WAITING)
    assert statuses(view) == [SUCCEEDED, RunStatus.WAITING, PENDING]
    await act(stage, view, 1, StepOperation.CONTINUE_ROLLING)
    await second.end((await second.runs(1))[-1])
    await first.end((await first.runs(3))[-1])
    assert statuses(await stage.wait(started.job_id, SUCCEEDED)) == [SUCCEEDED] * 3


async def test_a_step_that_does_not_stop_is_skipped_by_force_and_the_job_goes_on(stage: Stage) -> None:
    first = await stage.agent(1)
    started = await start(stage, step("one"), step("two"))
    await first.runs(1)
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    await first.kill_order()
    view = await stage.wait(started.job_id, RunStatus.STOPPING)
    await act(stage, view, 0, StepOperation.FORCE_SKIP)
    await first.end((await first.runs(2))[-1])
    assert statuses(await stage.wait(started.job_id, SUCCEEDED)) == [RunStatus.SKIPPED, SUCCEEDED]
