"""Seal what belongs to credentials and file sources, so that a copied database tells no secret and misleads nobody."""

from collections.abc import Mapping

import msgspec

from jobfleet.engine.sealing import Sealer
from jobfleet.model.file_source import KnownSource

_secrets = msgspec.json.Decoder(dict[str, str])


def seal_secrets(sealer: Sealer, credential_id: str, secrets: Mapping[str, str]) -> bytes:
    """Encrypt a credential's secrets, for this credential alone."""
    return sealer.seal(msgspec.json.encode(dict(secrets)), _purpose(credential_id))


def open_secrets(sealer: Sealer, credential_id: str, sealed: bytes) -> dict[str, str]:
    """Decrypt a credential's secrets.

    Raises:
        InternalError: They were changed, or belong to another credential or installation.
    """
    return _secrets.decode(sealer.open(sealed, _purpose(credential_id)))


def source_parts(source: KnownSource) -> tuple[bytes, ...]:
    """Return the parts of a file source that its seal covers.

    Who it is and may use it, where it leads, with which credential, and how files are called that come from it.
    """
    place = (source.id, source.scope, source.type, source.access, source.credential_id)
    facts = (*place, source.file_prefix, source.public, source.shared_with, source.enabled)
    return b"file source", msgspec.msgpack.encode(facts)


def fetched_parts(source_id: int, path: str, etag: str, size_bytes: int, content_hash: str) -> tuple[bytes, ...]:
    """Return the parts that the seal of a remembered object covers."""
    return b"fetched object", msgspec.msgpack.encode((source_id, path, etag, size_bytes, content_hash))


def _purpose(credential_id: str) -> str:
    return f"credential {credential_id}"
