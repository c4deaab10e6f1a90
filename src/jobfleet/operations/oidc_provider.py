"""Speak with an identity provider: its addresses, its keys, codes against tokens."""

import asyncio
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import jwt
import msgspec
from jwt.types import Options

from jobfleet.model.errors import UnauthenticatedError, UnavailableError
from jobfleet.model.oidc import ALGORITHMS, Attempt, Provider
from jobfleet.model.unreadable import UNREADABLE

TIMEOUT_S = 10.0
KEEP_MS = 3_600_000
"""How long the provider's addresses and keys are kept before they are asked for again."""

UNKNOWN_KEY_MS = 10_000
"""How often an unknown key makes us ask for the keys anew: whoever sends nonsense must not make us ask all the time."""

MAX_ANSWER_BYTES = 2**20
_Json = dict[str, Any]
Kind = TypeVar("Kind")


class Endpoints(msgspec.Struct, frozen=True):
    """Where the provider does what, as its discovery document says."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class Tokens(msgspec.Struct, frozen=True):
    """What a code is exchanged for."""

    id_token: str
    access_token: str = ""


class OidcProvider:
    """Keep what is known of an identity provider, and ask it."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._endpoints: Endpoints | None = None
        self._keys: dict[str, _Json] = {}
        self._kept_until = 0
        self._asked_at = 0
        self._one_at_a_time = asyncio.Lock()

    async def endpoints(self, now: int) -> Endpoints:
        """Return where the provider does what.

        Raises:
            UnavailableError: The provider is away, or is another one than we were told.
        """
        async with self._one_at_a_time:
            if self._endpoints is None or now >= self._kept_until:
                await self._discover(now)
            assert self._endpoints is not None
            return self._endpoints

    async def exchange(self, code: str, attempt: Attempt, redirect_uri: str, now: int) -> Tokens:
        """Return what the provider gives for a code.

        Raises:
            UnauthenticatedError: It gives nothing: the code is wrong, old, used, or somebody else's.
            UnavailableError: The provider is away.
        """
        endpoints = await self.endpoints(now)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": attempt.verifier,
            "client_id": self.provider.client_id,
        }
        form |= self._secret(endpoints)
        answer = await _send("POST", endpoints.token_endpoint, data=form, auth=self._auth(endpoints))
        if answer.status_code >= 400:
            raise UnauthenticatedError(
                "code", detail=f"the provider answered {answer.status_code}: {answer.text[:200]}"
            )
        return _decoded(answer, Tokens)

    async def claims(self, tokens: Tokens, now: int) -> _Json:
        """Return the claims of an ID token whose signature, issuer and audience are right; nothing else is checked.

        Raises:
            UnauthenticatedError: It is not the provider's, or not for us.
            UnavailableError: The provider is away.
        """
        try:
            header = jwt.get_unverified_header(tokens.id_token)
            algorithm = header.get("alg")
            if algorithm not in ALGORITHMS:
                raise UnauthenticatedError("id_token: alg")
            key = await self._key(str(header.get("kid", "")), algorithm, now)
            found: _Json = jwt.decode(
                tokens.id_token,
                key,
                [algorithm],
                _CHECKS,
                audience=self.provider.client_id,
                issuer=self.provider.issuer,
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise UnauthenticatedError(f"id_token: {type(error).__name__}", detail=str(error)) from error
        return found

    async def more_claims(self, tokens: Tokens, subject: str, now: int) -> _Json:
        """Return what the provider says of a user besides, {} when it says nothing or speaks of somebody else."""
        endpoints = await self.endpoints(now)
        if not endpoints.userinfo_endpoint or not tokens.access_token:
            return {}
        headers = {"Authorization": f"Bearer {tokens.access_token}"}
        answer = await _send("GET", endpoints.userinfo_endpoint, headers=headers)
        if answer.status_code >= 400:
            return {}
        told = _decoded(answer, _Json)
        return told if told.get("sub") == subject else {}

    async def _key(self, kid: str, algorithm: str, now: int) -> jwt.PyJWK:
        endpoints = await self.endpoints(now)
        async with self._one_at_a_time:
            if kid not in self._keys and now - self._asked_at >= UNKNOWN_KEY_MS:
                self._asked_at = now
                self._keys = await _keys(endpoints)
        jwk = self._keys.get(kid)
        if jwk is None or jwk.get("use", "sig") != "sig" or jwk.get("alg", algorithm) != algorithm:
            raise UnauthenticatedError("id_token: kid")
        return jwt.PyJWK.from_dict(jwk, algorithm)

    async def _discover(self, now: int) -> None:
        address = self.provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
        answer = await _send("GET", address)
        found = _decoded(answer, Endpoints)
        if found.issuer != self.provider.issuer:
            raise UnavailableError(detail=f"the identity provider calls itself {found.issuer}")
        self._keys = await _keys(found)
        self._endpoints, self._kept_until = found, now + KEEP_MS

    def _is_basic(self, endpoints: Endpoints) -> bool:
        return "client_secret_basic" in endpoints.token_endpoint_auth_methods_supported

    def _auth(self, endpoints: Endpoints) -> httpx.BasicAuth | None:
        if not self.provider.client_secret or not self._is_basic(endpoints):
            return None
        # RFC 6749, 2.3.1: both are form-encoded first.
        return httpx.BasicAuth(quote(self.provider.client_id, safe=""), quote(self.provider.client_secret, safe=""))

    def _secret(self, endpoints: Endpoints) -> dict[str, str]:
        if not self.provider.client_secret or self._is_basic(endpoints):
            return {}
        return {"client_secret": self.provider.client_secret}


_CHECKS: Options = {
    "require": ["exp", "iat", "iss", "aud", "sub"],
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}
"""Times are checked by our own clock, with the nonce."""


async def _keys(endpoints: Endpoints) -> dict[str, _Json]:
    told = _decoded(await _send("GET", endpoints.jwks_uri), _Json)
    return {str(one.get("kid", "")): one for one in told.get("keys", []) if isinstance(one, dict)}


async def _send(method: str, address: str, **request: Any) -> httpx.Response:
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S) as http:
            answer = await http.request(method, address, **request)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UnavailableError(detail=f"the identity provider is away: {type(error).__name__}") from error
    if answer.status_code >= 500 or len(answer.content) > MAX_ANSWER_BYTES:
        raise UnavailableError(detail=f"the identity provider answered {answer.status_code}")
    return answer


def _decoded(answer: httpx.Response, kind: type[Kind]) -> Kind:
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except UNREADABLE as error:
        raise UnavailableError(detail="the identity provider's answer cannot be read") from error
