"""The installation's secrets: made on first start, kept in one file, never fixed and never logged."""

import base64
import os
import secrets
import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from jobfleet.bus import identity
from jobfleet.bus.identity import BusKeys

KEY_BYTES = 32
Kind = TypeVar("Kind")


class Keys(msgspec.Struct, frozen=True):
    """The keys that every server of one installation shares.

    `order_seed` signs orders (Ed25519), `master_key` seals secrets at rest, `session_key` authenticates sessions;
    each is 32 bytes.
    """

    bus: BusKeys
    order_seed: bytes
    master_key: bytes
    session_key: bytes

    def __repr__(self) -> str:
        """Return a text without the keys, so that no log ever has them."""
        return "Keys(…)"

    def callback_key(self) -> Ed25519PrivateKey:
        """Return the key that signs callbacks."""
        seed = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"jobfleet callback v1").derive(self.session_key)
        return Ed25519PrivateKey.from_private_bytes(seed)

    def order_key(self) -> Ed25519PrivateKey:
        """Return the key that signs orders."""
        return Ed25519PrivateKey.from_private_bytes(self.order_seed)


class Credentials(msgspec.Struct, frozen=True):
    """What the first start of `jobfleet up` makes for its people and processes."""

    admin_password: str
    demo_app_code: str
    demo_app_secret: str
    keys: Keys

    def __repr__(self) -> str:
        """Return a text without the secrets, so that no log ever has them."""
        return "Credentials(…)"


class KeysFileError(Exception):
    """The keys file is missing or not what it should be; the message says which and what to do."""


def generate_keys() -> Keys:
    """Return fresh keys for a new installation."""
    return Keys(
        bus=identity.generate(),
        order_seed=secrets.token_bytes(KEY_BYTES),
        master_key=secrets.token_bytes(KEY_BYTES),
        session_key=secrets.token_bytes(KEY_BYTES),
    )


def generate() -> Credentials:
    """Return fresh credentials for a new installation on one machine."""
    return Credentials(
        admin_password=secrets.token_urlsafe(18),
        demo_app_code=f"demo_{secrets.token_hex(4)}",
        demo_app_secret=secrets.token_urlsafe(32),
        keys=generate_keys(),
    )


def load_or_create(path: Path) -> Credentials:
    """Return the credentials in a file, after writing fresh ones there (mode 0600) when there is none.

    Raises:
        KeysFileError: The file is there and cannot be used.
    """
    if not path.exists():
        write_new(path, render(generate()))
    found = _converted(path, _read(path), Credentials)
    _check(found.keys, path)
    return found


def load_keys(path: Path) -> Keys:
    """Return the keys in a credentials file or in a file with keys alone.

    Raises:
        KeysFileError: The file is missing or cannot be used.
    """
    keys = _converted(path, _read(path).get("keys", {}), Keys)
    _check(keys, path)
    return keys


def write_new(path: Path, text: str) -> None:
    """Write a file that must not be there yet, whole or not at all, readable for its owner alone.

    Raises:
        FileExistsError: The file is there; it is left as it was.
    """
    aside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(aside, path)
    finally:
        aside.unlink()
    _sync_directory(path.parent)


def render(credentials: Credentials) -> str:
    """Return credentials as the TOML text that `load_or_create` reads."""
    return f"""\
# Made on the first start. Whoever reads this owns the installation.
admin_password = "{credentials.admin_password}"
demo_app_code = "{credentials.demo_app_code}"
demo_app_secret = "{credentials.demo_app_secret}"

{render_keys(credentials.keys)}"""


def render_keys(keys: Keys) -> str:
    """Return keys as the TOML text that `load_keys` reads."""
    return f"""\
[keys]
order_seed = "{_text(keys.order_seed)}"
master_key = "{_text(keys.master_key)}"
session_key = "{_text(keys.session_key)}"

[keys.bus]
operator_seed = "{keys.bus.operator_seed}"
account_seed = "{keys.bus.account_seed}"
system_seed = "{keys.bus.system_seed}"
server_seed = "{keys.bus.server_seed}"
"""


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="ascii"))
    except OSError as error:
        raise KeysFileError(f"{path} cannot be read: {error.strerror}; `jobfleet new-keys` makes one") from error
    except ValueError as error:
        raise KeysFileError(f"{path} is no keys file: it is not TOML in ASCII") from error


def _converted(path: Path, table: object, kind: type[Kind]) -> Kind:
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        raise KeysFileError(f"{path} is no keys file: {error}") from error


def _check(keys: Keys, path: Path) -> None:
    for name in ("order_seed", "master_key", "session_key"):
        if len(getattr(keys, name)) != KEY_BYTES:
            raise KeysFileError(f"{path}: keys.{name} must be {KEY_BYTES} bytes in base64")


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
