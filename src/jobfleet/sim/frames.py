"""What the broker sends a client, cut out of a stream of bytes.

Source: docs/reference/simulated-fleet.md, «On the wire»; the NATS client protocol.
"""

import msgspec

_LINE_END = b"\r\n"
_NO_RESPONDERS = b" 503"


class Delivery(msgspec.Struct, frozen=True, gc=False):
    """One message on a subscription; `unanswerable` marks the broker's word that nobody listens to a request."""

    subject: str
    reply: str
    payload: bytes
    unanswerable: bool = False


class Control(msgspec.Struct, frozen=True, gc=False):
    """One line that carries no message: `verb` is INFO, PING, PONG, +OK or -ERR, `text` the rest of it."""

    verb: str
    text: str


Frame = Delivery | Control


def cut(stream: bytes) -> tuple[list[Frame], bytes]:
    """Return the whole frames at the beginning of a stream, and the bytes that begin an unfinished one."""
    frames: list[Frame] = []
    position = 0
    while (end := stream.find(_LINE_END, position)) >= 0:
        verb, _, rest = stream[position:end].partition(b" ")
        after = end + len(_LINE_END)
        if verb in {b"MSG", b"HMSG"}:
            words = rest.split()
            last = after + int(words[-1])
            if len(stream) < last + len(_LINE_END):
                break
            frames.append(_delivery(words, stream[after:last], with_headers=verb == b"HMSG"))
            after = last + len(_LINE_END)
        else:
            frames.append(Control(verb.decode("ascii").upper(), rest.decode("utf-8")))
        position = after
    return frames, stream[position:]


def _delivery(words: list[bytes], body: bytes, *, with_headers: bool) -> Delivery:
    """Read `subject sid [reply] [size of headers] size` and the bytes that came after it."""
    plain = words[:-2] if with_headers else words[:-1]
    header_bytes = int(words[-2]) if with_headers else 0
    status_line = body[:header_bytes].partition(_LINE_END)[0]
    return Delivery(
        subject=plain[0].decode("ascii"),
        reply=plain[2].decode("ascii") if len(plain) > 2 else "",
        payload=body[header_bytes:],
        unanswerable=_NO_RESPONDERS in status_line,
    )
