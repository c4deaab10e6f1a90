"""Starting a script: the parameters that versions 3 and 4 share, and the rules on them."""

import binascii
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.fields import Int32, Int64, Text, text
from jobfleet.api.host_passwords import HostPasswords, check_host_passwords
from jobfleet.api.rolling import RollingConfig, rolling_of
from jobfleet.api.rules import callback_url_of
from jobfleet.api.scope import ScopedV2, ScopePair, scope_of
from jobfleet.api.surface import Call
from jobfleet.api.targets import Meant
from jobfleet.model.errors import BadRequestError, IllegalParameterError, JobfleetError, MissingParameterError
from jobfleet.model.job import NewScriptJob, StartedJob
from jobfleet.model.job_errors import EmptyTargetError
from jobfleet.model.script import (
    HIGHEST_TIMEOUT_S,
    MAX_INTERPRETER_CHARACTERS,
    MAX_NAME_CHARACTERS,
    MAX_PARAM_BYTES,
    MAX_SCRIPT_BYTES,
    MAX_SENSITIVE_PARAM_BYTES,
    MIN_TIMEOUT_S,
    Language,
)
from jobfleet.model.target import ObjectSpec
from jobfleet.operations import access

Timeout = Annotated[int, Meta(ge=MIN_TIMEOUT_S, le=HIGHEST_TIMEOUT_S, extra_json_schema={"format": "int64"})]
Name = Annotated[str, Meta(max_length=MAX_NAME_CHARACTERS)]
Interpreter = Annotated[str, Meta(max_length=MAX_INTERPRETER_CHARACTERS)]
Flag = Annotated[int, Meta(ge=0, le=1, extra_json_schema={"format": "int32"})]


class ScriptWords(ScopePair, frozen=True, kw_only=True):
    """Say what to run and how, all but the target."""

    script_version_id: Int64 | None = None
    script_id: Text | None = None
    script_content: str | None = None
    task_name: Name | None = None
    script_param: str | None = None
    timeout: Timeout | None = None
    account_alias: Text | None = None
    account_id: Int64 | None = None
    script_language: Int32 | None = None
    callback_url: str | None = None
    rolling_config: RollingConfig | None = None
    start_task: bool = True
    host_password_list: HostPasswords | None = None
    windows_interpreter: Interpreter | None = None


class Started(msgspec.Struct, frozen=True):
    """Name the job that was started."""

    job_instance_id: Int64
    job_instance_name: str
    step_instance_id: Int64


@asynccontextmanager
async def scope_first(call: Call, wanted: ScopePair | ScopedV2) -> AsyncIterator[None]:
    """Let what is refused in the block be refused only to those who may access the request's scope.

    Scope and access are the first check of calls that start a job; in the usual case the operation makes it.

    Raises:
        BadRequestError: The request names no scope.
        ScopeNotFoundError, ForbiddenError: In place of the block's refusal.

    Source: docs/reference/api.md, «Order of checks».
    """
    scope = scope_of(wanted)
    try:
        yield
    except JobfleetError:
        await access.check_access(call.platform, call.caller, scope)
        raise


def started(job: StartedJob) -> Started:
    """Return the answer of every call that starts a script."""
    return Started(job.job_id, job.name, job.step_id)


async def new_job(
    call: Call, wanted: ScriptWords, target: ObjectSpec | None, target_field: str, *, sensitive: bool
) -> NewScriptJob:
    """Return the job that versions 3 and 4 ask for; the first violated rule is told.

    Args:
        target: None when the request has none.
        target_field: What a refusal calls it.

    Raises:
        BadRequestError: A value is not well-formed.
        IllegalRequestError: It wants to roll, but how contradicts itself.
        MissingParameterError, IllegalParameterError, EmptyTargetError: The script, target or account is not told.

    Source: docs/reference/error-codes.md, «Which parameter code when».
    """
    scope = scope_of(wanted)
    content, params, interpreter = _checked_body(wanted, sensitive=sensitive)
    if wanted.host_password_list:
        await check_host_passwords(call, wanted.host_password_list)
    rolling = rolling_of(wanted.rolling_config)
    _check_selector(wanted)
    meant = target_in(target_field, target)
    account_id, alias = account_of(wanted.account_id, wanted.account_alias)
    return NewScriptJob(
        scope=scope,
        name=wanted.task_name or "",
        language=wanted.script_language or Language.SHELL,
        content=None if wanted.script_version_id or wanted.script_id else content,
        params=params,
        sensitive=sensitive,
        account_id=account_id,
        account_alias=alias,
        timeout_s=wanted.timeout,
        target=meant.hosts,
        containers=meant.containers,
        script_version_id=wanted.script_version_id,
        script_id="" if wanted.script_version_id else text(wanted.script_id),
        interpreter=interpreter,
        callback_url=wanted.callback_url or "",
        start=wanted.start_task,
        rolling=rolling,
        idempotency_key=call.idempotency_key,
    )


def content_of(name: str, written: str | None) -> bytes | None:
    """Return a script's bytes from Base64; None when it is absent.

    Raises:
        BadRequestError: It is not Base64, or longer than MAX_SCRIPT_BYTES.
    """
    return _decoded(name, written or "", MAX_SCRIPT_BYTES) or None


def params_of(name: str, written: str | None, *, sensitive: bool) -> str:
    """Return a script's parameters from Base64.

    Raises:
        BadRequestError: They are not Base64 of a text, or too long; sensitive ones may be shorter only.
    """
    most = MAX_SENSITIVE_PARAM_BYTES if sensitive else MAX_PARAM_BYTES
    try:
        params = _decoded(name, written or "", most).decode()
    except UnicodeDecodeError as error:
        raise BadRequestError(name, "is not UTF-8 text") from error
    if "\x00" in params:
        raise BadRequestError(name, "holds characters that no text may hold")
    return params


def target_in(name: str, target: Meant | None) -> Meant:
    """Return a target that is there and names something."""
    if target is None:
        raise MissingParameterError(name)
    if target.is_empty:
        raise EmptyTargetError
    return target


def is_language(number: int | None) -> bool:
    """Tell whether a number names a script language."""
    return number in set(Language)


def _checked_body(wanted: ScriptWords, *, sensitive: bool) -> tuple[bytes | None, str, str]:
    """Return content, parameters and interpreter after the checks on single fields."""
    content = content_of("script_content", wanted.script_content)
    params = params_of("script_param", wanted.script_param, sensitive=sensitive)
    callback_url_of("callback_url", wanted.callback_url or "")
    return content, params, _interpreter(wanted.windows_interpreter or "")


def _check_selector(wanted: ScriptWords) -> None:
    if wanted.script_version_id is not None:
        if wanted.script_version_id < 1:
            raise IllegalParameterError("script_version_id")
    elif not text(wanted.script_id):
        if not wanted.script_content:
            raise MissingParameterError("script_version_id|script_id|script_content")
        if not is_language(wanted.script_language):
            raise IllegalParameterError("script_language")


def _interpreter(path: str) -> str:
    if path and not path.lower().endswith(".exe"):
        raise BadRequestError("windows_interpreter", "does not end in .exe")
    return path


def account_of(account_id: int | None, alias: str | int | None) -> tuple[int | None, str]:
    """Return an account's id, else its alias."""
    if account_id is not None and account_id >= 1:
        return account_id, ""
    if not text(alias).strip():
        raise MissingParameterError("account_id|account_alias")
    return None, text(alias).strip()


def _decoded(name: str, written: str, most: int) -> bytes:
    packed = "".join(written.split())
    if len(packed) % 4:
        raise BadRequestError(name, "is not valid Base64")
    try:
        decoded = binascii.a2b_base64(packed, strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequestError(name, "is not valid Base64") from error
    if len(decoded) > most:
        raise BadRequestError(name, "is too large")
    return decoded
