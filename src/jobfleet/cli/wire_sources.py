"""What commands read of the native API's answers about credentials and file sources."""

import msgspec


class Credential(msgspec.Struct, frozen=True):
    """A credential without its secrets; times are epoch milliseconds."""

    id: str
    name: str
    type: str
    description: str
    changed_by: str
    changed_at: int


class CredentialList(msgspec.Struct, frozen=True):
    """Credentials by name."""

    credentials: list[Credential]


class FileSource(msgspec.Struct, frozen=True):
    """An object store that files come from; `scope` is whose it is."""

    id: int
    scope: str
    code: str
    name: str
    endpoint: str
    region: str
    bucket: str
    credential_id: str
    public: bool
    shared_with: list[str]
    enabled: bool


class FileSourceList(msgspec.Struct, frozen=True):
    """Sources, the scope's own first."""

    file_sources: list[FileSource]
