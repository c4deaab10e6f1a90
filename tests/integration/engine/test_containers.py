"""Containers as targets: each is a task of its own, and nothing but what was accepted runs."""

import pytest
import sqlalchemy as sa
from tests.integration.engine.stage import Stage, result

from jobfleet.model.container import ContainerSpec, FoundContainer
from jobfleet.model.order import ContainerOrder, Report
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.model.target import TargetSpec
from jobfleet.store import containers

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
