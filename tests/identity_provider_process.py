"""The process of the identity provider that tests sign in at; SIGHUP gives it another key.

It is run by its path and imports nothing of ours: Canaille brings a package of its own that is called tests.
"""

import json
import signal
import sys
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from joserfc import jwk


class Quiet(WSGIRequestHandler):
    """Log no requests."""

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def new_keys(number: int) -> list[dict[str, Any]]:
    """Return the one key of a generation."""
    key = jwk.generate_key("RSA", 2048, {"kid": f"key-{number}", "use": "sig", "alg": "RS256"})
    return [dict(key.as_dict(private=True))]


def main(told: dict[str, Any]) -> None:
    """Serve until killed."""
    app = create_app(
        {
            "SECRET_KEY": "only-for-tests",
            "SERVER_NAME": f"127.0.0.1:{told['port']}",
            "PREFERRED_URL_SCHEME": "http",
            "CANAILLE": {"DATABASE": "memory", "LOGGING": None},
            "CANAILLE_OIDC": {"ACTIVE_JWKS": new_keys(1)},
        }
    )
    generation = 1

    def rotate(*_: object) -> None:
        nonlocal generation
        generation += 1
        app.config["CANAILLE_OIDC"]["ACTIVE_JWKS"] = new_keys(generation)

    signal.signal(signal.SIGHUP, rotate)
    with app.app_context():
        fill(told)
    make_server("127.0.0.1", told["port"], app, handler_class=Quiet).serve_forever()


def fill(told: dict[str, Any]) -> None:
    """Make the user, the group and the client."""
    store = Backend.instance
    user = models.User(
        user_name=told["user"],
        family_name="Ann",
        formatted_name="Ann",
        emails=["ann@jobfleet.test"],
        password=told["password"],
    )
    store.save(user)
    store.save(models.Group(display_name=told["group"], members=[user]))
    client = models.Client(
        client_id=told["client_id"],
        client_secret=told["client_secret"],
        client_name="Jobfleet",
        client_uri="http://127.0.0.1/",  # its own host, so that nobody is asked to consent
        redirect_uris=[told["callback"]],
        grant_types=["authorization_code"],
        response_types=["code"],
        scope=["openid", "profile", "groups"],
        token_endpoint_auth_method="client_secret_basic",
    )
    store.save(client)
    client.audience = [client]
    store.save(client)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
