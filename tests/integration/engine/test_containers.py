"""Containers as targets: each is a task of its own, and nothing but what was accepted runs."""

import msgspec
import pytest
import sqlalchemy as sa
from tests.integration.engine.stage import Stage, now_ms, result

from jobfleet.bus import subjects
from jobfleet.engine.record import record
from jobfleet.model.container import MAX_CONTAINERS, MAX_GONE, ContainerSpec, FoundContainer
from jobfleet.model.order import ContainerOrder, Report, Stored
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.model.target import TargetSpec
from jobfleet.store import containers, tables

FOUND = [FoundContainer("uid-a", "docker", "a"), FoundContainer("uid-b", "podman", "b")]


async def known(stage: Stage, found: list[FoundContainer] = FOUND) -> dict[str, int]:
    """Store the containers of host 1; return their ids by name."""
    async with stage.platform.engine.db.begin() as tx:
        await containers.replace(tx, 1, found, 1)
        return {one.container.name: one.container.id for one in await containers.list_of_businesses(tx, [2])}


async def test_a_host_and_its_containers_are_tasks_of_one_agent(stage: Stage) -> None:
    ids = await known(stage)
    agent = await stage.agent(1)
    started = await stage.run(1, containers=ContainerSpec((ids["b"], ids["a"], ids["b"])))
    orders = await agent.runs(3)
    assert [(one.runtime, one.container) for one in orders if isinstance(one, ContainerOrder)] == [
        ("podman", "uid-b"),
        ("docker", "uid-a"),
    ]
    for order in orders:
        await agent.report(Report(1, results=[result(order)]))
    view = await stage.wait(started.job_id, RunStatus.SUCCEEDED)
    tasks = view.tasks[view.steps[0].id]
    assert [task.target.container and task.target.container.id for task in tasks] == [None, ids["b"], ids["a"]]
    assert {task.status for task in tasks} == {TaskStatus.SUCCEEDED}


@pytest.mark.parametrize(
    "change",
    [
        """UPDATE target SET container = jsonb_set(container, '{uid}', '"uid-x"') WHERE container IS NOT NULL""",
        "UPDATE target SET container = NULL WHERE container IS NOT NULL",
        "UPDATE task SET host_id = 2 WHERE ordinal = 1",
    ],
)
async def test_a_changed_database_has_nothing_run_beside_the_container(idle_stage: Stage, change: str) -> None:
    ids = await known(idle_stage)
    agent, other = await idle_stage.agents(2)
    target = TargetSpec(host_ids=(2,))
    started = await idle_stage.run(target=target, containers=ContainerSpec((ids["a"],)))
    async with idle_stage.platform.engine.db.begin() as tx:
        await tx.execute(sa.text(f"{change} AND job_id = :job"), {"job": started.job_id})
    await idle_stage.start_engine()
    await idle_stage.wait(started.job_id, RunStatus.ABNORMAL)
    assert agent.orders == other.orders == []


async def test_a_container_that_comes_back_keeps_its_id(stage: Stage) -> None:
    before = await known(stage)
    assert await known(stage, FOUND[:1]) == {"a": before["a"]}
    back = FoundContainer("uid-new", "podman", "b")
    assert await known(stage, [FOUND[0], back, back]) == before
    async with stage.platform.engine.db.begin() as tx:
        [_, b] = await containers.list_of_businesses(tx, [2])
    assert b.container.uid == "uid-new"


def long_names() -> FoundContainer:
    """Return a container whose names are as long as a report takes them, of four bytes each; they do not compress."""
    names = ["".join(chr(0x20000 + (part * 256 + n) * 7919 % 40_000) for n in range(256)) for part in range(3)]
    labels = {"io.kubernetes.pod.name": names[1], "io.kubernetes.pod.namespace": names[2]}
    return FoundContainer("uid-long", "docker", names[0], labels)


async def test_a_container_with_too_long_a_name_is_left_out_alone(stage: Stage) -> None:
    [agent] = await stage.agents(1)
    started = await stage.run()
    ended = result(await agent.run_order())
    recorded = await record(stage.platform.engine, [Report(2, containers=[long_names()]), Report(1, results=[ended])])
    assert recorded.answers == [Stored(), Stored(output={ended.task_id: 0}, results=[ended.task_id])]
    await record(stage.platform.engine, [Report(1, containers=[*FOUND, long_names()])])
    assert await names(stage) == ["a", "b"]
    await stage.wait_tasks(started.job_id, [TaskStatus.SUCCEEDED])


async def test_containers_that_cannot_be_stored_keep_no_result_from_it(idle_stage: Stage) -> None:
    await idle_stage.change(
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$;
        CREATE TRIGGER refusal BEFORE INSERT ON container FOR EACH ROW WHEN (NEW.host_id = 1) EXECUTE FUNCTION refuse()
        """
    )
    await idle_stage.start_engine()
    agents = await idle_stage.agents(2)
    started = await idle_stage.run(hosts=2)
    ends = [result(await agent.run_order()) for agent in agents]
    reports = [Report(end_at, results=[end], containers=FOUND) for end_at, end in enumerate(ends, 1)]
    for report in reports:  # host 1's is not answered, and nobody waits for that
        await idle_stage.platform.engine.bus.publish(subjects.report(report.host_id), msgspec.msgpack.encode(report))
    await idle_stage.wait(started.job_id, RunStatus.SUCCEEDED)
    recorded = await record(idle_stage.platform.engine, reports)
    assert [answer and answer.results for answer in recorded.answers] == [None, [ends[1].task_id]]
    assert await names(idle_stage) == ["a", "b"]


async def test_a_host_does_not_fill_the_database_with_containers(stage: Stage) -> None:
    for look in range(6):
        # Under the same ids and other names: who is renamed is gone under its old name.
        found = [FoundContainer(f"uid-{n}", "docker", f"name-{look}-{n}") for n in range(MAX_CONTAINERS)]
        async with stage.platform.engine.db.begin() as tx:
            await containers.replace(tx, 1, found, look + 1)
    assert await names(stage) == sorted(one.name for one in found)
    async with stage.platform.engine.db.begin() as tx:
        gone = sa.select(sa.func.count(), sa.func.min(tables.containers.c.gone_at))
        told = (await tx.execute(gone.where(tables.containers.c.gone_at.is_not(None)))).one()
    assert tuple(told) == (MAX_GONE, 4)


async def test_what_a_revoked_host_tells_of_containers_is_not_stored(stage: Stage) -> None:
    row = {"host_id": 1, "public_key": "U1", "enrolled_at": 1, "version": "", "boot_id": "", "refused": {}}
    async with stage.platform.engine.db.begin() as tx:
        await tx.execute(sa.insert(tables.agents), row)
    await record(stage.platform.engine, [Report(1, containers=FOUND)])
    await stage.change(f"UPDATE agent SET revoked_at = {now_ms()}")
    await record(stage.platform.engine, [Report(1, containers=[FoundContainer("uid-c", "docker", "c")])])
    assert await names(stage) == ["a", "b"]


async def names(stage: Stage) -> list[str]:
    """Return the names of the containers that run."""
    async with stage.platform.engine.db.begin() as tx:
        return sorted(one.container.name for one in await containers.list_of_businesses(tx, [2]))
