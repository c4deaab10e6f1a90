"""Starting SQL in version 2: its script id is a version's."""

from typing import Annotated

from jobfleet.api.esb_v2.scripts import hosts_of, target_in_v2
from jobfleet.api.esb_v2.words import START_FIELDS
from jobfleet.api.fields import NEEDED, Int64, Text, text
from jobfleet.api.rules import callback_url_of
from jobfleet.api.scope import ScopedV2, scope_of
from jobfleet.api.scripts import Name, Started, Timeout, content_of, scope_first, started
from jobfleet.api.sql import db_account_of
from jobfleet.api.surface import Call
from jobfleet.api.targets import HostAddress, TargetServerV2
from jobfleet.api.words import in_words
from jobfleet.model.errors import IllegalParameterError
from jobfleet.model.sql_job import NewSqlJob
from jobfleet.operations import sql


class FastExecuteSqlV2(ScopedV2, frozen=True, kw_only=True):
    """Ask for one SQL script on hosts; what stands beside `target_server` counts only without it."""

    script_id: Int64 | None = None
    script_content: str | None = None
    script_timeout: Timeout | None = None
    db_account_id: Annotated[Int64 | None, NEEDED] = None
    task_name: Name | None = None
    custom_query_id: tuple[Text, ...] | None = None
    ip_list: tuple[HostAddress, ...] | None = None
    target_server: TargetServerV2 | None = None
    bk_callback_url: str | None = None


async def fast_execute_sql(call: Call, wanted: FastExecuteSqlV2) -> Started:
    """Start an SQL script.

    Source: docs/reference/api.md, «fast_execute_sql».
    """
    async with scope_first(call, wanted):
        job = _new_job(call, wanted)
    with in_words(START_FIELDS):
        return started(await sql.start_sql(call.platform, call.caller, job))


def _new_job(call: Call, wanted: FastExecuteSqlV2) -> NewSqlJob:
    content = content_of("script_content", wanted.script_content)
    callback_url = callback_url_of("bk_callback_url", wanted.bk_callback_url or "")
    target = target_in_v2(wanted)
    _check_selector(wanted)
    return NewSqlJob(
        scope=scope_of(wanted),
        name=wanted.task_name or "",
        content=None if wanted.script_id else content,
        target=hosts_of(target),
        db_account_id=db_account_of(wanted.db_account_id),
        timeout_s=wanted.script_timeout,
        script_version_id=wanted.script_id,
        callback_url=callback_url,
        idempotency_key=call.idempotency_key,
    )


def _check_selector(wanted: FastExecuteSqlV2) -> None:
    if wanted.script_id is not None and wanted.script_id < 1:
        raise IllegalParameterError("script_id")
    if wanted.script_id is None and not text(wanted.script_content).strip():
        raise IllegalParameterError("script_content")
