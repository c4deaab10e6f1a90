"""What the broker sends is cut into frames, wherever the network cuts the stream."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from jobfleet.sim.frames import Control, Delivery, Frame, cut

STREAM = (
    b'INFO {"nonce":"abc"}\r\n'
    b"PING\r\n"
    b"+OK\r\n"
    b"MSG agent.7.order 1 _INBOX.x.1 5\r\nhello\r\n"
    b"MSG _INBOX_7.3 2 4\r\n\r\n\r\n\r\n"
    b"HMSG _INBOX_7.4 2 16 16\r\nNATS/1.0 503\r\n\r\n\r\n"
    b"HMSG a.b 1 back.to 22 25\r\nNATS/1.0\r\nk: value\r\n\r\nbye\r\n"
    b"-ERR 'Authorization Violation'\r\n"
)
FRAMES: list[Frame] = [
    Control("INFO", '{"nonce":"abc"}'),
    Control("PING", ""),
    Control("+OK", ""),
    Delivery("agent.7.order", "_INBOX.x.1", b"hello"),
    Delivery("_INBOX_7.3", "", b"\r\n\r\n"),
    Delivery("_INBOX_7.4", "", b"", unanswerable=True),
    Delivery("a.b", "back.to", b"bye"),
    Control("-ERR", "'Authorization Violation'"),
]


def test_a_whole_stream_gives_its_frames() -> None:
    assert cut(STREAM) == (FRAMES, b"")


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_frames_do_not_depend_on_where_the_stream_is_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    rest, frames = b"", []
    for begin, end in itertools.pairwise(edges):
        new, rest = cut(rest + STREAM[begin:end])
        frames += new
    assert (frames, rest) == (FRAMES, b"")


def test_an_unfinished_message_waits_for_its_end() -> None:
    head = b"MSG a 1 5\r\nhel"
    assert cut(b"PONG\r\n" + head) == ([Control("PONG", "")], head)
