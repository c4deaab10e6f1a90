"""Starting the distribution of files."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import ScopeText, Started
from jobfleet.api.native.route import Call, FieldError, Route, Wanted, key_of
from jobfleet.api.native.start_words import (
    AccountAlias,
    JobName,
    RollingWords,
    TargetTexts,
    launch_mode,
    rolling_of,
)
from jobfleet.model.caller import Action
from jobfleet.model.definition import FileKind, TransferMode
from jobfleet.model.file_job import NewFileJob, NewSource
from jobfleet.model.paths import is_file_name, is_valid_path
from jobfleet.model.scope import parse_scope
from jobfleet.model.script import HIGHEST_TIMEOUT_S, MIN_TIMEOUT_S
from jobfleet.model.target import MAX_SCRIPT_TARGETS
from jobfleet.operations import accounts, find_targets, transfer

MAX_SOURCES = 100
PathText = Annotated[str, Meta(min_length=1, max_length=4096, pattern=r"^[^\x00]+$")]
LimitKib = Annotated[int, Meta(ge=0, le=2**31 - 1, description="KiB a second; 0 for none")]


class SourceWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Say which files come from where.

    `hosts` send `paths` as `account`; with `file_source` (its code) they are objects of it; with neither they are
    files that were uploaded, by the paths that were told.
    """

    paths: Annotated[list[PathText], Meta(min_length=1, max_length=1000)]
    hosts: Annotated[list[str], Meta(max_length=MAX_SCRIPT_TARGETS)] = msgspec.field(default_factory=list)
    account: AccountAlias = ""
    file_source: Annotated[str, Meta(max_length=64)] = ""


class NewFiles(Wanted, frozen=True):
    """Ask for files on hosts; `mode` says what happens where the directory is not there, or the file is."""

    scope: ScopeText
    targets: TargetTexts
    sources: Annotated[list[SourceWords], Meta(min_length=1, max_length=MAX_SOURCES)]
    target_path: PathText
    target_name: Annotated[str, Meta(max_length=255)] = ""
    account: AccountAlias = ""
    mode: Literal["strict", "force", "safe_by_ip", "safe_by_date"] = "force"
    timeout_s: Annotated[int, Meta(ge=MIN_TIMEOUT_S, le=HIGHEST_TIMEOUT_S)] | None = None
    upload_limit_kib_s: LimitKib = 0
    download_limit_kib_s: LimitKib = 0
    name: JobName = ""
    rolling: RollingWords | None = None
    start: bool = True


async def start_file(call: Call, wanted: NewFiles) -> Started:
    """Accept a job that distributes files."""
    started = await transfer.start_transfer(call.platform, call.caller, await new_files(call, wanted))
    return Started(started.job_id, started.step_id, started.name)


async def new_files(call: Call, wanted: NewFiles) -> NewFileJob:
    """Return the job that a request asks for, with the hosts that its texts mean now.

    Raises:
        FieldError: A value is not well-formed.
        BadRequestError: A text names no host.
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope.
    """
    scope = parse_scope(wanted.scope)
    usual = await _usual_account(call, wanted)
    path, name, rolling = _target_path(wanted.target_path), _target_name(wanted.target_name), rolling_of(wanted.rolling)
    meant = await find_targets.objects_of(call.platform, call.caller, scope, wanted.targets)
    return NewFileJob(
        scope=scope,
        name=wanted.name,
        sources=tuple([await _source(call, wanted.scope, one, usual) for one in wanted.sources]),
        target_path=path,
        account_id=None if wanted.account else usual,
        account_alias=wanted.account,
        target=meant.hosts,
        containers=meant.containers,
        mode=TransferMode[wanted.mode.upper()],
        target_name=name,
        timeout_s=wanted.timeout_s,
        upload_limit_kib_s=wanted.upload_limit_kib_s,
        download_limit_kib_s=wanted.download_limit_kib_s,
        launch_mode=launch_mode(call),
        rolling=rolling,
        start=wanted.start,
        idempotency_key=key_of(call),
    )


async def _usual_account(call: Call, wanted: NewFiles) -> int | None:
    if wanted.account and all(one.account for one in wanted.sources if one.hosts):
        return None
    return await accounts.default_account(call.platform, call.caller, parse_scope(wanted.scope))


async def _source(call: Call, scope: str, one: SourceWords, usual: int | None) -> NewSource:
    paths = tuple(path.strip() for path in one.paths if path.strip())
    if not paths:
        raise FieldError("sources.paths", "is empty")
    if one.file_source and one.hosts:
        raise FieldError("sources", "give either hosts or file_source")
    if one.file_source:
        return NewSource(FileKind.FILE_SOURCE, paths, file_source_code=one.file_source)
    if not one.hosts:
        return NewSource(FileKind.UPLOAD, paths)
    if not all(is_valid_path(path) for path in paths):
        raise FieldError("sources.paths", "is no absolute path")
    meant = await find_targets.objects_of(call.platform, call.caller, parse_scope(scope), one.hosts)
    if not meant.containers.is_empty:
        raise FieldError("sources.hosts", "files come from hosts, not from containers")
    account_id = None if one.account else usual
    return NewSource(FileKind.HOST, paths, account_id, one.account, meant.hosts)


def _target_path(written: str) -> str:
    path = written.strip()
    if not is_valid_path(path):
        raise FieldError("target_path", "is no absolute path")
    return path


def _target_name(written: str) -> str:
    name = written.strip()
    if name and not is_file_name(name):
        raise FieldError("target_name", "is no file's name")
    return name


ROUTES = (
    Route(
        "POST",
        "/api/v1/jobs/file",
        Action.QUICK_TRANSFER_FILE,
        start_file,
        NewFiles,
        Started,
        "Send files to hosts",
        201,
    ),
)
