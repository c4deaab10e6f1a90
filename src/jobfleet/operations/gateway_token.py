"""Read the signed token with which an API gateway vouches for its callers."""

from collections.abc import Mapping
from typing import Any

import jwt
import msgspec

from jobfleet.model.errors import AppMissingError, AppNotAllowedError, UnauthenticatedError

ALGORITHMS = ["RS256", "RS512"]
DEFAULT_ISSUER = "APIGW"
LEEWAY_S = 30


class Vouched(msgspec.Struct, frozen=True):
    """Name the caller whom a gateway has verified; `username` is "" when it verified no user."""

    app_code: str
    username: str


def read(token: str, declared: Mapping[str, Any]) -> Vouched:
    """Return whom a token vouches for.

    Args:
        declared: Platform settings; `gateway.jwt_public_key` is the PEM key, `gateway.jwt_issuer` the issuer.

    Raises:
        UnauthenticatedError: No gateway is declared, or signature, expiry or issuer are wrong.
        AppMissingError, AppNotAllowedError: The token names no application, or one that was not verified.

    Source: docs/reference/api.md, «Callers».
    """
    claims = _claims(token, declared)
    app, user = _part(claims, "app"), _part(claims, "user")
    code = _text(app, "app_code") or _text(app, "bk_app_code")
    if not code:
        raise AppMissingError
    if app.get("verified") is not True:
        raise AppNotAllowedError(code)
    verified = user.get("verified") is True
    return Vouched(code, (_text(user, "username") or _text(user, "bk_username")) if verified else "")


def _claims(token: str, declared: Mapping[str, Any]) -> dict[str, Any]:
    key = declared.get("gateway.jwt_public_key")
    if not key:
        raise UnauthenticatedError("X-Bkapi-JWT")
    issuer = declared.get("gateway.jwt_issuer") or DEFAULT_ISSUER
    try:
        return jwt.decode(token, key, ALGORITHMS, {"require": ["exp", "iss"]}, issuer=issuer, leeway=LEEWAY_S)
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise UnauthenticatedError("X-Bkapi-JWT", detail=type(error).__name__) from error


def _part(claims: dict[str, Any], name: str) -> dict[str, Any]:
    part = claims.get(name)
    return part if isinstance(part, dict) else {}


def _text(part: dict[str, Any], name: str) -> str:
    value = part.get(name)
    return value if isinstance(value, str) else ""
