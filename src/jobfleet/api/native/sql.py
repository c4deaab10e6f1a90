"""Starting SQL."""

from typing import Annotated

from msgspec import Meta

from jobfleet.api.native.content import content_of
from jobfleet.api.native.jobs import Id, ScopeText, Started
from jobfleet.api.native.route import Call, FieldError, Route, Wanted, key_of
from jobfleet.api.native.start_words import JobName, TargetTexts, launch_mode
from jobfleet.model.caller import Action
from jobfleet.model.scope import parse_scope
from jobfleet.model.script import HIGHEST_TIMEOUT_S, MIN_TIMEOUT_S
from jobfleet.model.sql_job import NewSqlJob
from jobfleet.operations import find_targets, sql


class NewSql(Wanted, frozen=True):
    """Ask for SQL on hosts, through a database account by its alias.

    It is a text in `sql`, any bytes in `sql_base64`, or a version of a kept script in `script_version_id`.
    """

    scope: ScopeText
    targets: TargetTexts
    db_account: Annotated[str, Meta(min_length=1, max_length=255, description="Alias of a database account")]
    sql: str | None = None
    sql_base64: str | None = None
    script_version_id: Id | None = None
    timeout_s: Annotated[int, Meta(ge=MIN_TIMEOUT_S, le=HIGHEST_TIMEOUT_S)] | None = None
    name: JobName = ""
    start: bool = True


async def start_sql(call: Call, wanted: NewSql) -> Started:
    """Accept an SQL job."""
    started = await sql.start_sql(call.platform, call.caller, await new_sql(call, wanted))
    return Started(started.job_id, started.step_id, started.name)


async def new_sql(call: Call, wanted: NewSql) -> NewSqlJob:
    """Return the job that a request asks for, with the hosts that its texts mean now.

    Raises:
        FieldError: A value is not well-formed.
        BadRequestError: A text names no host, or a container.
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope.
    """
    scope, content = parse_scope(wanted.scope), _content(wanted)
    meant = await find_targets.objects_of(call.platform, call.caller, scope, wanted.targets)
    if not meant.containers.is_empty:
        raise FieldError("targets", "SQL runs on hosts, not in containers")
    return NewSqlJob(
        scope=scope,
        name=wanted.name,
        content=content,
        db_account_id=None,
        db_account_alias=wanted.db_account,
        timeout_s=wanted.timeout_s,
        target=meant.hosts,
        script_version_id=wanted.script_version_id,
        launch_mode=launch_mode(call),
        start=wanted.start,
        idempotency_key=key_of(call),
    )


def _content(wanted: NewSql) -> bytes | None:
    """Return what came with the request, None when a kept script is named instead."""
    if sum(value is not None for value in (wanted.sql, wanted.sql_base64, wanted.script_version_id)) != 1:
        raise FieldError("sql", "give one of sql, sql_base64 and script_version_id")
    if wanted.script_version_id is not None:
        return None
    try:
        content = content_of(wanted.sql, wanted.sql_base64)
    except FieldError as error:
        raise FieldError("sql" if wanted.sql_base64 is None else "sql_base64", str(error.args[1])) from error
    if not content.strip():
        raise FieldError("sql", "is empty")
    return content


ROUTES = (
    Route("POST", "/api/v1/jobs/sql", Action.QUICK_EXECUTE_SCRIPT, start_sql, NewSql, Started, "Run SQL on hosts", 201),
)
