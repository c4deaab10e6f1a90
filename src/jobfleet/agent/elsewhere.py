"""Fetch a content from where the server says that it is: an object store, by an address that opens it for a while."""

import http.client
import ssl
from urllib.parse import urlsplit

CONNECT_S = 10.0
"""A store that this host cannot reach costs a transfer so much, once."""

STALL_S = 60.0


def fetch(address: str, offset: int) -> http.client.HTTPResponse:
    """Ask for a content from an offset on; nothing but the address says who asks.

    Its bytes are worth what their hash is: the order is signed, the address is not.

    Raises:
        OSError: The store cannot be reached, or does not give the content.
        http.client.HTTPException: What answers does not speak HTTP, or the address is none.
    """
    parts = urlsplit(address)
    connection = _connection(parts.scheme, parts.netloc)
    connection.connect()
    connection.sock.settimeout(STALL_S)
    connection.request("GET", f"{parts.path}?{parts.query}", headers={"Range": f"bytes={offset}-"})
    answer = connection.getresponse()
    if answer.status == http.client.PARTIAL_CONTENT or (answer.status == http.client.OK and offset == 0):
        return answer
    connection.close()
    raise ConnectionError(f"the object store answered {answer.status}")


def _connection(scheme: str, netloc: str) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(netloc, timeout=CONNECT_S, context=ssl.create_default_context())
    if scheme == "http":
        return http.client.HTTPConnection(netloc, timeout=CONNECT_S)
    raise http.client.InvalidURL(f"no address to fetch from: {scheme}")
