"""The pages of the frame: signing in, home, one's own."""

from tests.browser.listed import Listed
from tests.browser.visits import BIZ

PAGES = (
    Listed("sign-in", "/sign-in", "form button[type=submit]", signed_in=False),
    Listed("home", f"{BIZ}/home", "h1"),
    Listed("own-tokens", "/me/tokens", ".panel .empty, .panel table"),
    Listed("own-password", "/me/password", "form button[type=submit]"),
    Listed("missing", f"{BIZ}/nothing-like-this", ".empty"),
)
