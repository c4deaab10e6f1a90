"""Files sent by the kernel over real connections: whole, in parts, to clients that are slow, to those that leave."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from tests.ports import steady_port
from tests.waiting import WITHIN_S, until

from jobfleet.api.agent_files import body_of
from jobfleet.api.sending import Connection, sender_of

SIZE = 20 * 2**20
"""More than the buffers of a connection hold."""


class Files:
    """An application that answers with a part of a file; the path of a request is where it begins."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.announced = SIZE
        self.sent: list[bool] = []

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        first = int(scope["path"].strip("/"))
        length = str(self.announced - first).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        sender = sender_of(scope)
        assert sender is not None
        with self.path.open("rb") as file:
            self.sent.append(await sender.send(file.fileno(), first, self.announced - first))
        await send({"type": "http.response.body", "body": b"", "more_body": False})


@pytest.fixture
def files(tmp_path: Path) -> Files:
    path = tmp_path / "file"
    path.write_bytes(os.urandom(SIZE))
    return Files(path)


@asynccontextmanager
async def served(files: Files) -> AsyncIterator[str]:
    """Give the address at which the application answers; no descriptor of a file may be left afterwards."""
    config = uvicorn.Config(files, port=steady_port(), http=Connection, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    await until(lambda: server.started)
    yield f"http://127.0.0.1:{config.port}"
    server.should_exit = True
    await asyncio.wait_for(serving, WITHIN_S)
    assert open_files(files.path) == 0


def open_files(path: Path) -> int:
    return sum(os.path.realpath(link) == str(path) for link in Path("/proc/self/fd").iterdir())


async def test_files_arrive_whole_and_in_part_over_one_connection(files: Files) -> None:
    async with served(files) as url, httpx.AsyncClient(base_url=url, trust_env=False) as http:
        for first in (0, 5, SIZE - 1, 0):
            assert (await http.get(f"/{first}")).content == files.path.read_bytes()[first:]
    assert files.sent == [True] * 4


async def test_a_slow_client_gets_all_and_holds_up_nobody(files: Files) -> None:
    async with (
        served(files) as url,
        httpx.AsyncClient(base_url=url, trust_env=False) as http,
        http.stream("GET", "/0") as slow,
    ):
        for _ in range(20):
            assert len((await http.get(f"/{SIZE - 10}")).content) == 10
        assert await slow.aread() == files.path.read_bytes()


async def test_a_client_that_leaves_leaves_nothing_open(files: Files) -> None:
    async with served(files) as url:
        for _ in range(3):
            async with httpx.AsyncClient(base_url=url, trust_env=False) as http, http.stream("GET", "/0") as answer:
                await anext(answer.aiter_raw(1024))
        await until(lambda: len(files.sent) >= 3)


async def test_a_file_that_became_shorter_breaks_the_answer_off(files: Files) -> None:
    files.announced = SIZE + 1
    async with served(files) as url, httpx.AsyncClient(base_url=url, trust_env=False) as http:
        with pytest.raises(httpx.TransportError):
            await http.get("/0")


async def test_where_the_kernel_cannot_send_the_bytes_are_yielded(files: Files) -> None:
    assert sender_of({"type": "http"}) is None
    parts = [part async for part in body_of(files.path, 7, SIZE - 9, None)]
    assert b"".join(parts) == files.path.read_bytes()[7:-2]
    assert len(parts) > 1
