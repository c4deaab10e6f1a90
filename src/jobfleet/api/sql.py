"""Starting SQL: the parameters that the bus and the gateway share in version 3, and the rules on them."""

from typing import Annotated

from jobfleet.api.fields import NEEDED, Int64, Text, text
from jobfleet.api.rules import callback_url_of
from jobfleet.api.scope import ScopePair, scope_of
from jobfleet.api.scripts import Name, Started, Timeout, content_of, scope_first, started, target_in
from jobfleet.api.surface import Call
from jobfleet.api.targets import TargetServer, target_of
from jobfleet.model.errors import IllegalParameterError, MissingParameterError
from jobfleet.model.sql_job import NewSqlJob
from jobfleet.operations import sql


class FastExecuteSql(ScopePair, frozen=True, kw_only=True):
    """Ask for one SQL script on hosts."""

    bk_biz_id: Int64 | None = None
    task_name: Name | None = None
    script_version_id: Int64 | None = None
    script_id: Text | None = None
    script_content: str | None = None
    timeout: Timeout | None = None
    db_account_id: Annotated[Int64 | None, NEEDED] = None
    target_server: TargetServer | None = None
    callback_url: str | None = None
    start_task: bool = True


async def fast_execute_sql(call: Call, wanted: FastExecuteSql) -> Started:
    """Start an SQL script.

    Source: docs/reference/api.md, «fast_execute_sql».
    """
    async with scope_first(call, wanted):
        job = _new_job(call, wanted)
    return started(await sql.start_sql(call.platform, call.caller, job))


def _new_job(call: Call, wanted: FastExecuteSql) -> NewSqlJob:
    content = content_of("script_content", wanted.script_content)
    callback_url = callback_url_of("callback_url", wanted.callback_url or "")
    target = None if wanted.target_server is None else target_of(wanted.target_server)
    script_id = "" if wanted.script_version_id else text(wanted.script_id)
    _check_selector(wanted)
    return NewSqlJob(
        scope=scope_of(wanted),
        name=wanted.task_name or "",
        content=None if wanted.script_version_id or script_id else content,
        target=target_in("target_server", target),
        db_account_id=db_account_of(wanted.db_account_id),
        timeout_s=wanted.timeout,
        script_version_id=wanted.script_version_id,
        script_id=script_id,
        callback_url=callback_url,
        start=wanted.start_task,
        idempotency_key=call.idempotency_key,
    )


def db_account_of(account_id: int | None) -> int:
    """Return the id of a database account.

    Raises:
        MissingParameterError: There is none.
    """
    if account_id is None or account_id < 1:
        raise MissingParameterError("db_account_id")
    return account_id


def _check_selector(wanted: FastExecuteSql) -> None:
    if wanted.script_version_id is not None:
        if wanted.script_version_id < 1:
            raise IllegalParameterError("script_version_id")
    elif not text(wanted.script_id) and not wanted.script_content:
        raise MissingParameterError("script_version_id|script_id|script_content")
