"""Serving the console: hashed files for ever, the page for every address of its places, and what keeps both safe."""

import gzip

from litestar import Response
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler

from jobfleet.api.access import OPEN
from jobfleet.api.console.assets import Asset, Console
from jobfleet.api.sources import AnyRequest

PLACES = (
    "/",
    "/biz/{rest:path}",
    "/biz_set/{rest:path}",
    "/platform",
    "/platform/{rest:path}",
    "/me/{rest:path}",
    "/sign-in",
    "/api_execute/{job_id:int}",
    "/api_execute_step/{job_id:int}/{step_id:int}",
    "/api_plan/{plan_id:int}",
    "/{app_id:int}/execute/step/{job_id:int}",
)
"""The addresses that show the page, which finds out for itself what they mean.

Source: docs/reference/console.md, «Addresses».
"""

_SOURCES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'"
)
_FOR_EVER = "public, max-age=31536000, immutable"
_METHODS = (HttpMethod.GET, HttpMethod.HEAD)


def routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the handlers of the console, which ask nobody who they are: the page holds no data."""
    return [_page(console), _assets(console), *(_other(name, asset, console) for name, asset in console.others.items())]


def _page(console: Console) -> HTTPRouteHandler:
    shown = Asset(console.page, gzip.compress(console.page, mtime=0), "text/html")

    async def page(request: AnyRequest) -> Response[bytes]:
        return _answer(request, shown, "no-cache", console)

    return HTTPRouteHandler(list(PLACES), http_method=_METHODS, opt={"permission": OPEN})(page)


def _assets(console: Console) -> HTTPRouteHandler:
    async def asset(request: AnyRequest) -> Response[bytes]:
        found = console.assets.get(request.path_params["name"])
        if found is None:
            # No page in the place of a script: a browser with yesterday's page should see that it has to load anew.
            missing = Asset(b"not found", b"", "text/plain")
            return _answer(request, missing, "no-store", console, status=404)
        return _answer(request, found, _FOR_EVER, console)

    return HTTPRouteHandler("/assets/{name:str}", http_method=_METHODS, opt={"permission": OPEN})(asset)


def _other(name: str, asset: Asset, console: Console) -> HTTPRouteHandler:
    async def other(request: AnyRequest) -> Response[bytes]:
        return _answer(request, asset, "no-cache", console)

    return HTTPRouteHandler(f"/{name}", http_method=_METHODS, opt={"permission": OPEN})(other)


def _answer(request: AnyRequest, asset: Asset, cache: str, console: Console, *, status: int = 200) -> Response[bytes]:
    """Return a file with its headers, compressed for who takes that; a HEAD gets the headers only."""
    packs = bool(asset.packed) and _takes_gzip(request)
    body = asset.packed if packs else asset.content
    headers = safety(console.frame_ancestors) | {"Cache-Control": cache, "Vary": "Accept-Encoding"}
    headers |= {"Content-Encoding": "gzip"} if packs else {}
    if request.method == "HEAD":
        headers |= {"Content-Length": str(len(body))}
        body = b""
    return Response(body, status_code=status, media_type=asset.media_type, headers=headers)


def safety(frame_ancestors: str) -> dict[str, str]:
    """Return the headers that keep a page from running or showing what is not ours.

    Source: docs/reference/console.md, «Safety».
    """
    return {
        "Content-Security-Policy": f"{_SOURCES}; frame-ancestors {frame_ancestors}",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }


def _takes_gzip(request: AnyRequest) -> bool:
    for part in request.headers.get("accept-encoding", "").split(","):
        name, _, weight = part.strip().partition(";")
        if name.strip().lower() in {"gzip", "*"}:
            return weight.replace(" ", "").lower() not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
