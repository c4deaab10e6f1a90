"""Tell those who follow what happens: one reader a server looks, and all who follow are told what it saw."""

import asyncio
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any

import msgspec
import nats.errors
import structlog
from nats.aio.msg import Msg

from jobfleet.bus import subjects
from jobfleet.engine.context import Context
from jobfleet.model.cursor import Cursor
from jobfleet.model.errors import UnavailableError
from jobfleet.model.topic import Topic
from jobfleet.operations import news, standings
from jobfleet.operations.news import Look, Told
from jobfleet.operations.standings import Standing
from jobfleet.store import live
from jobfleet.store.database import Transaction

GAP_S = 0.25
"""Least time between two looks: what changes meanwhile is told as one."""

LOOK_S = 1.0
"""The next look is never later than this, should nobody say that there is something new."""

SLOW_S = 2.0
"""How often what no event tells of, and costs something to find out, is looked at."""

MAX_CHANGES = 20_000
"""Who missed more than this has to read anew what they follow."""

MAX_WAITING_BYTES = 2**20
"""So much waits for one who is slow; then it is dropped, and they have to read anew."""

_log = structlog.get_logger()
Standings = Mapping[Topic, Standing]
_encoder = msgspec.json.Encoder()


class Item(msgspec.Struct, frozen=True):
    """Hold something that is told, and the same as JSON: written once, however many are told."""

    told: Told
    data: bytes


class Portion(msgspec.Struct, frozen=True):
    """Hold what one is told at once, and the moment up to which it is told.

    `is_reset`: something is missing before it, so that what is followed has to be read anew. `is_first`: it is what
    somebody who begins to follow is told.
    """

    items: tuple[Item, ...]
    cursor: Cursor
    is_first: bool = False
    is_reset: bool = False


class Follower:
    """Wait for what is new about topics."""

    def __init__(self, topics: Iterable[Topic], after: Cursor | None) -> None:
        self.topics = tuple(dict.fromkeys(topics))
        self.after = after
        self.cursor: Cursor | None = None
        self.is_closed = False
        self._waiting: deque[Portion] = deque()
        self._waiting_bytes = 0
        self._is_new = asyncio.Event()

    async def next(self, timeout_s: float) -> Portion | None:
        """Return the next portion, or None when none came within `timeout_s` seconds or it is closed."""
        if not self._waiting and not self.is_closed:
            self._is_new.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await self._is_new.wait()
        if not self._waiting:
            return None
        portion = self._waiting.popleft()
        self._waiting_bytes -= _size(portion)
        return portion

    def put(self, portion: Portion) -> None:
        """Have a portion wait; when too much waits, all of it is dropped for the word that something is missing."""
        self.cursor = portion.cursor
        if self._waiting_bytes + _size(portion) > MAX_WAITING_BYTES:
            self._waiting.clear()
            self._waiting_bytes = 0
            portion = Portion((), portion.cursor, is_reset=True)
        self._waiting.append(portion)
        self._waiting_bytes += _size(portion)
        self._is_new.set()

    def close(self) -> None:
        """Tell no more; what waits is still told."""
        self.is_closed = True
        self._is_new.set()


def _size(portion: Portion) -> int:
    return 64 + sum(len(item.data) for item in portion.items)


class Hub:
    """Look at what happens while anybody follows, and tell them.

    What it costs grows with what is followed, not with how many follow it. Any other server's hub goes on from its
    cursors.

    Source: docs/explanation/live-pages.md.
    """

    def __init__(self, max_changes: int = MAX_CHANGES) -> None:
        self._max_changes = max_changes
        self._followers: set[Follower] = set()
        self._joining: list[Follower] = []
        self._cursor: Cursor | None = None
        self._standings: Standings = {}
        self._slow_at = 0.0
        self._wake = asyncio.Event()
        self._comes = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None
        self._is_over = False

    def follow(self, ctx: Context, topics: Iterable[Topic], after: Cursor | None) -> Follower:
        """Return a follower of topics; the first portion tells what happened since `after`, or that it is unknown."""
        follower = Follower(topics, after)
        if self._is_over:
            follower.close()
            return follower
        self._joining.append(follower)
        self._wake.set()
        self._comes.set()
        if self._reader is None:
            self._reader = asyncio.create_task(self._read(ctx))
        return follower

    def leave(self, follower: Follower) -> None:
        """Tell somebody no more."""
        follower.close()
        self._followers.discard(follower)
        if follower in self._joining:
            self._joining.remove(follower)

    async def stop(self) -> None:
        """End everybody's following, as a server does that is told to stop."""
        self._is_over = True
        self._close_all()
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    def _close_all(self) -> None:
        for follower in (*self._followers, *self._joining):
            follower.close()
        self._followers, self._joining = set(), []

    async def _read(self, ctx: Context) -> None:
        subscription = await _listen(ctx, self._wake)
        try:
            while self._followers or self._joining:
                begun = asyncio.get_running_loop().time()
                await self._look_or_close(ctx)
                await self._pause(begun)
        finally:
            self._reader, self._cursor, self._standings = None, None, {}
            if subscription is not None:
                with suppress(nats.errors.Error):
                    await subscription.unsubscribe()

    async def _pause(self, begun: float) -> None:
        """Wait until there may be something new, and at least GAP_S unless somebody comes."""
        clock = asyncio.get_running_loop().time
        await _wait(self._wake, LOOK_S)
        while not self._joining and (rest := begun + GAP_S - clock()) > 0:
            self._comes.clear()
            await _wait(self._comes, rest)

    async def _look_or_close(self, ctx: Context) -> None:
        """Look once; who follows while the record is away is told so by the end of it, and comes again."""
        try:
            await self._look(ctx)
        except UnavailableError as error:
            _log.warning("nothing can be told", reason=str(error))
            self._close_all()
        except Exception:  # noqa: BLE001 - the edge: whatever went wrong, nobody takes silence for calm
            _log.exception("look failed")
            self._close_all()

    async def _look(self, ctx: Context) -> None:
        self._wake.clear()
        self._followers = {one for one in self._followers if not one.is_closed}
        joining = tuple(self._joining)
        async with ctx.db.begin() as tx:
            cursor = await live.begin_look(tx)
            watched = {topic for one in (*self._followers, *joining) for topic in one.topics}
            stand = await self._stand(tx, ctx, watched)
            await self._tell(tx, ctx, cursor, stand)
            await self._welcome(tx, ctx, cursor, stand, joining)
        self._cursor, self._standings = cursor, stand

    async def _stand(self, tx: Transaction, ctx: Context, watched: set[Topic]) -> Standings:
        """Return how what is followed stands; what costs more is looked at now and then, and when it is new."""
        now = asyncio.get_running_loop().time()
        is_due = now >= self._slow_at
        if is_due:
            self._slow_at = now + SLOW_S
        kept = {
            topic: self._standings[topic]
            for topic in watched & self._standings.keys()
            if topic.kind in standings.SLOW and not is_due
        }
        return kept | dict(await standings.look(tx, watched - kept.keys(), ctx.clock()))

    async def _tell(self, tx: Transaction, ctx: Context, cursor: Cursor, stand: Standings) -> None:
        """Tell those who follow what happened since the last look."""
        if not self._followers or self._cursor is None:
            return
        changes = await live.list_since(tx, self._cursor, self._max_changes + 1)
        if len(changes) > self._max_changes:
            for follower in self._followers:
                follower.put(Portion((), cursor, is_reset=True))
            return
        due = {topic for topic, one in stand.items() if one != self._standings.get(topic)}
        pages = _Pages(Look(tx, changes, ctx.clock(), due), stand, due)
        for follower in tuple(self._followers):
            items = await pages.items(follower.topics)
            follower.cursor = cursor
            if items:
                follower.put(Portion(items, cursor))

    async def _welcome(
        self, tx: Transaction, ctx: Context, cursor: Cursor, stand: Standings, joining: tuple[Follower, ...]
    ) -> None:
        """Tell those who come what happened since they were here; those that left alike are told alike."""
        missed: dict[Cursor | None, _Pages | None] = {None: _Pages(Look(tx, (), ctx.clock()), stand, stand.keys())}
        for follower in joining:
            if follower.after not in missed:
                missed[follower.after] = await self._missed(tx, ctx, cursor, follower.after, stand)
            pages = missed[follower.after]
            items = () if pages is None else await pages.items(follower.topics)
            follower.put(Portion(items, cursor, is_first=True, is_reset=pages is None))
            if follower in self._joining:
                self._joining.remove(follower)
                self._followers.add(follower)

    async def _missed(
        self, tx: Transaction, ctx: Context, cursor: Cursor, after: Cursor | None, stand: Standings
    ) -> "_Pages | None":
        """Return what happened since a cursor; None where that cannot be told: too much, or of another database."""
        if after is None or after.after > cursor.after:
            return None
        changes = await live.list_since(tx, after, self._max_changes + 1)
        if len(changes) > self._max_changes:
            return None
        return _Pages(Look(tx, changes, ctx.clock(), standings.untold(stand)), stand, stand.keys())


class _Pages:
    """Write what one look tells of each topic, once; of what no event tells of, only what is due."""

    def __init__(self, look: Look, stand: Standings, due: Collection[Topic]) -> None:
        self._look = look
        self._standings = stand
        self._due = due
        self._items: dict[Topic, Item | None] = {}

    async def items(self, topics: Iterable[Topic]) -> tuple[Item, ...]:
        """Return what is told of topics."""
        found = [await self._item(topic) for topic in topics]
        return tuple(item for item in found if item is not None)

    async def _item(self, topic: Topic) -> Item | None:
        if topic not in self._items:
            told = await self._told(topic)
            self._items[topic] = None if told is None else Item(told, _encoder.encode(told))
        return self._items[topic]

    async def _told(self, topic: Topic) -> Told | None:
        if topic.kind not in standings.TOLD_FIRST:
            return await self._look.told(topic)
        standing = self._standings.get(topic) if topic in self._due else None
        return None if standing is None else news.stands(topic, standing)


async def _listen(ctx: Context, wake: asyncio.Event) -> Any:
    async def on_message(_: Msg) -> None:
        wake.set()

    with suppress(nats.errors.Error):  # without the broker a look comes a little later
        return await ctx.bus.subscribe(subjects.LIVE, cb=on_message)
    return None


async def _wait(event: asyncio.Event, timeout_s: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await event.wait()
