"""What calls that start jobs are made of."""

import base64
from typing import Any

import msgspec

SECRET = "YOUR SECRET"  # noqa: S105 - what stands where one has to be filled in
Members = dict[str, Any]


class StartCall(msgspec.Struct, frozen=True):
    """Hold a call: `path` with what follows the address of the server, and the members of its body, in order.

    A call of the gateway names its caller in another header than one of this API.
    """

    path: str
    body: Members

    @property
    def is_published(self) -> bool:
        """Tell whether it is one of the gateway's."""
        return self.path.startswith("/api/v3/")


def is_text(content: bytes | None) -> bool:
    """Tell whether a content is UTF-8."""
    try:
        (content or b"").decode()
    except UnicodeDecodeError:
        return False
    return True


def base64_of(content: bytes) -> str:
    """Return a content in Base64."""
    return base64.b64encode(content).decode()


def told(**members: Any) -> Members:
    """Return the members that say something: neither empty nor nought."""
    return {name: value for name, value in members.items() if value}
