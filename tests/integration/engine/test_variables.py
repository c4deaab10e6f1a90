"""Variables from step to step and host to host: what orders carry, what results leave, what is kept of it."""

import asyncio
from collections.abc import Sequence
from typing import TypeVar

import msgspec
import pytest
import sqlalchemy as sa
from tests.integration.engine.stage import ADMIN, SCOPE, Stage, WireAgent, new_job, now_ms, result
from tests.waiting import WITHIN_S

from jobfleet.engine.accept import JobHead, NewStep, accept_job, store_script
from jobfleet.engine.given import MAX_ALL_BYTES, MAX_OWN_BYTES
from jobfleet.engine.resolve import resolve
from jobfleet.engine.service import nudge
from jobfleet.model.definition import FileItem, FileKind, FileSource, FileSpec
from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.job import HostSelector, JobOperation, JobType, LaunchMode, StartedJob, StepOperation, StepType
from jobfleet.model.order import (
    MAX_INLINE_VARIABLES_BYTES,
    FetchOrder,
    OfferOrder,
    Order,
    Report,
    RunOrder,
    ScriptVariable,
    TaskResult,
)
from jobfleet.model.outcome import ErrorCode, Outcome
from jobfleet.model.status import RunStatus
from jobfleet.model.target import Target, TargetSpec
from jobfleet.model.variable import MAX_VALUE_BYTES, MAX_VALUES_BYTES, JobVariable, VariableType
from jobfleet.operations import operate
from jobfleet.operations.access import enter_scope
from jobfleet.operations.file_logs import host_file_logs
from jobfleet.operations.step_detail import step_detail
from jobfleet.store import variables as store
from jobfleet.store.database import Transaction
from jobfleet.store.inventory import Account

STRING, NAMESPACE, PASSWORD = VariableType.STRING, VariableType.NAMESPACE, VariableType.PASSWORD
HOSTS, ASSOCIATIVE, INDEXED = VariableType.HOSTS, VariableType.ASSOCIATIVE, VariableType.INDEXED
VARIABLES = (
    JobVariable(1, "text", STRING, "one"),
    JobVariable(2, "fixed", STRING, "fixed", changeable=False),
    JobVariable(3, "own", NAMESPACE, "none"),
    JobVariable(4, "secret", PASSWORD, "s3cr3t-canary"),
    JobVariable(5, "map", ASSOCIATIVE, "([a]=1)"),
    JobVariable(6, "list", INDEXED, "(a b)"),
)


async def test_an_order_carries_the_variables_of_its_host(stage: Stage) -> None:
    agent = await stage.agent(1)
    await start(stage, [{}], VARIABLES)
    order = await agent.run_order()
    assert set(order.variables) == {
        ScriptVariable("text", STRING, "one", is_kept=True),
        ScriptVariable("fixed", STRING, "fixed", is_kept=False),
        ScriptVariable("own", STRING, "none", is_kept=True),
        ScriptVariable("secret", STRING, "s3cr3t-canary", is_kept=True),
        ScriptVariable("map", ASSOCIATIVE, '(["a"]="1")', is_kept=True),
        ScriptVariable("list", INDEXED, '("a" "b")', is_kept=True),
    }


async def test_the_first_host_that_succeeded_gives_the_value_and_each_host_keeps_its_own(stage: Stage) -> None:
    agents = await stage.agents(3)
    started = await start(stage, [{"hosts": (1, 2, 3), "ignore_error": True}, {"hosts": (3, 2, 1)}], VARIABLES)
    left = {"text": "two", "fixed": "changed", "list": '("c")', "unheard-of": "x"}
    await end(agents[2], left | {"own": "three", "text": "three"})
    await end(agents[1], left | {"own": "two"})
    await end(agents[0], left | {"own": "one", "text": "failed"}, exit_code=1)
    orders = [(await agent.runs(2))[-1] for agent in agents]
    common = {"text": "two", "fixed": "fixed", "secret": "s3cr3t-canary", "map": '(["a"]="1")', "list": '("c")'}
    assert [values(order) for order in orders] == [common | {"own": own} for own in ("one", "two", "three")]
    for agent in agents:
        await agent.end((await agent.runs(2))[-1])
    await stage.wait(started.job_id, RunStatus.SUCCEEDED)


async def test_a_retried_step_starts_from_the_values_before_it_and_replaces_what_it_left(stage: Stage) -> None:
    agents = await stage.agents(2)
    started = await start(stage, [{"hosts": (1, 2)}, {}], VARIABLES)
    await end(agents[0], {"text": "first"})
    await end(agents[1], {}, exit_code=1)
    view = await stage.wait(started.job_id, RunStatus.FAILED)
    await act(stage, view.job.id, view.steps[0].id, StepOperation.RETRY_ALL)
    assert values((await agents[0].runs(2))[-1])["text"] == "one"
    await end(agents[0], {"text": "second"}, runs=2)
    await end(agents[1], {}, runs=2)
    assert values((await agents[0].runs(3))[-1])["text"] == "second"


async def test_a_retry_that_leaves_nothing_takes_back_what_was_left_before(stage: Stage) -> None:
    [agent, other] = await stage.agents(2)
    started = await start(stage, [{"hosts": (1, 2)}, {}], VARIABLES)
    await end(agent, {"text": "first"})
    await end(other, {}, exit_code=1)
    view = await stage.wait(started.job_id, RunStatus.FAILED)
    await act(stage, view.job.id, view.steps[0].id, StepOperation.RETRY_ALL)
    for one in (agent, other):
        await end(one, {}, exit_code=1, runs=2)
    view = await stage.wait(started.job_id, RunStatus.FAILED)
    await act(stage, view.job.id, view.steps[0].id, StepOperation.IGNORE_ERROR)
    assert values((await agent.runs(3))[-1])["text"] == "one"


async def test_a_host_that_is_retried_alone_leaves_the_value_of_the_first_as_it_was(stage: Stage) -> None:
    agents = await stage.agents(2)
    started = await start(stage, [{"hosts": (1, 2)}, {"hosts": (1, 2)}], VARIABLES)
    await end(agents[0], {"text": "first", "own": "a"})
    await end(agents[1], {"own": "b"}, exit_code=1)
    view = await stage.wait(started.job_id, RunStatus.FAILED)
    await act(stage, view.job.id, view.steps[0].id, StepOperation.RETRY_FAILED)
    await end(agents[1], {"text": "second", "own": "c"}, runs=2)
    first, second = values((await agents[0].runs(2))[-1]), values((await agents[1].runs(3))[-1])
    assert (first["text"], first["own"], second["text"], second["own"]) == ("first", "a", "first", "c")


async def test_a_step_that_is_passed_over_leaves_what_it_had(stage: Stage) -> None:
    agents = await stage.agents(2)
    started = await start(stage, [{"hosts": (1, 2)}, {}], VARIABLES)
    await end(agents[0], {"text": "kept"})
    order = await agents[1].run_order()
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    assert order
    await act(stage, started.job_id, started.step_id, StepOperation.FORCE_SKIP)
    assert values((await agents[0].runs(2))[-1])["text"] == "kept"


async def test_a_result_that_comes_twice_leaves_what_it_said_first(stage: Stage) -> None:
    agent = await stage.agent(1)
    await start(stage, [{}, {}], VARIABLES)
    order = await agent.run_order()
    await end(agent, {"text": "first"})
    await agent.report(Report(1, results=[result(order, left={"text": "second"})]))
    assert values((await agent.runs(2))[-1])["text"] == "first"


async def test_a_value_that_no_variable_may_have_is_not_kept_and_its_task_says_so(stage: Stage) -> None:
    agent = await stage.agent(1)
    started = await start(stage, [{}, {}], VARIABLES)
    long = "x" * (MAX_VALUE_BYTES + 1)
    await end(agent, {"text": "two", "secret": long, "map": "$(id)", "a b": "x"})
    got = values((await agent.runs(2))[-1])
    assert (got["text"], got["secret"], got["map"]) == ("two", "s3cr3t-canary", '(["a"]="1")')
    view = await stage.view(started.job_id)
    message = view.tasks[view.steps[0].id][0].message
    assert f"variable 'secret' is not kept: its value is longer than {MAX_VALUE_BYTES} bytes" in message
    assert "variable 'a b' is not kept" in message


async def test_many_variables_are_fetched_by_their_hash(stage: Stage) -> None:
    agent = await stage.agent(1)
    almost = MAX_INLINE_VARIABLES_BYTES - 32
    await start(stage, [{}], [JobVariable(1, "x", STRING, "x" * almost)])
    order = await agent.run_order()
    assert (order.variables_hash, len(order.variables)) == ("", 1)
    await start(stage, [{}], [JobVariable(1, "x", STRING, "x" * MAX_VALUE_BYTES), JobVariable(2, "n", NAMESPACE, "n")])
    order = (await agent.runs(2))[-1]
    assert (len(order.variables_hash), values(order)) == (64, {"n": "n"})


async def test_a_host_may_keep_as_much_in_namespaces_as_is_said_and_no_more(stage: Stage) -> None:
    agent = await stage.agent(1)
    names = [f"n{number}" for number in range(MAX_OWN_BYTES // MAX_VALUE_BYTES + 1)]
    started = await start(stage, [{}] * 4, [JobVariable(1, name, NAMESPACE) for name in names])
    await end(agent, dict.fromkeys(names[:3], "x" * MAX_VALUE_BYTES))
    await end(agent, dict.fromkeys(names[3:6], "é" * (MAX_VALUE_BYTES // 2)), runs=2)
    full = values((await agent.runs(3))[-1])
    assert sum(len(value.encode()) for value in full.values()) == MAX_OWN_BYTES
    await end(agent, {names[6]: "x"}, runs=3)
    view = await stage.wait(started.job_id, RunStatus.ABNORMAL)
    assert f"longer than {MAX_OWN_BYTES} bytes" in view.tasks[view.steps[3].id][0].message


async def test_parameters_hold_strings_and_the_time_but_no_secrets(stage: Stage) -> None:
    agent = await stage.agent(1)
    params = "${text} $text ${secret} ${own} ${no} [DATEFMT:%Y] ${fixed}"
    await start(stage, [{"params": params}], VARIABLES)
    order = await agent.run_order()
    year = order.params.split()[5]
    assert order.params == f"one $text ${{secret}} ${{own}} ${{no}} {year} fixed"
    assert year.startswith("20")


async def test_scripts_of_other_languages_have_variables_in_their_parameters_only(stage: Stage) -> None:
    agent = await stage.agent(1)
    await start(stage, [{"params": "${text}", "language": 4}], VARIABLES)
    order = await agent.run_order()
    assert (order.params, order.variables) == ("one", ())


async def test_parameters_that_grow_too_long_end_their_step_with_the_reason(stage: Stage) -> None:
    long = JobVariable(1, "x", STRING, "x" * 40_000)
    started = await start(stage, [{"params": "${x} ${x}"}], [long])
    view = await stage.wait(started.job_id, RunStatus.ABNORMAL)
    assert "longer than 65535 bytes" in view.tasks[view.steps[0].id][0].message


async def test_scripts_import_hosts_of_lists_and_of_the_step_before_and_namespaces(stage: Stage) -> None:
    agents = await stage.agents(3)
    names = ("web", "JOB_LAST_ALL", "JOB_LAST_SUCCESS", "JOB_LAST_FAIL", "JOB_NAMESPACE_ALL", "JOB_NAMESPACE_own", "x")
    content = "".join(f"# job_import {{{{{name}}}}}\n" for name in names).encode()
    web = JobVariable(9, "web", HOSTS, targets=tuple(await targets(stage, (2, 1))))
    steps: list[dict[str, object]] = [{"hosts": (1, 2, 3), "ignore_error": True}, {"content": content}]
    await start(stage, steps, [*VARIABLES, web])
    for number, agent in enumerate(agents):
        await end(agent, {"own": str(number)} if number else {}, exit_code=number % 2)
    got = values((await agents[0].runs(2))[-1])
    one, two, three = (f"0:127.0.0.{number}" for number in (2, 3, 4))
    assert {name: got[name] for name in names if name in got} == {
        "web": f"{two},{one}",
        "JOB_LAST_ALL": f"{one},{two},{three}",
        "JOB_LAST_SUCCESS": f"{one},{three}",
        "JOB_LAST_FAIL": two,
        "JOB_NAMESPACE_ALL": f'{{"own":{{"{two}":"1","{three}":"2"}}}}',
        "JOB_NAMESPACE_own": f'{{"{two}":"1","{three}":"2"}}',
    }


@pytest.mark.parametrize(("more", "status"), [(0, RunStatus.SUCCEEDED), (1, RunStatus.ABNORMAL)])
async def test_all_namespaces_are_imported_up_to_a_size(stage: Stage, more: int, status: RunStatus) -> None:
    agent = await stage.agent(1)
    content = b"# job_import {{JOB_NAMESPACE_ALL}}\n"
    started = await start(stage, [{"hosts": (1,)}, {"content": content}], VARIABLES)
    first, sealer = await agent.run_order(), stage.platform.engine.sealer
    purpose = f"variables of task {started.job_id} 1 1"
    spare = len(sealer.seal(msgspec.msgpack.encode({"x": "v" * 70_000}), purpose)) - 70_000
    data = sealer.seal(msgspec.msgpack.encode({"x": "v" * (MAX_ALL_BYTES + more - spare)}), purpose)
    async with stage.platform.engine.db.begin() as tx:
        assert len(data) == MAX_ALL_BYTES + more
        await store.insert_left_by_tasks(tx, [store.Left(started.job_id, first.step_id, 1, 1, data)])
    await end(agent, {})
    if status is RunStatus.SUCCEEDED:
        await end(agent, {}, runs=2)
    await stage.wait(started.job_id, status)


@pytest.mark.parametrize(
    "variables",
    [
        [JobVariable(1, "a-b", STRING)],
        [JobVariable(1, "", STRING)],
        [JobVariable(1, "UID", STRING)],
        [JobVariable(1, "x", STRING), JobVariable(2, "x", PASSWORD)],
        [JobVariable(1, "x", STRING, "a\0b")],
        [JobVariable(1, "x", ASSOCIATIVE, "([a]=$(id))")],
        [JobVariable(1, "x", STRING, "x" * (MAX_VALUE_BYTES + 1))],
        [JobVariable(n, f"x{n}", STRING, "x" * MAX_VALUE_BYTES) for n in range(MAX_VALUES_BYTES // MAX_VALUE_BYTES)]
        + [JobVariable(9, "y", STRING, "y")],
    ],
)
async def test_a_job_is_refused_for_a_variable_that_cannot_be(stage: Stage, variables: list[JobVariable]) -> None:
    with pytest.raises(IllegalParameterReasonError, match="variable"):
        await start(stage, [{}], variables)


async def test_no_value_is_in_the_database_in_clear(stage: Stage) -> None:
    agent = await stage.agent(1)
    await start(stage, [{}, {}], [*VARIABLES, JobVariable(9, "spare", STRING, "plain-canary")])
    await end(agent, {"secret": "left-canary", "own": "own-canary"})
    await agent.runs(2)
    async with stage.platform.engine.db.begin() as tx:
        for table in ("job_variable", "step_variables", "task_variables"):
            rows = (await tx.execute(sa.text(f"SELECT t.*::text FROM {table} t"))).scalars().all()
            assert rows
            assert not [row for row in rows if b"canary".hex() in row or "canary" in row]


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM job_variable WHERE name = 'fixed'",
        "UPDATE job_variable SET changeable = true",
        "UPDATE step SET variable_count = NULL",
        "DELETE FROM job_variable WHERE true",
    ],
)
async def test_variables_that_were_changed_in_the_database_run_nothing(stage: Stage, change: str) -> None:
    agent = await stage.agent(1)
    started = await start(stage, [{}], VARIABLES, begin=False)
    async with stage.platform.engine.db.begin() as tx:
        await tx.execute(sa.text(f"{change}{' AND' if 'WHERE' in change else ' WHERE'} job_id = {started.job_id}"))
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.START)
    await stage.wait(started.job_id, RunStatus.ABNORMAL)
    assert agent.orders == []


BROKEN = ["UPDATE task_variables SET data = ''", "UPDATE task_variables SET data = sha256(data)"]


@pytest.mark.parametrize("change", [*BROKEN, "UPDATE job_variable SET changeable = true"])
async def test_what_a_step_left_and_does_not_open_ends_the_next_step_and_hangs_nothing(
    stage: Stage, change: str
) -> None:
    agents = await stage.agents(2)
    started = await start(stage, [{"hosts": (1, 2)}, {}], VARIABLES)
    await end(agents[0], {"text": "two"})  # it is stored with the answer
    await stage.change(change)
    await end(agents[1], {})
    view = await stage.wait(started.job_id, RunStatus.ABNORMAL)
    assert [step.status for step in view.steps] == [RunStatus.SUCCEEDED, RunStatus.ABNORMAL]
    assert "does not open" in view.tasks[view.steps[1].id][0].message
    assert len(await agents[0].runs(1)) == 1


async def test_a_job_whose_variables_do_not_open_can_be_stopped_and_passed_over(stage: Stage) -> None:
    agents = await stage.agents(2)
    started = await start(stage, [{"hosts": (1, 2)}, {}], VARIABLES)
    await end(agents[0], {"text": "two"})
    await agents[1].run_order()
    await stage.change(BROKEN[0])
    await operate.operate_job(stage.platform, ADMIN, SCOPE, started.job_id, JobOperation.TERMINATE)
    await act(stage, started.job_id, started.step_id, StepOperation.FORCE_SKIP)
    view = await stage.wait(started.job_id, RunStatus.ABNORMAL)
    assert [step.status for step in view.steps] == [RunStatus.SKIPPED, RunStatus.ABNORMAL]


def values(order: RunOrder) -> dict[str, str]:
    return {one.name: one.value for one in order.variables}


async def end(agent: WireAgent, left: dict[str, str], exit_code: int = 0, runs: int = 1) -> None:
    """Report that the agent's latest script ended and what it left."""
    order = (await agent.runs(runs))[-1]
    await agent.report(Report(agent.host_id, results=[result(order, exit_code, left=left)]))


async def act(stage: Stage, job_id: int, step_id: int, operation: StepOperation) -> None:
    await operate.operate_step(stage.platform, ADMIN, SCOPE, job_id, step_id, operation)


async def targets(stage: Stage, host_ids: tuple[int, ...]) -> Sequence[Target]:
    ctx = stage.platform.engine
    async with ctx.db.begin() as tx:
        info = await enter_scope(tx, stage.platform, ADMIN, SCOPE)
        return await resolve(tx, TargetSpec(host_ids=host_ids), info, "", action="script", now=ctx.clock())


async def start(
    stage: Stage, steps: Sequence[dict[str, object]], variables: Sequence[JobVariable], *, begin: bool = True
) -> StartedJob:
    """Start a job of shell steps with variables."""
    ctx = stage.platform.engine
    async with ctx.db.begin() as tx:
        made = [await _step(stage, tx, dict(one)) for one in steps]
        head = JobHead(SCOPE, "job", JobType.PLAN, LaunchMode.API, start=begin)
        started = await accept_job(tx, ctx, ADMIN, head, made, variables)
    if begin:
        await nudge(ctx.bus, started.job_id)
    return started


async def _step(stage: Stage, tx: Transaction, wanted: dict[str, object]) -> NewStep:
    ctx = stage.platform.engine
    ignore_error = bool(wanted.pop("ignore_error", False))
    hosts = wanted.pop("hosts", (1,))
    assert isinstance(hosts, tuple)
    new = new_job(hosts, **wanted)
    info = await enter_scope(tx, stage.platform, ADMIN, SCOPE)
    spec = await store_script(tx, ctx, new, Account(1, "root", "root"))
    found = await resolve(tx, new.target, info, "a step", action="script", now=ctx.clock())
    return NewStep("a step", StepType.SCRIPT, spec, found, ignore_error=ignore_error)


async def test_paths_of_files_hold_strings_and_are_shown_with_their_values(stage: Stage) -> None:
    agent = await stage.agent(1)
    folder = JobVariable(1, "folder", STRING, "/srv/of ours")
    started = await start_files(stage, "${folder}/a.txt", "${folder}/in/[FILESRCIP]", folder)
    offer = await order_of(agent, OfferOrder)
    assert offer.paths == ("/srv/of ours/a.txt",)
    lost = TaskResult(offer.task_id, offer.job_id, Outcome.FAILED, None, ErrorCode.INTERNAL, now_ms(), now_ms(), 0)
    await agent.report(Report(1, results=[lost]))
    fetch = await order_of(agent, FetchOrder)
    assert [part.directory for part in fetch.parts] == ["/srv/of ours/in/0_127.0.0.2/"]
    ids = SCOPE, started.job_id, started.step_id
    [shown] = await host_file_logs(stage.platform, ADMIN, *ids, HostSelector(host_ids=(1,)))
    assert shown.files
    assert {one.path for one in shown.files} == {"/srv/of ours/a.txt"}
    assert {one.dest for one in shown.files if one.dest} == {"/srv/of ours/in/[FILESRCIP]"}
    detail = await step_detail(stage.platform, ADMIN, *ids)
    assert isinstance(detail.step.definition, FileSpec)
    assert detail.step.definition.target_path == "/srv/of ours/in/[FILESRCIP]"


async def test_a_path_that_its_variables_make_none_ends_the_step_with_the_reason(stage: Stage) -> None:
    await stage.agent(1)
    started = await start_files(stage, "${folder}/a.txt", "/srv/in", JobVariable(1, "folder", STRING, "srv"))
    await stage.wait(started.job_id, RunStatus.ABNORMAL)
    query = f"SELECT string_agg(detail, ';') FROM event WHERE job_id = {started.job_id}"
    async with stage.platform.engine.db.begin() as tx:
        told = (await tx.execute(sa.text(query))).scalar_one()
    assert "a path is none: 'srv/a.txt'" in told


Kind = TypeVar("Kind", bound=Order)


async def order_of(agent: WireAgent, kind: type[Kind]) -> Kind:
    """Wait for an order of a kind."""
    async with asyncio.timeout(WITHIN_S), agent.arrived:
        await agent.arrived.wait_for(lambda: any(isinstance(order, kind) for order in agent.orders))
        return next(order for order in agent.orders if isinstance(order, kind))


async def start_files(stage: Stage, path: str, target_path: str, variable: JobVariable) -> StartedJob:
    """Start a job that takes a file from host 1 to host 1."""
    ctx = stage.platform.engine
    [target] = await targets(stage, (1,))
    source = FileSource(FileKind.HOST, (FileItem(path),), "root", 1, (1,))
    spec = FileSpec((source,), target_path, "root", 1, "root", 60)
    step = NewStep("files", StepType.FILE, spec, [target], sources=[msgspec.structs.replace(target, ordinal=-1)])
    head = JobHead(SCOPE, "job", JobType.PLAN, LaunchMode.API, start=True)
    async with ctx.db.begin() as tx:
        started = await accept_job(tx, ctx, ADMIN, head, [step], [variable])
    await nudge(ctx.bus, started.job_id)
    return started
