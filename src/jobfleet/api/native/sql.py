"""Starting SQL."""

from typing import Annotated

from msgspec import Meta

from jobfleet.api.native.jobs import ScopeText, Started, target_of
from jobfleet.api.native.route import Call, FieldError, Route, Wanted, key_of
from jobfleet.api.native.targets import parse_scope
from jobfleet.model.caller import Action
from jobfleet.model.labels import sql_job_name
from jobfleet.model.script import HIGHEST_TIMEOUT_S, MAX_NAME_CHARACTERS, MAX_SCRIPT_BYTES, MIN_TIMEOUT_S
from jobfleet.model.sql_job import NewSqlJob
from jobfleet.model.target import MAX_SCRIPT_TARGETS
from jobfleet.operations import sql


class NewSql(Wanted, frozen=True):
    """Ask for SQL on hosts, through a database account by its alias."""

    scope: ScopeText
    targets: Annotated[list[str], Meta(min_length=1, max_length=MAX_SCRIPT_TARGETS)]
    sql: str
    db_account: Annotated[str, Meta(min_length=1, max_length=255, description="Alias of a database account")]
    timeout_s: Annotated[int, Meta(ge=MIN_TIMEOUT_S, le=HIGHEST_TIMEOUT_S)] | None = None
    name: Annotated[str, Meta(max_length=MAX_NAME_CHARACTERS)] = ""
    start: bool = True


async def start_sql(call: Call, wanted: NewSql) -> Started:
    """Accept an SQL job."""
    new = NewSqlJob(
        scope=parse_scope(wanted.scope),
        name=wanted.name or sql_job_name(call.caller.language, call.platform.engine.clock()),
        content=_content(wanted.sql),
        db_account_id=None,
        db_account_alias=wanted.db_account,
        timeout_s=wanted.timeout_s,
        target=target_of(wanted.targets),
        start=wanted.start,
        idempotency_key=key_of(call),
    )
    started = await sql.start_sql(call.platform, call.caller, new)
    return Started(started.job_id, started.step_id, started.name)


def _content(text: str) -> bytes:
    content = text.encode()
    if not content.strip():
        raise FieldError("sql", "is empty")
    if len(content) > MAX_SCRIPT_BYTES:
        raise FieldError("sql", f"is larger than {MAX_SCRIPT_BYTES} bytes")
    return content


ROUTES = (
    Route("POST", "/api/v1/jobs/sql", Action.QUICK_EXECUTE_SCRIPT, start_sql, NewSql, Started, "Run SQL on hosts", 201),
)
