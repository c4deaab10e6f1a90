"""What happens, as it happens: a stream of server-sent events, and the same asked for piece by piece."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any

import msgspec
from litestar import Response
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from msgspec import Meta

from jobfleet.api.access import SIGNED_IN
from jobfleet.api.callers import trace_of
from jobfleet.api.native.route import (
    AnyRequest,
    Call,
    FieldError,
    Route,
    Wanted,
    bearer_token,
    caller_of_request,
    guarded,
    token_of,
)
from jobfleet.model.cursor import Cursor, parse_cursor
from jobfleet.model.errors import UnauthenticatedError, UnavailableError
from jobfleet.model.topic import MAX_TOPICS, Topic, parse_topic
from jobfleet.operations import callers
from jobfleet.operations.follow import Followed, may_follow, visible_topics
from jobfleet.operations.live import Follower, Portion
from jobfleet.operations.news import Told
from jobfleet.operations.platform import Platform

PATH = "/api/v1/stream"
BEAT_S = 15.0
"""A stream is never silent for longer."""

CHECK_S = 5.0
"""How often a stream makes sure that who reads it still may."""

MAX_WAIT_S = 25
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Poll(Wanted, frozen=True):
    """Ask what happened to topics (parted by commas) since a cursor; without one, for the cursor of now."""

    topics: Annotated[str, Meta(min_length=1, max_length=8_000)]
    after: Annotated[str, Meta(max_length=8_000)] = ""
    wait_s: Annotated[float, Meta(ge=0, le=MAX_WAIT_S, description="Answer after so long even without news")] = 0


class Polled(msgspec.Struct, frozen=True):
    """Show what happened; ask with `cursor` the next time.

    `reset`: it cannot be told what happened since the cursor that was given; read anew what you follow. `gone` are
    topics that do not exist for the caller.
    """

    cursor: str
    reset: bool
    gone: list[str]
    events: list[Told]


async def poll_stream(call: Call, wanted: Poll) -> Polled:
    """Show what happened."""
    topics, after = _topics(wanted.topics), _after(wanted.after)
    seen = await visible_topics(call.platform, call.caller, topics)
    gone = _gone(topics, seen)
    hub = call.platform.live
    follower = hub.follow(call.platform.engine, [one.topic for one in seen], after)
    try:
        portion = await _first(follower)
        if not (portion.items or portion.is_reset or gone) and wanted.wait_s:
            portion = await follower.next(wanted.wait_s) or portion
    finally:
        hub.leave(follower)
    return Polled(portion.cursor.text, portion.is_reset, gone, [item.told for item in portion.items])


async def _first(follower: Follower) -> Portion:
    first = await follower.next(MAX_WAIT_S)
    if first is None:
        raise UnavailableError(detail="nothing can be told")
    return first


def _topics(text: str) -> tuple[Topic, ...]:
    found = [(part, parse_topic(part)) for part in text.split(",")]
    for part, topic in found:
        if topic is None:
            raise FieldError("topics", f"{part[:50]} is none")
    if len(found) > MAX_TOPICS:
        raise FieldError("topics", f"are more than {MAX_TOPICS}")
    return tuple(dict.fromkeys(topic for _, topic in found if topic is not None))


def _after(text: str) -> Cursor | None:
    found = parse_cursor(text) if text else None
    if text and found is None:
        raise FieldError("after", "is no cursor")
    return found


def _gone(topics: tuple[Topic, ...], seen: list[Followed]) -> list[str]:
    left = {one.topic for one in seen}
    return [topic.text for topic in topics if topic not in left]


class _Reader(msgspec.Struct, frozen=True):
    """Hold who reads a stream: what they came with, and what they may follow."""

    platform: Platform
    name: str
    token: str
    by_cookie: bool
    seen: list[Followed]

    async def still_may(self) -> bool:
        """Tell whether they are still signed in and may still follow all of it; while the record is away, they may."""
        try:
            caller = await callers.still_caller(self.platform, self.token, by_cookie=self.by_cookie)
        except UnauthenticatedError:
            return False
        except UnavailableError:
            return True
        return all(may_follow(caller, one) for one in self.seen)


async def open_stream(platform: Platform, request: AnyRequest) -> Response[Any]:
    """Answer with a stream."""
    caller = await caller_of_request(platform, request)
    name = caller.username or caller.app_code
    platform.seats.check(name)
    query = request.query_params
    topics = _topics(query.get("topics", ""))
    after = _after(query.get("after", "") or request.headers.get("last-event-id", ""))
    seen = await visible_topics(platform, caller, topics)
    reader = _Reader(platform, name, token_of(request), not bearer_token(request, needed=False), seen)
    follower = platform.live.follow(platform.engine, [one.topic for one in seen], after)
    headers = HEADERS | {"X-Request-Id": trace_of(request)}
    return Stream(_seated(reader, follower, _gone(topics, seen)), media_type="text/event-stream", headers=headers)


async def _seated(reader: _Reader, follower: Follower, gone: list[str]) -> AsyncIterator[bytes]:
    """Yield a stream, which counts as its reader's until it ends."""
    with reader.platform.seats.taken(reader.name):
        async with aclosing(_frames(reader, follower, gone)) as frames:
            async for frame in frames:
                yield frame


async def _frames(reader: _Reader, follower: Follower, gone: list[str]) -> AsyncGenerator[bytes]:
    """Yield a stream until its reader leaves, may not read any more, or the server is told to stop."""
    clock = asyncio.get_running_loop().time
    beat_at, check_at = clock() + BEAT_S, clock() + CHECK_S
    try:
        while True:
            portion = await follower.next(max(0.0, min(beat_at, check_at) - clock()))
            if portion is not None:
                beat_at = clock() + BEAT_S
                yield _frame(portion, gone)
            elif follower.is_closed:
                return
            if clock() >= check_at:
                check_at = clock() + CHECK_S
                if not await reader.still_may():
                    yield b"event: end\ndata: {}\n\n"
                    return
            if clock() >= beat_at:
                beat_at = clock() + BEAT_S
                yield _beat(follower.cursor)
    finally:
        reader.platform.live.leave(follower)


def _frame(portion: Portion, gone: list[str]) -> bytes:
    """Return a portion as events. Only the last one has an id: who is cut off before it is told all of them again."""
    parts = []
    if portion.is_first:
        parts.append(_event("ready", msgspec.json.encode({"gone": gone, "resumed": not portion.is_reset})))
    if portion.is_reset:
        parts.append(_event("reset", b"{}"))
    parts += [_event(str(item.told.__struct_config__.tag), item.data) for item in portion.items]
    return b"".join(parts)[:-1] + f"id: {portion.cursor.text}\n\n".encode()


def _event(name: str, data: bytes) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), data)


def _beat(cursor: Cursor | None) -> bytes:
    """Return a sign of life, with the moment up to which there was nothing new."""
    return b": alive\n" + (f"id: {cursor.text}\n".encode() if cursor else b"") + b"\n"


def routes(platform: Platform) -> list[HTTPRouteHandler]:
    """Return the handler of the stream; it ends with its reader, and so is in no document of requests and answers."""

    async def handle(request: AnyRequest) -> Response[Any]:
        return await guarded(platform, request, PATH, open_stream(platform, request))

    return [HTTPRouteHandler(PATH, http_method=[HttpMethod.GET], opt={"permission": SIGNED_IN})(handle)]


ROUTES = (
    Route(
        "GET",
        f"{PATH}/poll",
        SIGNED_IN,
        poll_stream,
        Poll,
        Polled,
        "Show what happened to what one follows since a cursor",
    ),
)
