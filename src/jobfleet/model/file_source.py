"""Third-party file sources: object stores that files come from, and the rules on how they are described."""

import re
from collections.abc import Collection
from enum import StrEnum
from urllib.parse import urlsplit

import msgspec

from jobfleet.model.errors import IllegalParameterError, IllegalParameterReasonError, UnsupportedFeatureError
from jobfleet.model.scope import Scope, scope_text

DEFAULT_REGION = "us-east-1"
MAX_ALIAS_CHARACTERS = 60
MAX_PREFIX_CHARACTERS = 255
MAX_SHARED = 1000
"""Most scopes that a source is shared with; more want it public."""

GENERATED_PREFIX = "${UUID}"
"""Stands in a file prefix for a text that no other transfer has."""

_CODE = re.compile(r"^[A-Za-z][A-Za-z0-9_]{0,31}$")
_REGION = re.compile(r"^[A-Za-z0-9-]{1,64}$")
_BUCKET = re.compile(r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
_SCOPE = re.compile(r"^(biz|biz_set):[1-9]\d{0,17}$")


class FileSourceType(StrEnum):
    """Name the kinds of file source; the texts are the contract's, S3 is ours."""

    S3 = "S3"
    ARTIFACTORY = "BLUEKING_ARTIFACTORY"


class Access(msgspec.Struct, frozen=True):
    """Say where an object store is: the root of its addresses, its region, and the only bucket to use ("" for any)."""

    endpoint: str
    region: str = DEFAULT_REGION
    bucket: str = ""


class KnownSource(msgspec.Struct, frozen=True):
    """Describe a file source.

    `shared_with` are scopes («biz:2») that may use it besides its own; `public` lets all of them.
    Times are epoch milliseconds.
    """

    id: int
    scope: Scope
    code: str
    alias: str
    type: FileSourceType
    access: Access
    credential_id: str
    file_prefix: str
    public: bool
    shared_with: tuple[str, ...]
    enabled: bool
    creator: str
    created_at: int
    changed_by: str
    changed_at: int


class FileSourceWords(msgspec.Struct, frozen=True):
    """Say what a file source is to be; None leaves what is there, or stands for the usual."""

    code: str
    alias: str | None = None
    type: str | None = None
    access: Access | None = None
    credential_id: str | None = None
    file_prefix: str | None = None
    public: bool | None = None
    shared_with: tuple[str, ...] | None = None
    enabled: bool | None = None


def may_use(source: KnownSource, scope: Scope) -> bool:
    """Tell whether a scope may take files from a source."""
    return source.public or source.scope == scope or scope_text(scope) in source.shared_with


def checked_code(code: str) -> str:
    """Return a source's code: a letter, then letters, digits and underscores, 32 at most.

    Raises:
        IllegalParameterError: It is none.
    """
    if not _CODE.match(code):
        raise IllegalParameterError("code", "is not 1 to 32 letters, digits and underscores, a letter first")
    return code


def checked_alias(alias: str | None) -> str:
    """Return a source's name without the blanks around it.

    Raises:
        IllegalParameterReasonError: It is missing, too long, or holds a slash, which parts it from paths.
    """
    plain = (alias or "").strip()
    if not plain:
        raise IllegalParameterReasonError("alias", "is missing or empty")
    if len(plain) > MAX_ALIAS_CHARACTERS:
        raise IllegalParameterReasonError("alias", "is too large")
    if "/" in plain or not plain.isprintable():
        raise IllegalParameterReasonError("alias", "is no valid value")
    return plain


def type_of(written: str | None) -> FileSourceType:
    """Return the kind of source that a request names.

    Raises:
        IllegalParameterError: It is none.
        UnsupportedFeatureError: We do not have it.
    """
    if written not in set(FileSourceType):
        raise IllegalParameterError("type", "is no valid value")
    if written == FileSourceType.ARTIFACTORY:
        raise UnsupportedFeatureError(f"type {written}")
    return FileSourceType(written)


def checked_access(access: Access | None) -> Access:
    """Return where an object store is, if it is well-formed.

    Raises:
        IllegalParameterReasonError: A part of it is not; it is named.
    """
    found = access or Access("")
    if not _is_root(found.endpoint):
        raise IllegalParameterReasonError("endpoint", "is not an http or https address without user name")
    if not _REGION.match(found.region):
        raise IllegalParameterReasonError("region", "is no valid value")
    if found.bucket and not _BUCKET.match(found.bucket):
        raise IllegalParameterReasonError("bucket", "is no valid value")
    return msgspec.structs.replace(found, endpoint=found.endpoint.rstrip("/"))


def checked_prefix(prefix: str | None) -> str:
    """Return what is put before the names of files.

    Raises:
        IllegalParameterReasonError: It is too long, or no part of a file's name.
    """
    if prefix and (len(prefix) > MAX_PREFIX_CHARACTERS or "/" in prefix or "\\" in prefix or not prefix.isprintable()):
        raise IllegalParameterReasonError("file_prefix", "is no valid value")
    return prefix or ""


def checked_scopes(texts: Collection[str]) -> tuple[str, ...]:
    """Return the scopes that a source is shared with, each once.

    Raises:
        IllegalParameterReasonError: One is not of the form «biz:2» or «biz_set:3», or there are too many.
    """
    if len(texts) > MAX_SHARED:
        raise IllegalParameterReasonError("shared_with", f"names more than {MAX_SHARED} scopes")
    if not all(_SCOPE.match(text) for text in texts):
        raise IllegalParameterReasonError("shared_with", "is no valid value")
    return tuple(dict.fromkeys(texts))


def _is_root(url: str) -> bool:
    try:
        parts = urlsplit(url)
        is_sane = parts.port != 0 and url.isprintable() and " " not in url and "\\" not in url
    except ValueError:
        return False
    has_more = bool(parts.query or parts.fragment or "@" in parts.netloc)
    return is_sane and parts.scheme in {"http", "https"} and bool(parts.hostname) and not has_more and len(url) < 2048
