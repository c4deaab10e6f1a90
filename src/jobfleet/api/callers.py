"""Read how a request names its caller: header, body, query, cookie, or a gateway's token."""

import re
import uuid
from typing import Any

import msgspec
from litestar import Request

from jobfleet.api.cookies import BUS_COOKIE, check_own_page, check_session_use, session_of
from jobfleet.api.reading import Parameters, check_texts, parse
from jobfleet.api.sources import address_of
from jobfleet.api.surface import Level, Surface, is_back_end
from jobfleet.model.audit import Access
from jobfleet.model.caller import Caller, Origin
from jobfleet.model.errors import BadRequestError, UnauthenticatedError, UnreadableBodyError
from jobfleet.model.labels import language_of
from jobfleet.operations.callers import Credentials
from jobfleet.operations.platform import Platform

AUTHORIZATION = "x-bkapi-authorization"
GATEWAY_TOKEN = "x-bkapi-jwt"  # noqa: S105 - the name of a header
ACTING_USER = "x-bk-username"
API_TYPE = "x-bk-job-api-type"
LANGUAGE = "blueking-language"
IDEMPOTENCY_KEY = "idempotency-key"

_TRACE = re.compile(r"[0-9a-f]{32}")
_KEY = re.compile(r"[\x21-\x7e]{1,128}")
AnyRequest = Request[Any, Any, Any]


def credentials_of(
    platform: Platform, request: AnyRequest, surface: Surface, level: Level, parameters: Parameters
) -> Credentials:
    """Return what a request tells of its caller; the header wins over body and query, which count on the bus only.

    Raises:
        UnauthenticatedError: The header is not a JSON object of texts.
        ForeignPageError: A page of another site may have made a browser send the session in its cookie.
    """
    told = _told(platform, request, surface, parameters)
    told = msgspec.structs.replace(told, language=language(request), app_level=level is Level.APP)
    acting = request.headers.get(ACTING_USER, "").strip() if level is Level.APP else ""
    return msgspec.structs.replace(told, username=acting) if acting else told


def is_in_header(request: AnyRequest) -> bool:
    """Tell whether a header names the caller, so that nothing else counts."""
    return bool(request.headers.get(GATEWAY_TOKEN) or request.headers.get(AUTHORIZATION))


def level_of(request: AnyRequest, declared: Level, levels: tuple[Level, ...]) -> Level:
    """Return the level that a request is at: behind a gateway, one path serves both and a header tells them apart."""
    forwarded = Level.APP in levels and is_back_end(request.url.path)
    return Level.APP if forwarded and request.headers.get(API_TYPE, "").strip().lower() == "app" else declared


def placed(platform: Platform, request: AnyRequest, caller: Caller, access: Access) -> Caller:
    """Return a caller with where the request came from."""
    return msgspec.structs.replace(caller, origin=Origin(access.value, address_of(platform, request)))


def language(request: AnyRequest) -> str:
    """Return zh or en as the request asks for; zh when it does not."""
    return language_of(request.headers.get(LANGUAGE, "")) or "zh"


def idempotency_key(request: AnyRequest) -> str:
    """Return the request's idempotency key; "" without one.

    Raises:
        BadRequestError: It is empty, too long or not printable.
    """
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is not None and not _KEY.fullmatch(key):
        raise BadRequestError("Idempotency-Key", "is not 1 to 128 printable characters")
    return key or ""


def trace_of(request: AnyRequest) -> str:
    """Return the request's trace id, 32 hexadecimal digits: the gateway's or client's if it is one, else a new one."""
    for name in ("x-bkapi-request-id", "x-request-id"):
        given = request.headers.get(name, "").replace("-", "").lower()
        if _TRACE.fullmatch(given):
            return given
    return uuid.uuid4().hex


def _told(platform: Platform, request: AnyRequest, surface: Surface, parameters: Parameters) -> Credentials:
    token = request.headers.get(GATEWAY_TOKEN, "")
    if token:
        return Credentials(gateway_token=token)
    header = request.headers.get(AUTHORIZATION, "")
    if header:
        return _of_members(_header_members(header))
    if surface in {Surface.ESB_V2, Surface.ESB_V3}:
        return _with_cookie(platform, request, _of_members(parameters))
    return Credentials()


def _with_cookie(platform: Platform, request: AnyRequest, told: Credentials) -> Credentials:
    """Return credentials with the session in a cookie, where they have no token.

    It counts where the body says that it is JSON, which forms of other sites cannot send. A request that names its
    application is a program's, which proves itself by its secret; any other needs the session's CSRF token.
    """
    session = _cookie(request)
    if told.token or not session:
        return told
    if told.app_code:
        check_own_page(platform, request)
    else:
        check_session_use(platform, request, session)
    return msgspec.structs.replace(told, token=session, by_cookie=bool(session_of(request) == session))


def _cookie(request: AnyRequest) -> str:
    """Return the session in a cookie, where no other site's page can have made the browser send it.

    Such a page can send forms and plain text with the browser's cookies, but not what says that it is JSON.
    """
    is_json = request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
    session = request.cookies.get(BUS_COOKIE, "") or session_of(request)
    return session if is_json or request.method == "GET" else ""


def _header_members(header: str) -> Parameters:
    try:
        members = parse(header.encode("latin-1"))
        check_texts(members)
    except (UnreadableBodyError, UnicodeEncodeError) as error:
        raise UnauthenticatedError("X-Bkapi-Authorization") from error
    return members


def _of_members(members: Parameters) -> Credentials:
    return Credentials(
        app_code=_text(members, "bk_app_code"),
        app_secret=_text(members, "bk_app_secret"),
        username=_text(members, "bk_username"),
        token=_text(members, "access_token") or _text(members, "bk_token"),
    )


def _text(members: Parameters, name: str) -> str:
    value = members.get(name)
    return value if isinstance(value, str) else ""
