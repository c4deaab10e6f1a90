"""Starts that wait for a second person."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.native.content import language_name
from jobfleet.api.native.jobs import Id, ScopeText, Started
from jobfleet.api.native.preview import WantPreview, start_of
from jobfleet.api.native.preview_views import BlastReason, PreviewAnswer, shown
from jobfleet.api.native.route import Call, Done, Route, Wanted, convert
from jobfleet.engine.accept import NewStep
from jobfleet.model.access_token import TokenKind
from jobfleet.model.caller import Action
from jobfleet.model.definition import FileKind, FileSource, FileSpec
from jobfleet.model.errors import JobfleetError
from jobfleet.model.job import LaunchMode, NewScriptJob
from jobfleet.model.messages import message_of
from jobfleet.model.scope import parse_scope, scope_text
from jobfleet.model.sql_job import NewSqlJob
from jobfleet.model.start_request import MAX_TEXT_CHARACTERS, StartRequest, state_at
from jobfleet.model.target import Target
from jobfleet.model.template import Variable
from jobfleet.model.variable import VariableType
from jobfleet.operations import preview, start_requests
from jobfleet.operations.preview import StepPreview
from jobfleet.operations.start_requests import Asked, Decision
from jobfleet.operations.starts import Start

MOST_ADDRESSES = 1_000
MASK = "******"
VALUES = frozenset(VariableType) - {VariableType.HOSTS}

Text = Annotated[str, Meta(max_length=MAX_TEXT_CHARACTERS, pattern=r"^[^\x00]*$")]


class AskApproval(WantPreview, frozen=True):
    """Give the request of a start, as it would be sent to start, exactly one of these; and say why it is needed.

    `template` is a run of all its steps, `schedule` one that is to fire now, `run` one that is over and is to run once
    more.
    """

    reason: Text = ""


class ListRequests(Wanted, frozen=True):
    """Ask which starts of a scope wait for a second person, or have waited lately."""

    scope: ScopeText


class OneRequest(Wanted, frozen=True):
    """Name a request for approval."""

    scope: ScopeText
    request_id: Id


class ApproveRequest(Wanted, frozen=True):
    """Approve a start; `seen` is the `digest` that was shown with it: refused when it would do something else now."""

    scope: ScopeText
    request_id: Id
    seen: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    answer: Text = ""


class RefuseRequest(Wanted, frozen=True):
    """Refuse a start, and say why."""

    scope: ScopeText
    request_id: Id
    answer: Text = ""


class RequestView(msgspec.Struct, frozen=True):
    """Show a start that waits for a second person; times are epoch milliseconds.

    `reasons` say why it does: `rule` names a rule that blocks it, `hosts` how many there are. `allowed` tells whether
    the caller may decide, `refusal` why not. `own`: the caller asks. `job_id` is the job that it became.
    """

    id: int
    scope: str
    kind: Literal["script", "sql", "files", "plan", "template", "schedule", "run"]
    name: str
    hosts: int
    reasons: list[BlastReason]
    reason: str
    asked_by: str
    asked_at: int
    expires_at: int
    state: Literal["pending", "approved", "refused", "withdrawn", "expired"]
    decided_by: str
    decided_at: int | None
    answer: str
    job_id: int | None
    own: bool
    allowed: bool
    refusal: str


class RequestList(msgspec.Struct, frozen=True):
    """Show requests, those that wait first, then the newest; `is_cut` when there are more."""

    requests: list[RequestView]
    is_cut: bool


class AskedScript(msgspec.Struct, frozen=True):
    """Show what a step of the preview (`place`, counted from 1) would run, whole; `params` are masked when secret.

    `on` are the addresses of its hosts, of more than 1,000 the first; the preview counts them.
    Of a step that sends files, `language` is "files", and the text names each with its size and SHA-256 where those are
    known, and where it goes.
    """

    place: int
    step: str
    language: str
    interpreter: str
    text: str
    params: str
    on: list[str]


class RequestDetail(msgspec.Struct, frozen=True):
    """Show a request with what it would do now, as whoever asks; without a preview when it waits no more.

    `of` is the id of the plan, template, schedule or run that is to start, null for what the request itself brings.
    `values` are those of a plan's variables, secrets masked; lists of hosts are in the preview. `changed`: that is not
    what it would have done when it was asked for. `trouble` is what keeps it from being shown. Approve with the
    `digest` of what was looked at.
    """

    request: RequestView
    of: int | None
    preview: PreviewAnswer | None
    scripts: list[AskedScript]
    values: dict[str, str]
    digest: str
    changed: bool
    trouble: str


async def ask(call: Call, wanted: AskApproval) -> RequestView:
    """Ask somebody else to approve a start."""
    start, body = await start_of(call, wanted), msgspec.json.encode(wanted)
    made = await start_requests.ask(call.platform, call.caller, start, body, wanted.reason)
    refusal = start_requests.refusal_of(call.caller, made, call.platform.engine.clock())
    return _view(call, Asked(made, refusal))


async def list_requests(call: Call, wanted: ListRequests) -> RequestList:
    """Show the requests of a scope."""
    found = await start_requests.list_requests(call.platform, call.caller, parse_scope(wanted.scope))
    return RequestList([_view(call, one) for one in found], len(found) >= start_requests.MAX_LISTED)


async def show(call: Call, wanted: OneRequest) -> RequestDetail:
    """Show a request with what it would do."""
    asked, body = await start_requests.open_request(
        call.platform, call.caller, parse_scope(wanted.scope), wanted.request_id
    )
    view, words = _view(call, asked), call.caller.language
    if not body:
        return RequestDetail(view, None, None, [], {}, "", False, "")
    named = _named(_wanted(body))
    try:
        asking, start = await _start(call, asked.request, body)
        found = await preview.preview(call.platform, asking.caller, start)
    except JobfleetError as error:
        return RequestDetail(view, named, None, [], {}, "", False, message_of(error, words))
    scripts = [one for place, step in enumerate(found.steps, 1) if (one := _script(place, step)) is not None]
    values = {one.variable.name: _value(one.variable) for one in found.variables if one.variable.type in VALUES}
    digest = start_requests.digest_of(call.platform, found)
    changed = digest != asked.request.digest
    return RequestDetail(view, named, await shown(call, found), scripts, values, digest, changed, "")


async def _start(call: Call, request: StartRequest, body: bytes) -> tuple[Call, Start]:
    """Return the start that a request is about, and the call that its asker would make."""
    asker = await start_requests.asker_of(call.platform, request)
    by_hand = request.launch_mode is LaunchMode.PAGE
    asker = msgspec.structs.replace(asker, token=TokenKind.SESSION.value if by_hand else "")
    asking = Call(call.platform, asker, call.request)
    return asking, start_requests.as_requested(await start_of(asking, _wanted(body)), request)


def _wanted(body: bytes) -> AskApproval:
    wanted = convert((msgspec.json.decode(body), False), AskApproval)
    assert isinstance(wanted, AskApproval)
    return wanted


def _named(wanted: AskApproval) -> int | None:
    """Return the id of what is kept here and asked to start."""
    if wanted.plan is not None:
        return wanted.plan.plan_id
    if wanted.template is not None:
        return wanted.template.template_id
    if wanted.schedule is not None:
        return wanted.schedule.schedule_id
    return None if wanted.run is None else wanted.run.job_id


def _script(place: int, step: StepPreview) -> AskedScript | None:
    on = [_address(target) for target in step.made.targets[:MOST_ADDRESSES]] if step.made is not None else []
    match step.asked:
        case NewScriptJob(content=bytes() as content, language=language) as asked:
            params = MASK if asked.sensitive and asked.params else asked.params
            return AskedScript(place, step.name, language_name(language), asked.interpreter, _text(content), params, on)
        case NewSqlJob(content=bytes() as content):
            return AskedScript(place, step.name, "sql", "", _text(content), "", on)
    if step.made is not None and isinstance(step.made.definition, FileSpec):
        return AskedScript(place, step.name, "files", "", _files(step.made, step.made.definition), "", on)
    return None


def _address(target: Target) -> str:
    address = target.ip or target.ipv6 or str(target.host_id)
    return address if target.container is None else f"{address} {target.container.name}"


def _files(made: NewStep, spec: FileSpec) -> str:
    places = {target.host_id: _address(target) for target in made.sources}
    lines = [line for source in spec.sources for line in _source(source, places)]
    return "\n".join([*lines, f"-> {spec.target_path}"])


def _source(source: FileSource, places: Mapping[int, str]) -> list[str]:
    hosts = ",".join(places.get(one, str(one)) for one in source.host_ids)
    host = f"{source.account}@{hosts}:" if source.kind == FileKind.HOST else ""
    place = f"{source.title}:" if source.kind == FileKind.FILE_SOURCE else host
    known = [f"  {one.size_bytes} bytes  sha256 {one.content_hash}" if one.content_hash else "" for one in source.items]
    return [f"{place}{one.path}{facts}" for one, facts in zip(source.items, known, strict=True)]


def _value(variable: Variable) -> str:
    return MASK if variable.type is VariableType.PASSWORD and variable.value else variable.value


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


async def approve(call: Call, wanted: ApproveRequest) -> Started:
    """Start what somebody else asks for."""
    scope, decision = parse_scope(wanted.scope), Decision(wanted.answer, wanted.seen)
    request, body = await start_requests.open_to_decide(call.platform, call.caller, scope, wanted.request_id)
    asking, start = await _start(call, request, body)
    started = await start_requests.approve(call.platform, call.caller, request.id, asking.caller, start, decision)
    return Started(started.job_id, started.step_id, started.name)


async def refuse(call: Call, wanted: RefuseRequest) -> Done:
    """Refuse what somebody else asks for."""
    await start_requests.refuse(call.platform, call.caller, parse_scope(wanted.scope), wanted.request_id, wanted.answer)
    return Done()


async def withdraw(call: Call, wanted: OneRequest) -> Done:
    """Take a request back."""
    await start_requests.withdraw(call.platform, call.caller, parse_scope(wanted.scope), wanted.request_id)
    return Done()


def _view(call: Call, asked: Asked) -> RequestView:
    one, words = asked.request, call.caller.language
    fields = {name: getattr(one, name) for name in ("id", "kind", "name", "reason", "asked_by", "asked_at")}
    decided = {name: getattr(one, name) for name in ("expires_at", "decided_by", "decided_at", "answer", "job_id")}
    return RequestView(
        **fields,
        **decided,
        scope=scope_text(one.scope),
        hosts=one.host_count,
        reasons=_reasons(one),
        state=state_at(one, call.platform.engine.clock()).value,
        own=one.asked_by == call.caller.username,
        allowed=asked.refusal is None,
        refusal="" if asked.refusal is None else message_of(asked.refusal, words),
    )


def _reasons(one: StartRequest) -> list[BlastReason]:
    return [BlastReason(reason.what, reason.value) for reason in one.reasons]


_ALL = "/api/v1/start-requests"
_ONE = f"{_ALL}/{{request_id}}"
_IN, _SECOND = Action.ACCESS_BUSINESS, Action.APPROVE_START

ROUTES = (
    Route("GET", _ALL, _IN, list_requests, ListRequests, RequestList, "List the starts that wait for a second person"),
    Route(
        "POST",
        _ALL,
        Action.QUICK_EXECUTE_SCRIPT,
        ask,
        AskApproval,
        RequestView,
        "Ask somebody else to approve a start",
        201,
    ),
    Route("GET", _ONE, _IN, show, OneRequest, RequestDetail, "Show a start that waits, and what it would do"),
    Route("POST", f"{_ONE}/approve", _SECOND, approve, ApproveRequest, Started, "Start what somebody asks for", 201),
    Route("POST", f"{_ONE}/refuse", _SECOND, refuse, RefuseRequest, Done, "Refuse what somebody asks for"),
    Route("POST", f"{_ONE}/withdraw", _IN, withdraw, OneRequest, Done, "Take back what one has asked for"),
)
