"""The engine against the rules of its rows, under random operations, faults, delays and restarts.

Hypothesis draws what happens, and shortens what fails. What it draws never depends on what the engine did, which is not
always the same: a deed gets a number, and makes its choices of what is there with it. `JOBFLEET_MODEL_EXAMPLES` and
`JOBFLEET_MODEL_SEED` make the test longer and different: see `make model-soak`.
"""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from tests.integration.engine.rules import JOB_RULES, Record, Row, may, may_choose, not_kept
from tests.integration.engine.stage import ADMIN, SCOPE, Stage
from tests.integration.engine.storm import HOSTS, NO_AGENT, Host, Storm, approval, describe, script

from jobfleet.engine import orders
from jobfleet.engine.accept import NewStep
from jobfleet.model.errors import JobfleetError
from jobfleet.model.history import JobFilter
from jobfleet.model.job import JobOperation, StepFilter, StepOperation, StepType
from jobfleet.model.job_id import DAY_MS
from jobfleet.model.rolling import Rolling, RollingMode
from jobfleet.model.run_actions import Said
from jobfleet.operations import logs, operate, query, watch

EXAMPLES = int(os.environ.get("JOBFLEET_MODEL_EXAMPLES", "8"))
SEED = os.environ.get("JOBFLEET_MODEL_SEED", "")
"""Without one, the same happens every time."""

DEEDS = 30
"""Most that happens to one job before its end."""

JUMPS_MS = (0, 1_000, 5_000, 16_000, 61_000, 400_000)
PERSON = ADMIN.username
EXIT_CODES = (0, 0, 3)

ROLLINGS = st.one_of(
    st.none(),
    st.builds(Rolling, st.sampled_from(("1", "1 2", "50%", "100%")), st.sampled_from(list(RollingMode))),
    st.builds(
        lambda wait_ms: Rolling("1", parallel=True, wait_fixed_ms=wait_ms, wait_random_max_ms=10),
        st.sampled_from((0, 5_000)),
    ),
)
HOST_LISTS = st.lists(st.sampled_from([*range(1, HOSTS + 1), NO_AGENT]), min_size=1, max_size=HOSTS, unique=True)
SCRIPTS = st.builds(
    lambda hosts, rolling, ignore: script(hosts, rolling, ignore_error=ignore), HOST_LISTS, ROLLINGS, st.booleans()
)
STEPS = st.lists(st.one_of(SCRIPTS, SCRIPTS, SCRIPTS, st.builds(approval)), min_size=1, max_size=4)
NUMBERS = st.integers(0, 9_999)


Deed = Callable[[], Awaitable[None]]


class Weather:
    """Do to one job what people, hosts, engines and the clock do."""

    def __init__(self, storm: Storm) -> None:
        self.storm = storm
        self.chance = random.Random(0)
        self.done: list[str] = []
        self.job_id = 0

    async def begin(self, steps: Sequence[NewStep], *, start: bool) -> None:
        """Start a job in fine weather."""
        await self.storm.calm()
        self.storm.clock.ahead_ms = 0
        self.job_id = (await self.storm.accept(steps, start=start)).job_id

    async def do(self, deed: Deed, number: int) -> None:
        """Let something happen, with the choices that the number makes; everything is checked after it."""
        self.chance.seed(number)
        await deed()
        self.storm.check(await self.storm.record(self.job_id))

    def _host(self) -> Host:
        return self.chance.choice(self.storm.hosts)

    def _say(self, *words: object) -> None:
        self.done.append(" ".join(map(str, words)))

    async def let_time_pass(self) -> None:
        ms = self.chance.choice((1, 20, 60))
        self._say("wait", ms)
        await asyncio.sleep(ms / 1000)

    async def sweep(self) -> None:
        ahead_ms = self.chance.choice(JUMPS_MS)
        self._say("sweep", ahead_ms)
        await self.storm.sweep(ahead_ms)

    async def host_works(self) -> None:
        host, exit_code = self._host(), self.chance.choice(EXIT_CODES)
        self._say("host", host.id, "works", exit_code)
        host.begin() if self.chance.random() < 0.3 else host.finish(exit_code)

    async def all_work(self) -> None:
        exit_code = self.chance.choice(EXIT_CODES)
        self._say("all work", exit_code)
        await asyncio.sleep(0.03)
        for host in self.storm.hosts:
            host.finish(exit_code)
        heard = any(self.storm.engines)
        await asyncio.gather(*(host.tell(host.words(), hears=heard) for host in self.storm.hosts))
        await asyncio.sleep(0.03)

    async def tell(self) -> None:
        host, hears = self._host(), self.chance.random() < 0.5
        self._say("host", host.id, "tells", hears)
        await host.tell(host.words(), hears=hears and any(self.storm.engines))

    async def say_again(self) -> None:
        host = self._host()
        if host.said:
            self._say("host", host.id, "says again")
            await host.tell(self.chance.choice(host.said), hears=False)

    async def host_changes(self) -> None:
        host, how = self._host(), self.chance.choice(("hello", "leave", "silent", "loses_answers", "survives_kills"))
        self._say("host", host.id, how)
        match how:
            case "hello":
                host.is_silent = host.loses_answers = host.survives_kills = False
                await host.listen()
                await host.hello()
            case "leave":
                await host.leave()
            case _:
                name = {"silent": "is_silent"}.get(how, how)
                setattr(host, name, not getattr(host, name))

    async def engine_changes(self) -> None:
        number, how = self.chance.randint(0, 1), self.chance.choice(("stop", "start", "restart"))
        self._say("engine", number, how)
        if how != "start":
            await self.storm.stop(number)
        if how != "stop":
            await self.storm.start(number)

    async def operate_job(self) -> None:
        operation = self.chance.choice(list(JobOperation))
        self._say(operation.name)
        before = await self.storm.record(self.job_id)
        call = operate.operate_job(self.storm.platforms[0], ADMIN, SCOPE, self.job_id, operation)
        await self._compare(before, call, allowed=before.job["status"] in JOB_RULES[operation])

    async def operate_step(self) -> None:
        before = await self.storm.record(self.job_id)
        await self._try(before, self.chance.choice(before.steps), self.chance.choice(list(StepOperation)))

    async def do_what_may_be_done(self) -> None:
        before = await self.storm.record(self.job_id)
        possible = [(step, one) for step in before.steps for one in StepOperation if may(step, one)]
        if possible:
            await self._try(before, *self.chance.choice(possible))

    async def retry_chosen(self) -> None:
        """Choose some hosts of a step, most of them such as may run again, and have them run again."""
        before = await self.storm.record(self.job_id)
        step = self.chance.choice(before.steps)
        fitting = [task["id"] for task in before.tasks_of(step) if may_choose(step, task)]
        others = [task["id"] for task in before.tasks if task["id"] not in fitting]
        chosen = self.chance.sample(fitting, self.chance.randint(0, len(fitting)))
        if others and self.chance.random() < 0.2:
            chosen.append(self.chance.choice(others))
        if not chosen:
            return
        self._say("RETRY", step["id"], *chosen)
        retry, said = StepOperation.RETRY_FAILED, Said(task_ids=tuple(chosen))
        call = operate.operate_step(self.storm.platforms[0], ADMIN, SCOPE, self.job_id, step["id"], retry, said)
        after = await self._compare(before, call, allowed=may(step, retry) and set(chosen) <= set(fitting))
        wrong = list(not_kept(before, after, step, set(chosen)))
        assert not wrong, "\n".join([*wrong, describe(before), describe(after)])

    async def _try(self, before: Record, step: Row, operation: StepOperation) -> None:
        self._say(operation.name, step["id"])
        call = operate.operate_step(self.storm.platforms[1], ADMIN, SCOPE, self.job_id, step["id"], operation)
        await self._compare(before, call, allowed=may(step, operation))

    async def _compare(self, before: Record, call: Awaitable[None], *, allowed: bool) -> Record:
        """Carry an operation out; unless the engine moved meanwhile, it is refused exactly when it must be."""
        try:
            await call
            is_done = True
        except JobfleetError:
            is_done = False
        after = await self.storm.record(self.job_id)
        new = after.events[len(before.events) :]
        moved = any(event["actor"] != PERSON and event["task_ids"] is None for event in new)
        assert moved or is_done == allowed, f"done {is_done}, allowed {allowed}\n{describe(before)}"
        assert is_done or not any(event["actor"] == PERSON for event in new), describe(after)
        return after

    async def operate_at_once(self) -> None:
        """Have two servers do something to a step, and one stop the job, while the hosts report."""
        record = await self.storm.record(self.job_id)
        step_id = self.chance.choice(record.steps)["id"]
        operations = [self.chance.choice(list(StepOperation)) for _ in self.storm.platforms]
        self._say("at once", step_id, *(one.name for one in operations))
        work: list[Awaitable[None]] = [
            operate.operate_step(platform, ADMIN, SCOPE, self.job_id, step_id, one)
            for platform, one in zip(self.storm.platforms, operations, strict=True)
        ]
        if self.chance.random() < 0.5:
            stop = JobOperation.TERMINATE
            work.append(operate.operate_job(self.storm.platforms[0], ADMIN, SCOPE, self.job_id, stop))
        work += [host.tell(host.words(), hears=False) for host in self.storm.hosts]
        for outcome in await asyncio.gather(*work, return_exceptions=True):
            assert outcome is None or isinstance(outcome, JobfleetError), repr(outcome)

    async def ask(self) -> None:
        """Compare the queries with each other, unless something changes meanwhile."""
        before = await self.storm.record(self.job_id)
        wrong = await disagreements(self.storm, self.job_id)
        after = await self.storm.record(self.job_id)
        assert before != after or not wrong, "\n".join([*wrong, describe(before)])

    async def end(self, *, silent: bool) -> None:
        """Bring the job to its end, with hosts that work or with hosts that say nothing any more."""
        self._say("the end, silent" if silent else "the end")
        record = await (self.storm.outlast if silent else self.storm.weather_out)(self.job_id)
        self.storm.check(record)
        await self.ask()
        await self.storm.weather_out(self.job_id)


class Weathers(RuleBasedStateMachine):
    """Let hypothesis make the weather; the engine lives in the loop of the tests, hypothesis in a thread beside it."""

    def __init__(self, storm: Storm, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._loop = loop
        self._weather = Weather(storm)
        self._is_silent = False
        self._has_failed = False

    def _await(self, work: Coroutine[None, None, None]) -> None:
        try:
            asyncio.run_coroutine_threadsafe(work, self._loop).result()
        except BaseException as error:
            # What failed once may not fail again; so the error itself tells what led to it.
            self._has_failed = True
            error.add_note("\n".join(self._weather.done))
            raise

    def _do(self, deed: Deed, number: int) -> None:
        self._await(self._weather.do(deed, number))

    @initialize(steps=STEPS, start=st.sampled_from((True, True, True, False)), silent=st.booleans())
    def begin(self, steps: list[NewStep], start: bool, silent: bool) -> None:
        self._is_silent = silent
        self._await(self._weather.begin(steps, start=start))

    @rule(number=NUMBERS)
    def operate_job(self, number: int) -> None:
        self._do(self._weather.operate_job, number)

    @rule(number=NUMBERS)
    def operate_step(self, number: int) -> None:
        self._do(self._weather.operate_step, number)

    @rule(number=NUMBERS)
    def do_what_may_be_done(self, number: int) -> None:
        self._do(self._weather.do_what_may_be_done, number)

    @rule(number=NUMBERS)
    def retry_chosen(self, number: int) -> None:
        self._do(self._weather.retry_chosen, number)

    @rule(number=NUMBERS)
    def operate_at_once(self, number: int) -> None:
        self._do(self._weather.operate_at_once, number)

    @rule(number=NUMBERS)
    def host_works(self, number: int) -> None:
        self._do(self._weather.host_works, number)

    @rule(number=NUMBERS)
    def all_work(self, number: int) -> None:
        self._do(self._weather.all_work, number)

    @rule(number=NUMBERS)
    def tell(self, number: int) -> None:
        self._do(self._weather.tell, number)

    @rule(number=NUMBERS)
    def say_again(self, number: int) -> None:
        self._do(self._weather.say_again, number)

    @rule(number=NUMBERS)
    def host_changes(self, number: int) -> None:
        self._do(self._weather.host_changes, number)

    @rule(number=NUMBERS)
    def sweep(self, number: int) -> None:
        self._do(self._weather.sweep, number)

    @rule(number=NUMBERS)
    def let_time_pass(self, number: int) -> None:
        self._do(self._weather.let_time_pass, number)

    @rule(number=NUMBERS)
    def engine_changes(self, number: int) -> None:
        self._do(self._weather.engine_changes, number)

    @rule(number=NUMBERS)
    def ask(self, number: int) -> None:
        self._do(self._weather.ask, number)

    def teardown(self) -> None:
        if self._weather.job_id and not self._has_failed:
            self._await(self._weather.end(silent=self._is_silent))


async def disagreements(storm: Storm, job_id: int) -> list[str]:
    """Return in what the queries of a job differ from each other."""
    platform = storm.platforms[0]
    asked = platform, ADMIN, SCOPE, job_id
    view = await query.job_status(*asked, with_tasks=True)
    progress = await watch.progress(*asked)
    shown = {one.step.id: one for one in (await logs.job_log(*asked)).steps}
    window = JobFilter(created_from=storm.clock() - DAY_MS, created_to=storm.clock() + DAY_MS)
    listed = (await query.list_jobs(platform, ADMIN, SCOPE, window, start=0, length=1_000)).jobs
    wrong = []
    if not view.job == progress.job == next(job for job in listed if job.id == job_id):
        wrong.append(f"the job is {view.job}, {progress.job}")
    for step, counters in progress.steps:
        tasks = view.tasks.get(step.id, ())
        groups = {(group, tag): len(members) for group, tag, members in shown[step.id].groups}
        if step not in view.steps or shown[step.id].step != step:
            wrong.append(f"a step is {step}, {shown[step.id].step}")
        if sum(groups.values()) != len(tasks):
            wrong.append(f"step {step.id} has {len(tasks)} tasks and logs of {groups}")
        if step.type is not StepType.APPROVAL:
            seen = await query.step_status(*asked, step.id, StepFilter())
            counted = {(one.status, one.tag): one.size for one in seen.groups}
            told = counters.waiting + counters.running, counters.succeeded, counters.failed + counters.terminated
            agreed = told == (seen.counters.running, seen.counters.succeeded, seen.counters.failed)
            if not agreed or sum(counted.values()) != step.target_count:
                wrong.append(f"step {step.id} counts {seen.counters}, {counters}, {counted}")
            if tasks and counted != groups:
                wrong.append(f"step {step.id} groups {counted}, {groups}")
    return wrong


async def test_no_weather_breaks_the_rules(
    idle_stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "REPLY_TIMEOUT_S", 0.2)  # nobody need wait longer for hosts that say nothing
    connection = await asyncpg.connect(database_url)
    storm = Storm(idle_stage, connection)
    await storm.open()
    loop = asyncio.get_running_loop()
    # Hypothesis may leave a weather unfinished and begin another one; each begins a job of its own.
    made = Weathers if not SEED else seed(int(SEED))(Weathers)
    machine: Any = partial(
        made, storm, loop
    )  # hypothesis takes whatever makes a machine, and says that it takes classes
    await asyncio.to_thread(lambda: run_state_machine_as_test(machine, settings=_settings()))
    await connection.close()


def _settings() -> settings:
    return settings(
        max_examples=EXAMPLES,
        stateful_step_count=DEEDS,
        derandomize=not SEED,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
