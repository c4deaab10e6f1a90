"""What the kinds of step do: run a script, run SQL, distribute files, wait for a person."""

from collections.abc import Collection
from enum import IntEnum

import msgspec

from jobfleet.model.script import ScriptSpec


class SqlSpec(msgspec.Struct, frozen=True, tag="sql"):
    """Say what SQL runs, through which database account.

    `account` is the OS account under which the client program runs on the host; it reaches the database at
    127.0.0.1. `db_type` is a model.account.AccountType; `db_password` is sealed for the database account (see
    model.account.password_purpose), "" when it has none. `db_name` is "" for the client's own choice.
    """

    content_hash: str
    content_bytes: int
    timeout_s: int
    account: str
    account_id: int
    account_alias: str
    db_type: int
    db_account_id: int
    db_account_alias: str
    db_account: str
    db_password: str
    db_port: int
    db_name: str = ""
    script_id: str = ""
    script_version_id: int | None = None
    public: bool = False


class FileKind(IntEnum):
    """Name where a source's bytes are; the numbers are the contract's."""

    HOST = 1
    UPLOAD = 2
    FILE_SOURCE = 3
    CONTENT = 4


class TransferMode(IntEnum):
    """Say what happens to a target that has no such directory, or has such a file; the contract's numbers."""

    STRICT = 1
    FORCE = 2
    SAFE_BY_IP = 3
    SAFE_BY_DATE = 4


class FileItem(msgspec.Struct, frozen=True):
    """Name one file of a source: its path (or stored path), and what is known of content that we hold already."""

    path: str
    content_hash: str = ""
    size_bytes: int = 0


class FileSource(msgspec.Struct, frozen=True):
    """Say which files come from where.

    `host_ids` are the source hosts of kind HOST, in order; `account` is the OS account that reads there.
    `file_source_id` names the third-party source of kind FILE_SOURCE, whose one host is the server itself, 0;
    `title` is what people call it. `batch` is the only one that it belongs to, counted from 1; 0 is every one.
    """

    kind: int
    items: tuple[FileItem, ...]
    account: str = ""
    account_id: int = 0
    host_ids: tuple[int, ...] = ()
    file_source_id: int = 0
    title: str = ""
    batch: int = 0
    account_alias: str = ""

    def shown(self, item: FileItem) -> str:
        """Return how a file of the source is called before people."""
        match self.kind:
            case FileKind.HOST:
                return item.path
            case FileKind.FILE_SOURCE:
                return f"{self.title}/{item.path.lstrip('/')}"
        return item.path.rpartition("/")[2]


class FileSpec(msgspec.Struct, frozen=True, tag="file"):
    """Say which files go into which directory of every target, as whom and how fast.

    Limits are KiB a second, 0 for none; `target_name` renames what is not a directory.
    """

    sources: tuple[FileSource, ...]
    target_path: str
    account: str
    account_id: int
    account_alias: str
    timeout_s: int
    mode: int = TransferMode.FORCE
    target_name: str = ""
    upload_limit_kib_s: int = 0
    download_limit_kib_s: int = 0


def host_sources(spec: FileSpec) -> list[tuple[FileSource, int]]:
    """Return (source, host id) of all source hosts; the n-th has the ordinal -n, counted from 1."""
    return [(source, host_id) for source in spec.sources for host_id in source.host_ids]


def has_third_party(spec: FileSpec) -> bool:
    """Tell whether the server fetches files of a step from third-party sources."""
    return any(source.kind == FileKind.FILE_SOURCE for source in spec.sources)


class ApprovalSpec(msgspec.Struct, frozen=True, tag="approval"):
    """Say who may confirm a step, what they are told and over which channels."""

    message: str
    users: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


TRIGGER_ROLE = "JOB_RESOURCE_TRIGGER_USER"
"""The role of whoever started the job."""


def may_confirm(approval: ApprovalSpec, username: str, operator: str, roles: Collection[str]) -> bool:
    """Tell whether a person may confirm a step of a job that `operator` started.

    An approval that names nobody is the operator's to confirm.

    Args:
        roles: What the person is in the job's scope.
    """
    if username in approval.users or any(role in approval.roles for role in roles):
        return True
    named = bool(approval.users or approval.roles)
    return username == operator and (TRIGGER_ROLE in approval.roles or not named)


Definition = ScriptSpec | SqlSpec | FileSpec | ApprovalSpec
