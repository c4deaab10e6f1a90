"""One request of a BlueKing surface from its bytes to its envelope: nothing gets past it without one."""

import time

import msgspec
import structlog
from litestar import Response

from jobfleet.api import callers, metrics
from jobfleet.api.callers import AnyRequest
from jobfleet.api.envelope import AnswerV4, failure, failure_v4, status_v4, success
from jobfleet.api.fields import read
from jobfleet.api.reading import Parameters, body_parameters, check_accept, query_parameters
from jobfleet.api.surface import Call, Level, Route, Surface
from jobfleet.api.words import BLUEKING_FIELDS, in_words
from jobfleet.model.audit import Access
from jobfleet.model.caller import Caller
from jobfleet.model.errors import Family, InternalError, JobfleetError
from jobfleet.model.messages import message_of
from jobfleet.model.signin_errors import RateLimitedError
from jobfleet.operations import callers as who
from jobfleet.operations.audit_trail import noted
from jobfleet.operations.platform import Platform

log = structlog.get_logger(__name__)

_encoder = msgspec.json.Encoder()
_BUS = frozenset({Surface.ESB_V2, Surface.ESB_V3})
_NOBODY = Caller("", "", platform_admin=False, grants=())


class Endpoint(msgspec.Struct, frozen=True):
    """Answer one route at one level."""

    platform: Platform
    route: Route
    level: Level
    escape_logs: bool

    async def answer(self, request: AnyRequest) -> Response[bytes]:
        """Return the answer to a request, refusals and faults included."""
        trace, begun = callers.trace_of(request), time.perf_counter()
        code, response = await self._answer(request, trace)
        metrics.observe(self.route.surface, self.route.name, code, time.perf_counter() - begun)
        return response

    async def _answer(self, request: AnyRequest, trace: str) -> tuple[int, Response[bytes]]:
        try:
            data = await self._data(request)
            return 0, succeed(self.route, data, trace)
        except JobfleetError as error:
            return error.code, refuse(request, self.route.surface, error, trace)
        except Exception:  # the edge: whatever went wrong, the caller gets an envelope
            log.exception("request failed", operation=self.route.name, request_id=trace)
            return InternalError.code, refuse(request, self.route.surface, InternalError(), trace)

    async def _data(self, request: AnyRequest) -> object:
        if self.route.surface is Surface.GATEWAY_V4:
            check_accept(request.headers.get("accept", ""))
        # A body is read for those who are known, where a header tells who asks.
        known = await self._caller(request, {}) if callers.is_in_header(request) else None
        parameters = await self._parameters(request)
        caller = known or await self._caller(request, parameters)
        wanted: object = read(parameters, self.route.wanted)
        call = Call(self.platform, caller, callers.idempotency_key(request), self.escape_logs)
        async with noted(self.platform, caller, self.route.permission):
            with in_words(BLUEKING_FIELDS):
                return await self.route.handler(call, wanted)

    async def _caller(self, request: AnyRequest, parameters: Parameters) -> Caller:
        if self.level is Level.OPEN:
            return _NOBODY
        level = callers.level_of(request, self.level, self.route.levels)
        credentials = callers.credentials_of(self.platform, request, self.route.surface, level, parameters)
        return callers.placed(self.platform, request, await who.caller_of(self.platform, credentials), Access.API)

    async def _parameters(self, request: AnyRequest) -> Parameters:
        """Return the parameters; on the bus what the body of a POST lacks may stand in the query."""
        query = query_parameters(request.scope["query_string"])
        if request.method == "GET":
            return query
        body = await body_parameters(request)
        return query | body if self.route.surface in _BUS else body


def succeed(route: Route, data: object, trace: str) -> Response[bytes]:
    """Return a success in the route's envelope."""
    if route.surface is Surface.GATEWAY_V4:
        return _response(AnswerV4(data=data, job_request_id=trace), 200, trace)
    return _response(success(data, route.message, trace), 200, trace)


def refuse(request: AnyRequest, surface: Surface, error: JobfleetError, trace: str) -> Response[bytes]:
    """Return a refusal in the surface's envelope.

    Versions 2 and 3 answer with HTTP status 200, but for the rate limit, which callers know from gateways.
    """
    language = callers.language(request)
    if surface is Surface.GATEWAY_V4:
        response = _response(failure_v4(error, language, trace), status_v4(error), trace)
    else:
        status = status_v4(error) if error.family is Family.RATE_LIMITED else 200
        response = _response(failure(error, language, trace), status, trace)
    if isinstance(error, RateLimitedError):
        response.headers["Retry-After"] = str(error.wait_s)
    return response


def refuse_plainly(request: AnyRequest, error: JobfleetError, trace: str) -> Response[bytes]:
    """Return a refusal of a path that belongs to no surface, with its HTTP status."""
    told = {"code": error.code, "message": message_of(error, callers.language(request)), "request_id": trace}
    return _response(told, status_v4(error), trace)


def _response(envelope: object, status: int, trace: str) -> Response[bytes]:
    told = {"X-Request-Id": trace, "X-Bkapi-Request-Id": trace}
    body = _encoder.encode(envelope)
    return Response(content=body, status_code=status, media_type="application/json", headers=told)
