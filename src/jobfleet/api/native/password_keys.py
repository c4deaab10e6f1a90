"""The key that passwords are encrypted with on their way: learn it, and change it."""

import msgspec

from jobfleet.api.access import SIGNED_IN
from jobfleet.api.native.route import Call, Nothing, Route
from jobfleet.model.caller import Action
from jobfleet.operations import password_keys


class PasswordKeyView(msgspec.Struct, frozen=True):
    """Show the public half of a key: Base64 of its DER form."""

    public_key: str
    algorithm: str


async def show(call: Call, _wanted: Nothing) -> PasswordKeyView:
    """Show the key to encrypt with."""
    return PasswordKeyView(await password_keys.current_key(call.platform), password_keys.ALGORITHM)


async def rotate(call: Call, _wanted: Nothing) -> PasswordKeyView:
    """Make a new key."""
    made = await password_keys.rotate_key(call.platform, call.caller)
    return PasswordKeyView(made, password_keys.ALGORITHM)


_KEY = "/api/v1/password-key"
_ROTATE = f"{_KEY}/rotate"

ROUTES = (
    Route("GET", _KEY, SIGNED_IN, show, Nothing, PasswordKeyView, "Show the key that passwords are encrypted with"),
    Route("POST", _ROTATE, Action.MANAGE_PLATFORM, rotate, Nothing, PasswordKeyView, "Make a new password key"),
)
