"""Ports for what a test binds later than it picks them."""

import itertools
import os
import random
import socket
from pathlib import Path

_LOWEST = 20_000
_WORKERS = 16
_WORKER = int("".join(filter(str.isdigit, os.environ.get("PYTEST_XDIST_WORKER", ""))) or "0") % _WORKERS


def _candidates() -> list[int]:
    """Return the ports of this worker in some order: those that the system gives to no outgoing connection first."""
    first, last = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    ports = list(range(_LOWEST + _WORKER, 2**16, _WORKERS))
    random.shuffle(ports)  # another run of the tests on this machine picks others
    return sorted(ports, key=lambda port: first <= port <= last)


_turns = itertools.cycle(_candidates())


def steady_port() -> int:
    """Return a port of 127.0.0.1 that nobody has and that nobody else picks until the test binds it.

    One that the system picks may be an outgoing connection's by then.
    """
    return next(port for port in _turns if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
