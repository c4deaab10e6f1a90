"""How an operation of the native API is declared, and the way of a request through it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import quote

import msgspec
import structlog
from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.exceptions import InternalServerException
from litestar.response import Stream
from msgspec import UNSET, UnsetType

from jobfleet.api.access import AGENT, OPEN
from jobfleet.api.callers import idempotency_key, language, placed, trace_of
from jobfleet.api.cookies import check_session_use, session_of
from jobfleet.api.permission import Permission, permission_of
from jobfleet.api.reading import body_parameters, query_parameters
from jobfleet.api.words import field_of
from jobfleet.model.audit import Access
from jobfleet.model.caller import SCOPE_NEEDS, Action, Caller
from jobfleet.model.errors import (
    HTTP_STATUS,
    BadRequestError,
    DeclarationError,
    Family,
    ForbiddenError,
    InternalError,
    JobfleetError,
    UnauthenticatedError,
    UnavailableError,
    UnreadableBodyError,
)
from jobfleet.model.job_errors import MovedRun, StaleRunError
from jobfleet.model.messages import message_of, mistakes_of
from jobfleet.model.signin_errors import RateLimitedError, TooManyAttemptsError
from jobfleet.operations import access, callers, roles
from jobfleet.operations.audit_trail import noted
from jobfleet.operations.platform import Platform

AnyRequest = Request[Any, Any, Any]
_log = structlog.get_logger()
_encoder = msgspec.json.Encoder()
NOBODY = Caller("", "", platform_admin=False, grants=())
UNAVAILABLE = 503
_STATUS = {**HTTP_STATUS, Family.ABORTED: 409}
"""Who is refused for what they asked for must not take it for a fault, as the contract's version 4 has it."""

REFUSALS = sorted({*_STATUS.values(), UNAVAILABLE})
"""The HTTP statuses of refusals."""


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a request gives: members of the path, and of the query (GET) or of a JSON body."""


class Nothing(Wanted, frozen=True):
    """What a request without parameters gives."""


class Done(msgspec.Struct, frozen=True):
    """Answer what has no other answer."""


class Reply(msgspec.Struct, frozen=True):
    """Answer with more than a body: with cookies to set, or with an address to go to."""

    body: object
    cookies: tuple[Cookie, ...] = ()
    location: str = ""


class Ready(msgspec.Struct, frozen=True):
    """Answer with bytes that are encoded already, and what the headers have to say of them."""

    content: bytes
    headers: dict[str, str]
    media_type: str = "application/json"


class Download(msgspec.Struct, frozen=True):
    """Answer with a file, part by part; `shown` has browsers show it as text instead of storing it.

    Whoever may not have it must be refused before: once it begins there is no other answer.
    """

    name: str
    body: AsyncIterator[bytes]
    media_type: str = "application/octet-stream"
    shown: bool = False


class Call(msgspec.Struct, frozen=True):
    """Hold what a handler works with besides its parameters."""

    platform: Platform
    caller: Caller
    request: AnyRequest


Handler = Callable[[Call, Any], Awaitable[Any]]


class Route(msgspec.Struct, frozen=True):
    """Declare an operation.

    `permission` is what its caller needs, checked by the operation in the scope it is about, or one of OPEN, AGENT
    and SIGNED_IN; a route without one is refused when the application is put together. `wanted` and `answer` are
    the types of its parameters and its answer; bytes and a Download are sent as they are. A body that comes before
    anybody is known is small (MAX_OPEN_BODY_BYTES) unless the route `takes_large`.
    """

    method: str
    path: str
    permission: Action | str | None
    handler: Handler
    wanted: type[Wanted]
    answer: type
    summary: str
    status: int = 200
    takes_large: bool = False


class Refusal(msgspec.Struct, frozen=True):
    """Say why a request was refused.

    `code` is the number of the refusal, `field` the parameter it is about, `mistakes` those of a declared state,
    `permission` what to apply for and `granted_by` some who can grant it, `run` where a run is by now that has moved
    on.
    """

    code: int
    message: str
    field: str | UnsetType = UNSET
    mistakes: tuple[str, ...] | UnsetType = UNSET
    permission: Permission | UnsetType = UNSET
    run: MovedRun | UnsetType = UNSET
    granted_by: tuple[str, ...] | UnsetType = UNSET


class FieldError(BadRequestError):
    """Refuse the value of a field. Arguments: its name, and what is wrong."""


async def answer(platform: Platform, route: Route, request: AnyRequest) -> Response[Any]:
    """Return the answer to a request, refusals and faults included."""
    return await guarded(platform, request, route.path, _answer(platform, route, request))


async def _answer(platform: Platform, route: Route, request: AnyRequest) -> Response[Any]:
    caller = await _caller(platform, route, request)
    async with noted(platform, caller, route.permission):
        _check_platform(route, caller)
        wanted = convert(await _members(request), route.wanted)
        found = await route.handler(Call(platform, caller, request), wanted)
    return _respond(found, route.status, trace_of(request))


async def guarded(
    platform: Platform, request: AnyRequest, path: str, answering: Awaitable[Response[Any]]
) -> Response[Any]:
    """Return what comes of answering a request at a path; of whatever goes wrong comes a refusal."""
    words, trace = language(request), trace_of(request)
    try:
        return await answering
    except ForbiddenError as error:
        return refuse(error, words, trace, await _granters(platform))
    except JobfleetError as error:
        return refuse(error, words, trace)
    except InternalServerException:  # how Litestar says that the client went away, as a killed agent does
        return refuse(UnreadableBodyError("body", "is cut off"), words, trace)
    except Exception:  # noqa: BLE001 - the edge: nothing gets past it
        _log.exception("request failed", path=path, request_id=trace)
        return refuse(InternalError(), words, trace)


async def _granters(platform: Platform) -> tuple[str, ...] | UnsetType:
    try:
        return tuple(await roles.who_can_grant(platform))
    except UnavailableError:  # the refusal itself is what counts
        return UNSET


async def _caller(platform: Platform, route: Route, request: AnyRequest) -> Caller:
    return NOBODY if route.permission in {OPEN, AGENT} else await caller_of_request(platform, request)


async def caller_of_request(platform: Platform, request: AnyRequest) -> Caller:
    """Return who a request comes from, by its token or its session.

    Raises:
        UnauthenticatedError: It has neither, or what it has holds no more.
        ForeignPageError: The page of another site sent it.
    """
    token = bearer_token(request, needed=False)
    session = "" if token else session_of(request)
    if session:
        check_session_use(platform, request, session)
    elif not token:
        raise UnauthenticatedError("Authorization")
    words = language(request)
    caller = await callers.caller_of_token(platform, token or session, words, by_cookie=bool(session))
    return placed(platform, request, caller, Access.WEB)


def _check_platform(route: Route, caller: Caller) -> None:
    """Refuse at once who may not do what is about no business."""
    if isinstance(route.permission, Action) and route.permission not in SCOPE_NEEDS:
        access.demand_platform(caller, route.permission)


def bearer_token(request: AnyRequest, *, needed: bool = True) -> str:
    """Return the token of a request, "" for none that is not needed.

    Raises:
        UnauthenticatedError: There is none.
    """
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and token.strip():
        return token.strip()
    if needed:
        raise UnauthenticatedError("Authorization")
    return ""


def token_of(request: AnyRequest) -> str:
    """Return the token or session that a caller came with."""
    return bearer_token(request, needed=False) or session_of(request)


async def _members(request: AnyRequest) -> tuple[dict[str, Any], bool]:
    """Return the members of a request, and whether all are texts."""
    path = dict(request.path_params)
    if request.method == "GET":
        return query_parameters(request.scope["query_string"]) | path, True
    numbers = {name: int(text) if text.isdecimal() and len(text) < 20 else text for name, text in path.items()}
    return await body_parameters(request) | numbers, False


def convert(members: tuple[dict[str, Any], bool], kind: type[Wanted]) -> Wanted:
    """Return members as the type that a route wants; texts of a query and a path are read as numbers where wanted.

    Raises:
        FieldError: One is unknown, missing or wrong.
    """
    values, are_texts = members
    try:
        return msgspec.convert(values, kind, strict=not are_texts, str_keys=True)
    except msgspec.ValidationError as error:
        raise FieldError(*place_of(str(error))) from error


def place_of(message: str) -> tuple[str, str]:
    """Return the field that a message of msgspec is about, and what is wrong with it."""
    problem, _, path = message.partition(" - at `")
    name = path.rstrip("`").removeprefix("$").removeprefix(".")
    words, _, quoted = problem.partition(" field `")
    if quoted and words in {"Object contains unknown", "Object missing required"}:
        inner = ".".join(part for part in (name, quoted.rstrip("`")) if part)
        return inner, "is unknown" if words.endswith("unknown") else "is missing"
    return name or "body", problem[0].lower() + problem[1:]


def key_of(call: Call) -> str:
    """Return the idempotency key of a call, "" without one."""
    return idempotency_key(call.request)


def _respond(found: object, status: int, trace: str) -> Response[Any]:
    if isinstance(found, Reply):
        return _reply(found, status, trace)
    if isinstance(found, Ready):
        headers = found.headers | {"X-Request-Id": trace}
        return Response(content=found.content, status_code=status, media_type=found.media_type, headers=headers)
    if isinstance(found, Download):
        return _download(found, status, trace)
    raw = isinstance(found, bytes)
    body = found if isinstance(found, bytes) else _encoder.encode(found)
    media = "application/octet-stream" if raw else "application/json"
    return Response(content=body, status_code=status, media_type=media, headers={"X-Request-Id": trace})


def _download(found: Download, status: int, trace: str) -> Response[Any]:
    place = "inline" if found.shown else "attachment"
    headers = {
        "X-Request-Id": trace,
        "X-Content-Type-Options": "nosniff",
        # What hosts printed is never a page: not even a browser that is led here shows it as one.
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": f"{place}; filename*=UTF-8''{quote(found.name)}",
        "Cache-Control": "no-store",
    }
    return Stream(found.body, status_code=status, media_type=found.media_type, headers=headers)


def _reply(found: Reply, status: int, trace: str) -> Response[Any]:
    response = _respond(found.body, status, trace)
    response.headers["Cache-Control"] = "no-store"
    if found.location:
        response.headers["Location"] = found.location
    for cookie in found.cookies:
        response.set_cookie(cookie)
    return response


def refuse(
    error: JobfleetError, words: str, trace: str, granted_by: tuple[str, ...] | UnsetType = UNSET
) -> Response[Any]:
    """Return a refusal with its HTTP status."""
    status = UNAVAILABLE if isinstance(error, UnavailableError) else _STATUS[error.family]
    refusal = Refusal(
        code=error.code,
        message=message_of(error, words),
        field=field_of(error).partition("|")[0] or UNSET,
        mistakes=mistakes_of(error, words) if isinstance(error, DeclarationError) else UNSET,
        permission=permission_of(error, words) if isinstance(error, ForbiddenError) else UNSET,
        run=error.now if isinstance(error, StaleRunError) else UNSET,
        granted_by=granted_by,
    )
    response = _respond(refusal, status, trace)
    if isinstance(error, TooManyAttemptsError | RateLimitedError):
        response.headers["Retry-After"] = str(error.wait_s)
    return response
