"""Distributing files: the parameters that versions share, and the rules on them."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from jobfleet.api.fields import NEEDED, Int32, Int64, Text, text
from jobfleet.api.rolling import BY_TARGETS, RollingConfig, rolling_by_source, rolling_of
from jobfleet.api.rules import callback_url_of
from jobfleet.api.scope import Scoped, scope_of
from jobfleet.api.scripts import Name, Timeout, account_of
from jobfleet.api.surface import Call
from jobfleet.api.targets import Meant, TargetServer, target_of
from jobfleet.model.definition import FileKind, TransferMode
from jobfleet.model.errors import (
    BadRequestError,
    IllegalParameterError,
    MissingOrIllegalParameterError,
    MissingParameterError,
)
from jobfleet.model.file_job import NewFileJob, NewSource
from jobfleet.model.job_errors import NotHostSourcesError
from jobfleet.model.paths import is_file_name, is_too_long, is_valid_path
from jobfleet.model.rolling import Rolling
from jobfleet.model.target import ObjectSpec

KIB_IN_MIB = 1024
MAX_FILE_NAME_CHARACTERS = 255
FileName = Annotated[str, Meta(max_length=MAX_FILE_NAME_CHARACTERS)]


class SourceAccount(msgspec.Struct, frozen=True):
    """Name the account that reads on a source; the id wins over the alias."""

    id: Int64 | None = None
    alias: Text | None = None


class FileSourceV3(msgspec.Struct, frozen=True):
    """Say which files come from where."""

    file_list: Annotated[tuple[str, ...] | None, NEEDED] = None
    account: SourceAccount | None = None
    server: TargetServer | None = None
    file_type: Int32 | None = None
    file_source_id: Int64 | None = None
    file_source_code: Text | None = None


class TransferWords(Scoped, frozen=True, kw_only=True):
    """Say what to send and how, all but the target."""

    task_name: Name | None = None
    account_alias: Text | None = None
    account_id: Int64 | None = None
    file_target_path: Annotated[str | None, NEEDED] = None
    file_source_list: Annotated[tuple[FileSourceV3, ...] | None, NEEDED] = None
    timeout: Timeout | None = None
    download_speed_limit: Int32 | None = None
    upload_speed_limit: Int32 | None = None
    transfer_mode: Int32 | None = None
    callback_url: str | None = None
    rolling_config: RollingConfig | None = None
    file_target_name: FileName | None = None


def new_transfer(
    call: Call, wanted: TransferWords, target: ObjectSpec | None, target_field: str, *, start: bool = True
) -> NewFileJob:
    """Return the job that version 3 asks for; the first violated rule is told.

    Raises:
        BadRequestError: A value is not well-formed.
        MissingOrIllegalParameterError, MissingParameterError, IllegalParameterError: Target path, account, target or a
            source is missing or wrong.
        NotHostSourcesError: What does not come from hosts is to roll by file source.

    Source: docs/reference/error-codes.md, «Which parameter code when».
    """
    scope = scope_of(wanted)
    callback_url = callback_url_of("callback_url", wanted.callback_url or "")
    name = target_name_of("file_target_name", wanted.file_target_name)
    path = target_path_of(wanted.file_target_path)
    account_id, alias = account_of(wanted.account_id, wanted.account_alias)
    meant = transfer_target(target_field, target)
    listed = _listed("file_source_list", wanted.file_source_list)
    rolling = file_rolling(wanted.rolling_config)
    if rolling is not None and rolling.by_source and any(one.file_type not in {None, FileKind.HOST} for one in listed):
        raise NotHostSourcesError
    return NewFileJob(
        scope=scope,
        name=wanted.task_name or "",
        sources=tuple(_source(source) for source in listed),
        target_path=path,
        account_id=account_id,
        account_alias=alias,
        target=meant.hosts,
        containers=meant.containers,
        mode=mode_of(wanted.transfer_mode),
        target_name=name,
        timeout_s=wanted.timeout,
        upload_limit_kib_s=limit_of(wanted.upload_speed_limit),
        download_limit_kib_s=limit_of(wanted.download_speed_limit),
        callback_url=callback_url,
        start=start,
        rolling=rolling,
        idempotency_key=call.idempotency_key,
    )


def target_path_of(written: str | None) -> str:
    """Return a target path that is taken."""
    path = (written or "").strip()
    if not is_valid_path(path):
        raise MissingOrIllegalParameterError("file_target_path")
    return path


def target_name_of(field: str, written: str | None) -> str:
    """Return what a file is to be called; "" for its own name."""
    name = (written or "").strip()
    if name and not is_file_name(name):
        raise BadRequestError(field, "is no valid value")
    return name


def transfer_target(field: str, target: Meant | None) -> Meant:
    """Return a target that is there and names something."""
    if target is None or target.is_empty:
        raise MissingParameterError(field)
    return target


def paths_of_source(field: str, written: Sequence[str] | None) -> tuple[str, ...]:
    """Return the paths of a source, without the blanks around them; there is at least one."""
    paths = tuple(path.strip() for path in written or () if path.strip())
    if not paths:
        raise MissingParameterError(field)
    if any(map(is_too_long, paths)):
        raise IllegalParameterError(field)
    return paths


def checked_kind(field: str, number: int | None) -> FileKind:
    """Return where a source's bytes are; hosts, when nothing is said."""
    kind = FileKind.HOST if number is None else number
    if kind not in set(FileKind):
        raise IllegalParameterError(field)
    return FileKind(kind)


def check_paths(field: str, paths: Sequence[str]) -> None:
    """Do nothing when all paths of a source host are taken."""
    if not all(is_valid_path(path) for path in paths):
        raise IllegalParameterError(field)


def mode_of(number: int | None) -> int:
    """Return a transfer mode; force for none and for one that is not known."""
    return number if number in set(TransferMode) else TransferMode.FORCE


def limit_of(mib_s: int | None) -> int:
    """Return a limit in KiB a second; 0 for none."""
    return max(0, mib_s or 0) * KIB_IN_MIB


def file_rolling(config: RollingConfig | None) -> Rolling | None:
    """Return how a file step rolls over its targets, or its sources; None when it does not."""
    return rolling_of(config) if config is None or config.type == BY_TARGETS else rolling_by_source(config)


def _listed(field: str, sources: tuple[FileSourceV3, ...] | None) -> tuple[FileSourceV3, ...]:
    if not sources:
        raise MissingParameterError(field)
    return sources


def _source(source: FileSourceV3) -> NewSource:
    kind = checked_kind("file_source.file_type", source.file_type)
    paths = paths_of_source("file_source.file_list", source.file_list)
    if kind == FileKind.FILE_SOURCE:
        return _third_party(source, paths)
    if kind != FileKind.HOST:
        return NewSource(FileKind.UPLOAD, paths)
    check_paths("file_source.file_list", paths)
    if source.account is None:
        raise MissingParameterError("file_source.account")
    account_id, alias = _source_account(source.account)
    hosts = None if source.server is None else target_of(source.server)
    return NewSource(kind, paths, account_id, alias, transfer_target("file_source.server", hosts))


def _third_party(source: FileSourceV3, paths: tuple[str, ...]) -> NewSource:
    code = text(source.file_source_code).strip()
    wanted = source.file_source_id if (source.file_source_id or 0) >= 1 else None
    if wanted is None and not code:
        raise MissingParameterError("file_source.file_source_id/file_source.file_source_code")
    return NewSource(FileKind.FILE_SOURCE, paths, file_source_id=wanted, file_source_code=code)


def _source_account(account: SourceAccount) -> tuple[int | None, str]:
    try:
        return account_of(account.id, account.alias)
    except MissingParameterError as error:
        names = "file_source.account.account_id|file_source.account.account_alias"
        raise MissingParameterError(names) from error
