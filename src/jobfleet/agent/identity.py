"""Who the agent is, as its host's disk remembers it."""

import json
import tomllib
from pathlib import Path

import msgspec

from jobfleet.agent.files import sync, write_atomically
from jobfleet.bus.nkey import generate_user_seed

_IDENTITY = "identity.toml"
_SEED = "seed.new"


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
    path = data_dir / _IDENTITY
    try:
        return msgspec.convert(tomllib.loads(path.read_text()), Identity)
    except FileNotFoundError:
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise IdentityError(f"{path} is damaged ({error}); remove it and enrol again with a token") from error


def store(data_dir: Path, identity: Identity) -> None:
    """Write the identity to disk, readable by the agent's account alone."""
    fields = msgspec.to_builtins(identity)
    # A JSON string or list of strings is a TOML one too, as long as DEL is not in it.
    text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in fields.items())
    _write(data_dir / _IDENTITY, text)
    (data_dir / _SEED).unlink(missing_ok=True)


def new_seed(data_dir: Path) -> str:
    """Return the seed to enrol with, the same one until an identity is stored.

    The answer to an enrolment may be lost; the server then lets the same key ask again.
    """
    path = data_dir / _SEED
    if not path.exists():
        _write(path, generate_user_seed())
    return path.read_text()


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomically(path, text.encode())
    sync(path)
    sync(path.parent)
