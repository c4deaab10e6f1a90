"""Who the agent is, as its host's disk remembers it."""

import json
import os
import tomllib
from pathlib import Path

import msgspec


class Identity(msgspec.Struct, frozen=True):
    """What an agent got when it enrolled; `seed` and `user_jwt` are secret.

    `order_key` is the base64 of the raw Ed25519 key that signs orders; `nats_ca` a PEM text or "".
    """

    host_id: int
    user_jwt: str
    seed: str
    nats_urls: list[str]
    order_key: str
    nats_ca: str
    server: str


class IdentityError(Exception):
    """Say why the stored identity cannot be used."""


def load(data_dir: Path) -> Identity | None:
    """Return the stored identity, or None on a first start.

    Raises:
        IdentityError: The file is there and not an identity.
    """
    path = data_dir / "identity.toml"
    try:
        return msgspec.convert(tomllib.loads(path.read_text()), Identity)
    except FileNotFoundError:
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise IdentityError(f"{path} is damaged ({error}); remove it and enrol again with a token") from error


def store(data_dir: Path, identity: Identity) -> None:
    """Write the identity to disk, readable by the agent's account alone."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    fields = msgspec.to_builtins(identity)
    # A JSON string or list of strings is a TOML one too, as long as DEL is not in it.
    text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in fields.items())
    fresh = data_dir / "identity.toml.new"
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(data_dir / "identity.toml")
