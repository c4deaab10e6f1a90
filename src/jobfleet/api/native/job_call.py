"""A run as the call of the API that starts the same again."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.callers import language
from jobfleet.api.native.call_bodies import call_of
from jobfleet.api.native.call_text import as_curl, as_python
from jobfleet.api.native.jobs import Id
from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.model.caller import Action
from jobfleet.model.file_job import NewFileJob
from jobfleet.model.job import NewScriptJob
from jobfleet.model.job_errors import AccountNotFoundError, ContentNotFoundError, ScriptNotExecutableError
from jobfleet.model.messages import message_of
from jobfleet.model.resource_errors import FileSourceNotFoundError
from jobfleet.operations import watch
from jobfleet.operations.call_again import Again, GoneAgain, PlanAgain, QuickAgain, call_again

Origin = Annotated[
    str,
    Meta(
        pattern=r"^(https?://[A-Za-z0-9._~:/\[\]-]{1,500})?$",
        description="Where the caller reaches this server; its public address unless given",
    ),
]
_GONE = (AccountNotFoundError, ContentNotFoundError, FileSourceNotFoundError, ScriptNotExecutableError)
_WORDS: Mapping[str, tuple[str, str]] = {
    "secret_params": (
        "参数是敏感信息，不会显示：请替换 YOUR SECRET",
        "The parameters are secret and not shown: fill them in for YOUR SECRET",
    ),
    "secret_params_base64": (
        "参数是敏感信息，不会显示：请把 YOUR SECRET 替换为其 Base64",
        "The parameters are secret and not shown: fill them in for YOUR SECRET, in Base64",
    ),
    "secret_values": (
        "密码变量的值不会显示：请替换 YOUR SECRET",
        "Values of passwords are not shown: fill them in for YOUR SECRET",
    ),
    "left_script": (
        "当时执行的脚本版本已不在或已改变：这里是当时的内容",
        "The kept version that ran is gone or has changed: this is the content that ran",
    ),
    "changed_since": (
        "该执行之后，执行方案或作业模板有过修改：这里启动的是现在的内容",
        "The plan or template was changed after this run: this starts it as it is now",
    ),
    "calls_back": (
        "该执行结束时有回调；回调地址不在此显示",
        "This run called an address back when it ended; the address is not shown here",
    ),
    "lost_containers": (
        "容器不在此调用的目标之内",
        "Containers are not among the targets of this call",
    ),
}


class WantCall(Wanted, frozen=True):
    """Name a job, and how its call is to be written."""

    job_id: Id
    form: Literal["curl", "python"] = "curl"
    origin: Origin = ""


class CallAnswer(msgspec.Struct, frozen=True):
    """Show the call that starts what a job did; `text` is the whole of it, `notes` are its comments.

    Where there is none `text` is empty: `problem` is `plan_gone` or `not_kept`, and `message` says it in words.
    """

    job_id: int
    text: str
    path: str
    notes: list[str]
    problem: Literal["", "plan_gone", "not_kept"]
    message: str


async def show(call: Call, wanted: WantCall) -> CallAnswer:
    """Show a job as a call."""
    words = language(call.request)
    scope = await watch.scope_of_job(call.platform, call.caller, wanted.job_id)
    try:
        again = await call_again(call.platform, call.caller, scope, wanted.job_id)
    except _GONE as error:
        return _none(wanted.job_id, "not_kept", message_of(error, words))
    if isinstance(again, GoneAgain):
        return _none(wanted.job_id, "plan_gone", "")
    return _shown(call, wanted, again, words)


def _none(job_id: int, problem: Literal["plan_gone", "not_kept"], message: str) -> CallAnswer:
    return CallAnswer(job_id, "", "", [], problem, message)


def _shown(call: Call, wanted: WantCall, again: QuickAgain | PlanAgain, words: str) -> CallAnswer:
    origin = (wanted.origin or call.platform.public_url or "http://127.0.0.1").rstrip("/")
    start, notes = call_of(again), [_WORDS[name][words == "en"] for name in notes_of(again)]
    written = (as_curl if wanted.form == "curl" else as_python)(start, origin, notes)
    return CallAnswer(wanted.job_id, written, start.path, notes, "", "")


def notes_of(again: Again) -> list[str]:
    """Return the names of what somebody has to know before they send the call."""
    notes = ["calls_back"] if again.job.callback_url else []
    match again:
        case PlanAgain():
            notes += ["secret_values"] if again.secrets else []
            notes += ["changed_since"] if again.changed_since else []
        case QuickAgain():
            notes += _notes_of_quick(again, is_native=call_of(again).path.startswith("/api/v1/"))
    return notes


def _notes_of_quick(again: QuickAgain, *, is_native: bool) -> list[str]:
    asked, notes = again.asked, list[str]()
    if isinstance(asked, NewScriptJob) and asked.sensitive and asked.params:
        notes.append("secret_params" if is_native else "secret_params_base64")
    if isinstance(asked, NewScriptJob | NewFileJob) and not (asked.containers.is_empty or is_native):
        notes.append("lost_containers")
    return [*notes, "left_script"] if again.left_script else notes


ROUTES = (
    Route(
        "GET",
        "/api/v1/jobs/{job_id}/call",
        Action.VIEW_HISTORY,
        show,
        WantCall,
        CallAnswer,
        "Show a job as the call that starts the same again",
    ),
)
