"""The session in a browser's cookie, and what keeps pages of other sites from using it.

Three things do, and each alone would: the cookie is SameSite=Lax; what changes something has to carry in a header a
token bound to the session, which no other site's page can read; and what a browser says of a request's origin counts.
"""

import hashlib
import hmac
from urllib.parse import urlsplit

from litestar.datastructures import Cookie

from jobfleet.api.sources import AnyRequest, is_encrypted
from jobfleet.model.signin_errors import ForeignPageError
from jobfleet.operations.platform import Platform

SESSION_COOKIE = "jobfleet_session"
BUS_COOKIE = "bk_token"
CSRF_HEADER = "x-csrf-token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def csrf_token(session: str) -> str:
    """Return the token that belongs to a session; whoever does not know the session cannot make it."""
    return hmac.new(session.encode(), b"jobfleet csrf", hashlib.sha256).hexdigest()


def session_of(request: AnyRequest) -> str:
    """Return the session in a request's cookie, "" for none."""
    return request.cookies.get(SESSION_COOKIE, "")


def check_session_use(platform: Platform, request: AnyRequest, session: str) -> None:
    """Do nothing when a request may use the session of its cookie.

    Raises:
        ForeignPageError: It may come from a page of another site.

    Source: docs/reference/sign-in.md, «Sessions».
    """
    if request.method in SAFE:
        return
    check_own_page(platform, request)
    given = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode(), csrf_token(session).encode()):
        raise ForeignPageError("X-CSRF-Token")


def check_own_page(platform: Platform, request: AnyRequest) -> None:
    """Do nothing when a request comes from no browser, or from one of our own pages.

    Raises:
        ForeignPageError: The browser says that it comes from elsewhere.
    """
    site = request.headers.get("sec-fetch-site", "")
    if site not in {"", "same-origin", "none"}:
        raise ForeignPageError("Sec-Fetch-Site")
    origin = request.headers.get("origin", "")
    own = {_place(platform.public_url), _own_place(platform, request)} - {("", "")}
    if origin and _place(origin) not in own:
        raise ForeignPageError("Origin")


def cookie(
    platform: Platform, request: AnyRequest, name: str, value: str, *, path: str = "/", max_age_s: int
) -> Cookie:
    """Return a cookie to set, which no script can read; one of 0 seconds is taken away."""
    secure = is_encrypted(platform, request)
    return Cookie(key=name, value=value, path=path, max_age=max_age_s, secure=secure, httponly=True, samesite="lax")


def _own_place(platform: Platform, request: AnyRequest) -> tuple[str, str]:
    scheme = "https" if is_encrypted(platform, request) else "http"
    return _place(f"{scheme}://{request.headers.get('host', '')}")


def _place(address: str) -> tuple[str, str]:
    """Return scheme and host with port of an address, the usual ports left out."""
    parts = urlsplit(address)
    usual = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    return parts.scheme.lower(), parts.netloc.lower().removesuffix(usual) if usual else parts.netloc.lower()
