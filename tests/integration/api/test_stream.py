"""The event stream over HTTP: frames, who may read it, and when it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from tests.integration.api.site import Site
from tests.platforms import serving
from tests.waiting import WITHIN_S

from jobfleet.api.native import stream
from jobfleet.model.access_token import TokenKind
from jobfleet.operations import signin
from jobfleet.operations.seats import MAX_STREAMS

Json = dict[str, Any]
SCOPE_KINDS = ("runs", "inbox", "schedules", "agents")


class Frame(msgspec.Struct, frozen=True):
    """Hold one event of a stream; a comment has no name."""

    name: str
    data: Json
    id: str


class Reading:
    """Read a stream as a browser does, from the application itself: httpx waits for the end of an answer."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self._text = b""
        self._frames: asyncio.Queue[Frame | None] = asyncio.Queue()
        self._gone = asyncio.Event()
        self._asked = False

    async def receive(self) -> Json:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        self._text += message.get("body", b"")
        *whole, self._text = self._text.split(b"\n\n")
        for part in whole:
            self._frames.put_nowait(_frame(part.decode()))
        if not message.get("more_body"):
            self._frames.put_nowait(None)

    async def next(self, within_s: float = WITHIN_S) -> Frame | None:
        """Return the next event, None at the end."""
        return await asyncio.wait_for(self._frames.get(), within_s)

    async def named(self, name: str) -> Frame:
        while (frame := await self.next()) is not None:
            if frame.name == name:
                return frame
        raise AssertionError(f"the stream ended without {name}")

    def leave(self) -> None:
        self._gone.set()


def _frame(text: str) -> Frame:
    fields = dict(line.split(": ", 1) for line in text.split("\n") if not line.startswith(":"))
    return Frame(fields.get("event", ""), msgspec.json.decode(fields.get("data", "{}")), fields.get("id", ""))


class Streams:
    """Open streams as somebody."""

    def __init__(self, site: Site, app: Any) -> None:
        self.site = site
        self._app = app

    async def token(self, name: str) -> str:
        given = await signin.give_token(self.site.platform, name, kind=TokenKind.ACCESS, life_ms=60_000)
        return given.token

    @asynccontextmanager
    async def open(self, token: str, *topics: str, after: str = "") -> AsyncIterator[Reading]:
        reading = Reading()
        headers = [(b"authorization", f"Bearer {token}".encode())] if token else []
        if after:
            headers.append((b"last-event-id", after.encode()))
        scope = {
            "type": "http",
            "method": "GET",
            "path": stream.PATH,
            "raw_path": stream.PATH.encode(),
            "query_string": urlencode({"topics": ",".join(topics)}).encode(),
            "headers": headers,
            "scheme": "http",
            "server": ("jobfleet.test", 80),
            "client": ("127.0.0.1", 5000),
            "http_version": "1.1",
            "root_path": "",
            "extensions": {},
        }
        serving = asyncio.create_task(self._app(scope, reading.receive, reading.send))
        try:
            yield reading
        finally:
            reading.leave()
            await asyncio.wait_for(serving, WITHIN_S)

    async def poll(self, token: str, status: int = 200, **query: Any) -> Json:
        headers = {"Authorization": f"Bearer {token}"}
        answer = await self.site.http.get(f"{stream.PATH}/poll", params=query, headers=headers)
        assert answer.status_code == status, answer.text
        return dict(answer.json())


@pytest.fixture
async def streams(working_site: Site) -> AsyncIterator[Streams]:
    """Give streams from a server with a running engine."""
    with serving(working_site.platform) as app:
        yield Streams(working_site, app)
        await working_site.platform.live.stop()


async def test_a_stream_goes_on_where_it_was_cut(streams: Streams) -> None:
    token = await streams.token("li")
    async with streams.open(token, "runs:biz:2") as reading:
        ready = await reading.named("ready")
        assert (reading.status, ready.data) == (200, {"gone": [], "resumed": True})
        assert reading.headers["content-type"].startswith("text/event-stream")
        assert (reading.headers["x-accel-buffering"], reading.headers["cache-control"]) == ("no", "no-store")
    job_id, step_id = await streams.site.start()
    topics = "runs:biz:2", f"run:{job_id}", f"hosts:{step_id}@{job_id}"
    await streams.site.finished(job_id)
    async with streams.open(token, *topics, after=ready.id) as reading:
        assert (await reading.named("ready")).id == ""
        runs, run, hosts = [await reading.named(name) for name in ("runs", "run", "hosts")]
    assert [job["id"] for job in runs.data["jobs"]] == [job_id]
    assert (run.data["run"]["finished"], hosts.data["columns"]) == (True, None)
    assert [runs.id, run.id] == ["", ""]
    async with streams.open(token, *topics, after=hosts.id) as reading:
        ready = await reading.named("ready")
        assert ready.id
    polled = await streams.poll(token, topics=",".join(topics), after=hosts.id)
    assert (polled["events"], polled["gone"], polled["reset"]) == ([], [], False)


async def test_what_is_foreign_looks_as_what_does_not_exist(streams: Streams) -> None:
    job_id, step_id = await streams.site.start()
    foreign = [
        f"run:{job_id}",
        f"hosts:{step_id}@{job_id}",
        f"log:1@{job_id}",
        f"files:{step_id}@{job_id}",
        *(f"{kind}:biz:2" for kind in SCOPE_KINDS),
    ]
    absent = ["run:77", "hosts:1@77", "log:1@77", "files:1@77", *(f"{kind}:biz:77" for kind in SCOPE_KINDS)]
    async with streams.open(await streams.token("wang"), *foreign, *absent) as reading:
        ready = await reading.named("ready")
    assert ready.data["gone"] == foreign + absent
    async with streams.open(await streams.token("li"), *foreign, *absent) as reading:
        ready = await reading.named("ready")
    assert ready.data["gone"] == absent
    polled = await streams.poll(await streams.token("wang"), topics=",".join(foreign), wait_s=20)
    assert (polled["gone"], polled["events"]) == (foreign, [])


async def test_what_cannot_be_read_is_refused(streams: Streams) -> None:
    token = await streams.token("li")
    for topics in ("", "run:0", "run:x", "runs:biz", "hosts:1", ",".join(f"run:{n}" for n in range(1, 102))):
        async with streams.open(token, topics) as reading:
            await reading.next(WITHIN_S) if reading.status == 200 else None
        assert reading.status == 400, topics
    async with streams.open(token, "run:1", after="x") as reading:
        pass
    assert reading.status == 400
    async with streams.open("", "run:1") as reading:
        pass
    assert reading.status == 401
    await streams.poll(token, 400, topics="run:1", after="nonsense")


async def test_signing_out_ends_a_stream(streams: Streams, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "CHECK_S", 0.05)
    token = await streams.token("li")
    async with streams.open(token, "runs:biz:2") as reading:
        await reading.named("ready")
        await signin.sign_out(streams.site.platform, token)
        assert (await reading.named("end")).data == {}
        assert await reading.next() is None


async def test_a_stream_is_never_silent_for_long_and_tells_how_far_it_is(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "BEAT_S", 0.05)
    async with streams.open(await streams.token("li"), "runs:biz:3", "run:77") as reading:
        await reading.named("ready")
        beat = await reading.next()
    assert beat is not None
    assert (beat.name, beat.id.count(":")) == ("", 2)


async def test_a_server_that_stops_ends_its_streams(streams: Streams) -> None:
    async with streams.open(await streams.token("li"), "runs:biz:2") as reading:
        await reading.named("ready")
        await streams.site.platform.live.stop()
        assert await reading.next(WITHIN_S) is None


async def test_who_polls_is_answered_as_soon_as_there_is_something(streams: Streams) -> None:
    token = await streams.token("li")
    first = await streams.poll(token, topics="runs:biz:2")
    assert first["events"] == []
    waiting = asyncio.create_task(streams.poll(token, topics="runs:biz:2", after=first["cursor"], wait_s=20))
    job_id, _ = await streams.site.start()
    found = await asyncio.wait_for(waiting, WITHIN_S)
    [event] = found["events"]
    assert (event["event"], [job["id"] for job in event["jobs"]]) == ("runs", [job_id])


async def test_a_user_reads_fifty_streams_at_once_and_no_more(streams: Streams) -> None:
    li, wang = await streams.token("li"), await streams.token("wang")
    seats = streams.site.platform.seats
    with ExitStack() as others:
        for _ in range(MAX_STREAMS - 1):
            others.enter_context(seats.taken("li"))
        async with streams.open(li, "runs:biz:2") as last:
            await last.named("ready")
            async with streams.open(li, "runs:biz:2") as refused:
                pass
            assert refused.status == 429
            async with streams.open(wang, "runs:biz:2") as other:
                await other.named("ready")
        async with streams.open(li, "runs:biz:2") as again:
            await again.named("ready")
