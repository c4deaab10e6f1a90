"""SQL steps in the engine: whose password an order carries, and that a changed database sends none."""

import asyncio

from tests.integration.engine.stage import ADMIN, SCOPE, Stage, WireAgent, result
from tests.waiting import WITHIN_S

from jobfleet.model.account import AccountChange, AccountType, NewAccount
from jobfleet.model.job import StartedJob, StepType
from jobfleet.model.order import Report, SqlOrder
from jobfleet.model.sql_job import NewSqlJob
from jobfleet.model.status import RunStatus
from jobfleet.model.target import TargetSpec
from jobfleet.operations import accounts, sql
from jobfleet.store.database import raw

NEW = NewAccount(
    SCOPE, "app", AccountType.MYSQL, password="the first", system_account="root", port=3307, database="shop"
)


async def started(stage: Stage, account_id: int) -> StartedJob:
    new = NewSqlJob(SCOPE, "sql", b"SELECT 1;", account_id, TargetSpec(host_ids=(1,)))
    return await sql.start_sql(stage.platform, ADMIN, new)


async def sql_order(agent: WireAgent) -> SqlOrder:
    """Wait for the newest order that runs SQL, and take all that came."""
    async with asyncio.timeout(WITHIN_S), agent.arrived:
        await agent.arrived.wait_for(lambda: any(isinstance(order, SqlOrder) for order in agent.orders))
        found = next(order for order in reversed(agent.orders) if isinstance(order, SqlOrder))
        agent.orders.clear()
        return found


async def test_an_order_has_the_login_as_it_was_when_the_job_was_accepted(idle_stage: Stage) -> None:
    agent = await idle_stage.agent(1)
    account = await accounts.create_account(idle_stage.platform, ADMIN, NEW)
    before = await started(idle_stage, account.id)
    change = AccountChange(password="the second", port=3308)
    await accounts.update_account(idle_stage.platform, ADMIN, SCOPE, account.id, change)
    await idle_stage.start_engine()
    order = await sql_order(agent)
    assert (order.job_id, order.db_password, order.db_port, order.content) == (
        before.job_id,
        "the first",
        3307,
        b"SELECT 1;",
    )
    assert (order.account, order.db_account, order.db_type, order.db_name) == ("root", "app", AccountType.MYSQL, "shop")
    await agent.report(Report(1, results=[result(order)]))
    view = await idle_stage.wait(before.job_id, RunStatus.SUCCEEDED)
    assert [step.type for step in view.steps] == [StepType.SQL]
    await started(idle_stage, account.id)
    assert (await sql_order(agent)).db_password == "the second"


async def test_a_password_that_was_copied_to_another_account_is_sent_nowhere(stage: Stage) -> None:
    agent = await stage.agent(1)
    await accounts.create_account(stage.platform, ADMIN, NEW)
    other = NewAccount(SCOPE, "evil", AccountType.MYSQL, system_account="root")
    thief = await accounts.create_account(stage.platform, ADMIN, other)
    async with stage.platform.engine.db.begin() as tx:
        copy = "UPDATE account SET password = (SELECT password FROM account WHERE alias = 'app') WHERE alias = 'evil'"
        await (await raw(tx)).execute(copy)
    job = await started(stage, thief.id)
    await stage.wait(job.job_id, RunStatus.ABNORMAL)
    assert agent.orders == []
