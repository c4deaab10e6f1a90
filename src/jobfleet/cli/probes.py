"""Find out whether something answers yet, and which port is free."""

import asyncio
import http.client
import socket
import time
from collections.abc import Callable

_PAUSE_S = 0.03


async def wait_until(holds: Callable[[], bool], bound_s: float, what: str) -> None:
    """Wait until a condition holds; it may block and is asked in a thread.

    Raises:
        TimeoutError: It did not hold within `bound_s` seconds.
    """
    deadline = time.monotonic() + bound_s
    while not await asyncio.to_thread(holds):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not become ready within {bound_s:.0f} s")
        await asyncio.sleep(_PAUSE_S)


def answers(host: str, port: int) -> bool:
    """Say whether a server is ready for requests."""
    connection = http.client.HTTPConnection(reachable(host), port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def reachable(host: str) -> str:
    """Return an address of this machine under which what listens on `host` is reached."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (compared, not bound)


def in_url(host: str) -> str:
    """Return a host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host


def free_port(host: str) -> int:
    """Return a port that is free now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
