"""A small HTTP server for the agent's tests: enrols with one token, hands out scripts to proven agents."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from jobfleet.agent.files import now_ms
from jobfleet.bus import agent_http
from jobfleet.bus.agent_http import AgentProofError


class Server:
    """What the server knows: the token, what it answers, the scripts, and the agents' public keys."""

    def __init__(self, answer: dict[str, object]) -> None:
        self.url = ""
        self.answer = answer
        self.token = "good"
        self.contents: dict[str, bytes] = {}
        self.enrolments: list[dict[str, object]] = []
        self.public_key = ""
        self.fails = 0
        self.breaks_off: list[str] = []
        self.fetched = 0


def hand_out(handler: BaseHTTPRequestHandler, body: bytes, broken_form: str | None = None) -> None:
    """Answer with a body, or half of it: as a server that ends meanwhile, itself ("") or behind a proxy ("chunked")."""
    handler.send_response(200)
    handler.send_header(*(("Transfer-Encoding", "chunked") if broken_form else ("Content-Length", str(len(body)))))
    handler.end_headers()
    if broken_form:
        handler.wfile.write(b"%x\r\n" % len(body))
    handler.wfile.write(body if broken_form is None else body[: len(body) // 2])
    handler.close_connection = broken_form is not None


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """Serve on a free port for as long as the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if server.fails:
                server.fails -= 1
                self.send(503, b"not now")
            elif body["token"] != server.token:
                self.send(401, b'{"message": "token: unknown or expired"}')
            else:
                server.enrolments.append(body)
                server.public_key = body["public_key"]
                self.send(200, json.dumps(server.answer).encode())

        def do_GET(self) -> None:
            header = self.headers.get(agent_http.HEADER, "")
            try:
                agent_http.verify(header, server.public_key, now_ms(), "GET", self.path)
            except AgentProofError as error:
                self.send(401, str(error).encode())
                return
            server.fetched += 1
            if server.fails:
                server.fails -= 1
                self.send(503, b"not now")
            else:
                hand_out(self, server.contents[self.path.rsplit("/", 1)[1]], *server.breaks_off[:1])
                del server.breaks_off[:1]

        def send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()
