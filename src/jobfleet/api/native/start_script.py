"""Starting scripts on hosts."""

from typing import Annotated, Literal

from msgspec import Meta

from jobfleet.api.native.content import content_of
from jobfleet.api.native.jobs import Id, ScopeText, Started
from jobfleet.api.native.route import Call, FieldError, Route, Wanted, key_of
from jobfleet.api.native.start_words import (
    AccountAlias,
    JobName,
    RollingWords,
    TargetTexts,
    launch_mode,
    rolling_of,
)
from jobfleet.model.caller import Action
from jobfleet.model.job import NewScriptJob
from jobfleet.model.scope import parse_scope
from jobfleet.model.script import (
    HIGHEST_TIMEOUT_S,
    MAX_INTERPRETER_CHARACTERS,
    MAX_PARAM_BYTES,
    MAX_SENSITIVE_PARAM_BYTES,
    MIN_TIMEOUT_S,
    Language,
)
from jobfleet.operations import accounts, execute, find_targets


class NewScript(Wanted, frozen=True):
    """Ask for one script on hosts.

    It is a text in `script`, any bytes in `script_base64`, the online version of a kept script in `script_id`, or a
    version of one in `script_version_id`; a kept script has its own language.
    """

    scope: ScopeText
    targets: TargetTexts
    script: str | None = None
    script_base64: str | None = None
    script_id: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    script_version_id: Id | None = None
    language: Literal["shell", "bat", "perl", "python", "powershell"] = "shell"
    params: str = ""
    sensitive_params: bool = False
    account: AccountAlias = ""
    timeout_s: Annotated[int, Meta(ge=MIN_TIMEOUT_S, le=HIGHEST_TIMEOUT_S)] | None = None
    name: JobName = ""
    interpreter: Annotated[str, Meta(max_length=MAX_INTERPRETER_CHARACTERS, description="On Windows hosts")] = ""
    rolling: RollingWords | None = None
    start: bool = True


async def start_script(call: Call, wanted: NewScript) -> Started:
    """Accept a script job."""
    started = await execute.start_script(call.platform, call.caller, await new_script(call, wanted))
    return Started(started.job_id, started.step_id, started.name)


async def new_script(call: Call, wanted: NewScript) -> NewScriptJob:
    """Return the job that a request asks for, with the hosts that its texts mean now.

    Raises:
        FieldError: A value is not well-formed.
        BadRequestError: A text names no host.
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope.
    """
    scope = parse_scope(wanted.scope)
    account_id = None if wanted.account else await accounts.default_account(call.platform, call.caller, scope)
    content, params, rolling = _content(wanted), _params(wanted), rolling_of(wanted.rolling)
    meant = await find_targets.objects_of(call.platform, call.caller, scope, wanted.targets)
    return NewScriptJob(
        scope=scope,
        name=wanted.name,
        language=int(Language[wanted.language.upper()]),
        content=content,
        params=params,
        sensitive=wanted.sensitive_params,
        account_id=account_id,
        account_alias=wanted.account,
        timeout_s=wanted.timeout_s,
        target=meant.hosts,
        containers=meant.containers,
        script_id=wanted.script_id or "",
        script_version_id=wanted.script_version_id,
        interpreter=wanted.interpreter,
        rolling=rolling,
        launch_mode=launch_mode(call),
        start=wanted.start,
        idempotency_key=key_of(call),
    )


def _content(wanted: NewScript) -> bytes | None:
    """Return what came with the request, None when a kept script is named instead."""
    if wanted.script_id is None and wanted.script_version_id is None:
        return content_of(wanted.script, wanted.script_base64)
    given = (wanted.script, wanted.script_base64, wanted.script_id, wanted.script_version_id)
    if sum(value is not None for value in given) > 1:
        raise FieldError("script", "give one of script, script_base64, script_id and script_version_id")
    return None


def _params(wanted: NewScript) -> str:
    limit = MAX_SENSITIVE_PARAM_BYTES if wanted.sensitive_params else MAX_PARAM_BYTES
    if len(wanted.params.encode()) > limit:
        raise FieldError("params", f"is larger than {limit} bytes")
    return wanted.params


ROUTES = (
    Route(
        "POST",
        "/api/v1/jobs/script",
        Action.QUICK_EXECUTE_SCRIPT,
        start_script,
        NewScript,
        Started,
        "Run a script on hosts and in containers",
        201,
    ),
)
