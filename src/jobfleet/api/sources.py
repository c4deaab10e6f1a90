"""Where a request comes from, and whether it came encrypted, behind trusted proxies too."""

from typing import Any

from litestar import Request

from jobfleet.model.source import is_trusted, source_of
from jobfleet.operations.platform import Platform

AnyRequest = Request[Any, Any, Any]


def address_of(platform: Platform, request: AnyRequest) -> str:
    """Return the address that a request comes from, "" when it is not known."""
    return source_of(_peer(request), request.headers.get("x-forwarded-for", ""), platform.trusted_proxies)


def is_encrypted(platform: Platform, request: AnyRequest) -> bool:
    """Tell whether the caller speaks https, with us or with a trusted proxy; the public address counts too."""
    if platform.public_url.startswith("https://") or request.url.scheme == "https":
        return True
    told = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    return told == "https" and is_trusted(_peer(request), platform.trusted_proxies)


def _peer(request: AnyRequest) -> str:
    return request.client.host if request.client else ""
