"""Make the orders of a step that runs SQL."""

import msgspec

from jobfleet.engine.context import Context
from jobfleet.engine.definition import check_seal, check_target
from jobfleet.engine.orders import inline_content
from jobfleet.model.account import password_purpose
from jobfleet.model.definition import SqlSpec
from jobfleet.model.job import Step
from jobfleet.model.order import SqlOrder
from jobfleet.store.database import Transaction
from jobfleet.store.task_claims import ClaimedTask


class SqlTemplate(msgspec.Struct, frozen=True):
    """Hold what all orders of an SQL step have in common, in clear, and the hosts that may get one."""

    step: Step
    sql: SqlSpec
    content: bytes | None
    password: str
    host_ids: frozenset[int]


async def sql_template(tx: Transaction, ctx: Context, step: Step, sql: SqlSpec) -> SqlTemplate:
    """Return what a step's orders have in common.

    Raises:
        InternalError: The SQL is gone, or the step or its password is not as it was accepted.
    """
    host_ids = (await check_seal(tx, ctx, step)).hosts
    content = await inline_content(tx, ctx, step.id, sql)
    purpose = password_purpose(sql.db_account_id)
    password = ctx.sealer.open_text(sql.db_password, purpose) if sql.db_password else ""
    return SqlTemplate(step, sql, content, password, host_ids)


def sql_order(ctx: Context, template: SqlTemplate, task: ClaimedTask) -> SqlOrder:
    """Return the order to run a step's SQL on one host.

    Raises:
        InternalError: The host is no target of the step: its task was changed in the database.
    """
    check_target(template.host_ids, task)
    sql = template.sql
    return SqlOrder(
        task_id=task.id,
        job_id=template.step.job_id,
        step_id=template.step.id,
        attempt=task.attempt,
        batch=task.batch,
        content_hash=sql.content_hash,
        content=template.content,
        account=sql.account,
        db_type=sql.db_type,
        db_account=sql.db_account,
        db_password=template.password,
        db_port=sql.db_port,
        timeout_s=sql.timeout_s,
        output_cap_bytes=ctx.output_cap_bytes,
        db_name=sql.db_name,
    )
