"""What is asked for when files are to be distributed."""

import msgspec

from jobfleet.model.container import ContainerSpec
from jobfleet.model.job import LaunchMode
from jobfleet.model.rolling import Rolling
from jobfleet.model.scope import Scope
from jobfleet.model.target import TargetSpec

MAX_FILE_TASKS = 100_000
"""Most (file, source host, target) triples of one step."""


class NewSource(msgspec.Struct, frozen=True):
    """Ask for files: from hosts as an account, uploaded ones by the paths that were told, or objects of a file source.

    `kind` is a FileKind. A file source is named by its id, which wins, or by its code.
    """

    kind: int
    paths: tuple[str, ...]
    account_id: int | None = None
    account_alias: str = ""
    hosts: TargetSpec = TargetSpec()
    file_source_id: int | None = None
    file_source_code: str = ""


class NewContent(msgspec.Struct, frozen=True):
    """Give a file with the request."""

    name: str
    content: bytes


class NewFileJob(msgspec.Struct, frozen=True):
    """Ask for files on hosts; all values are decoded and within their limits.

    `timeout_s` None means the default. Limits are KiB a second, 0 for none. `mode` is a TransferMode.
    `idempotency_key` is "" when the caller gave none.
    """

    scope: Scope
    name: str
    sources: tuple[NewSource, ...]
    target_path: str
    account_id: int | None
    account_alias: str
    target: TargetSpec
    mode: int
    contents: tuple[NewContent, ...] = ()
    target_name: str = ""
    timeout_s: int | None = None
    upload_limit_kib_s: int = 0
    download_limit_kib_s: int = 0
    callback_url: str = ""
    start: bool = True
    launch_mode: LaunchMode = LaunchMode.API
    rolling: Rolling | None = None
    idempotency_key: str = ""
    containers: ContainerSpec = ContainerSpec()
