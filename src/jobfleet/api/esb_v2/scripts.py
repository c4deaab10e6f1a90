"""Starting a script in version 2: its script id is a version's, its account an alias."""

from typing import Annotated, Protocol

from jobfleet.api.esb_v2.words import START_FIELDS
from jobfleet.api.fields import NEEDED, Int32, Int64, Text, text
from jobfleet.api.rules import callback_url_of
from jobfleet.api.scope import ScopedV2, scope_of
from jobfleet.api.scripts import (
    Flag,
    Name,
    Started,
    Timeout,
    content_of,
    is_language,
    params_of,
    scope_first,
    started,
    target_in,
)
from jobfleet.api.surface import Call
from jobfleet.api.targets import HostAddress, TargetServerV2, target_of_plain_v2, target_of_v2
from jobfleet.api.words import in_words
from jobfleet.model.errors import IllegalParameterError, MissingOrIllegalParameterError, MissingParameterError
from jobfleet.model.job import NewScriptJob
from jobfleet.model.script import Language
from jobfleet.model.target import TargetSpec
from jobfleet.operations import execute


class FastExecuteScriptV2(ScopedV2, frozen=True, kw_only=True):
    """Ask for one script on hosts; what stands beside `target_server` counts only without it."""

    script_id: Int64 | None = None
    task_name: Name | None = None
    script_content: str | None = None
    script_param: str | None = None
    script_timeout: Timeout | None = None
    account: Annotated[Text | None, NEEDED] = None
    is_param_sensitive: Flag = 0
    script_type: Int32 | None = None
    custom_query_id: tuple[Text, ...] | None = None
    ip_list: tuple[HostAddress, ...] | None = None
    target_server: TargetServerV2 | None = None
    bk_callback_url: str | None = None


async def fast_execute_script(call: Call, wanted: FastExecuteScriptV2) -> Started:
    """Start a script.

    Source: docs/reference/api.md, «fast_execute_script».
    """
    async with scope_first(call, wanted):
        job = _new_job(call, wanted)
    with in_words(START_FIELDS):
        return started(await execute.start_script(call.platform, call.caller, job))


def _new_job(call: Call, wanted: FastExecuteScriptV2) -> NewScriptJob:
    scope, sensitive = scope_of(wanted), bool(wanted.is_param_sensitive)
    content = content_of("script_content", wanted.script_content)
    params = params_of("script_param", wanted.script_param, sensitive=sensitive)
    callback_url = callback_url_of("bk_callback_url", wanted.bk_callback_url or "")
    target = target_in_v2(wanted)
    _check_selector(wanted)
    hosts = hosts_of(target)
    return NewScriptJob(
        scope=scope,
        name=wanted.task_name or "",
        language=wanted.script_type or Language.SHELL,
        content=None if wanted.script_id else content,
        params=params,
        sensitive=sensitive,
        account_id=None,
        account_alias=_account(wanted),
        timeout_s=wanted.script_timeout,
        target=hosts,
        script_version_id=wanted.script_id,
        callback_url=callback_url,
        idempotency_key=call.idempotency_key,
    )


class _Aimed(Protocol):
    """What says in version 2 on which hosts something runs."""

    @property
    def target_server(self) -> TargetServerV2 | None: ...
    @property
    def ip_list(self) -> tuple[HostAddress, ...] | None: ...
    @property
    def custom_query_id(self) -> tuple[Text, ...] | None: ...


def target_in_v2(wanted: _Aimed) -> TargetSpec | None:
    """Return the target of a request; None when it names none. What stands beside `target_server` does not count."""
    if wanted.target_server is not None:
        return target_of_v2(wanted.target_server)
    plain = target_of_plain_v2(wanted.ip_list or (), wanted.custom_query_id or ())
    return None if plain.is_empty else plain


def _check_selector(wanted: FastExecuteScriptV2) -> None:
    if wanted.script_id is not None:
        if wanted.script_id < 1:
            raise IllegalParameterError("script_id")
        return
    if not text(wanted.script_content).strip():
        raise IllegalParameterError("script_content")
    if not is_language(wanted.script_type):
        raise IllegalParameterError("script_type")


def hosts_of(target: TargetSpec | None) -> TargetSpec:
    """Return a target that is there and names something."""
    if target is None:
        raise MissingOrIllegalParameterError("ip_list|custom_query_id|target_server")
    return target_in("target_server", target)


def _account(wanted: FastExecuteScriptV2) -> str:
    alias = text(wanted.account).strip()
    if not alias:
        raise MissingParameterError("account")
    return alias
