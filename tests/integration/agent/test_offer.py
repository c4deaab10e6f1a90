"""What an agent does about files that cannot be read to their end."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from jobfleet.agent.depot import Depot
from jobfleet.agent.identity import Identity
from jobfleet.agent.offer import offer
from jobfleet.agent.telling import News
from jobfleet.bus.nkey import generate_user_seed
from jobfleet.model.order import OfferOrder
from jobfleet.model.outcome import ErrorCode
from jobfleet.model.transfer import Kept, Manifest


class Store:
    """A server's store that has nothing yet; `asked` says how often it was asked what it has."""

    def __init__(self, source: Path) -> None:
        self.source = source
        self.url = ""
        self.asked = 0
        self.manifest = b""

    def spoil(self) -> None:
        """Have every further read of the source fail: nothing but its handle changes."""
        handles = [int(link.name) for link in Path("/proc/self/fd").iterdir() if _leads_to(link, self.source)]
        unreadable = os.open(self.source, os.O_WRONLY)
        for handle in handles:
            os.dup2(unreadable, handle)
        os.close(unreadable)


def _leads_to(link: Path, path: Path) -> bool:
    try:
        return link.readlink() == path
    except FileNotFoundError:
        return False


@contextmanager
def serving(store: Store) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_PUT(self) -> None:
            announced = int(self.headers["Content-Length"])
            body = self.rfile.read(announced)
            if len(body) < announced:
                return  # the agent broke off
            if "/manifest/" in self.path:
                store.manifest = body
            else:
                store.asked += 1
                store.spoil()
            self.send_response(200 if store.asked < 2 else 410)  # a second question ends what would go on for minutes
            self.end_headers()
            self.wfile.write(msgspec.json.encode(Kept(0, complete=False)))

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        store.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        try:
            yield
        finally:
            http.shutdown()
            thread.join()


def test_a_source_that_cannot_be_read_on_fails_at_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "source"
    source.write_bytes(bytes(100_000))
    store = Store(source)
    with serving(store):
        identity = Identity(7, "", generate_user_seed(), [], "", "", store.url)
        order = OfferOrder(1, 1, 1, 1, 1, "", (str(source),), 60, 1024)
        failed = offer(order, Depot(identity, 1), 7, News(order.output_cap_bytes))
    assert failed is not None
    assert (failed.error_code, failed.message) == (ErrorCode.FILE_UNREADABLE, f"{source}: Bad file descriptor")
    assert msgspec.msgpack.decode(store.manifest, type=Manifest).failed == (failed,)
    assert store.asked == 1
    assert "Bad file descriptor" in capfd.readouterr().out
