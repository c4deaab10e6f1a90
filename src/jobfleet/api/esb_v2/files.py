"""Distributing files in version 2: accounts are aliases, hosts stand in lists of addresses and groups."""

from typing import Annotated

import msgspec

from jobfleet.api.esb_v3.files import ConfigFile, config_job, contents_of
from jobfleet.api.fields import NEEDED, Int32, Int64, Text, text
from jobfleet.api.rules import callback_url_of
from jobfleet.api.scope import ScopedV2, scope_of
from jobfleet.api.scripts import Name, Started, Timeout, scope_first, started
from jobfleet.api.surface import Call
from jobfleet.api.targets import HostAddress, TargetServerV2, target_of_plain_v2, target_of_v2
from jobfleet.api.transfers import (
    check_paths,
    checked_kind,
    limit_of,
    paths_of_source,
    target_path_of,
    transfer_target,
)
from jobfleet.model.definition import FileKind, TransferMode
from jobfleet.model.errors import MissingOrIllegalParameterError, MissingParameterError
from jobfleet.model.file_job import NewFileJob, NewSource
from jobfleet.model.target import TargetSpec
from jobfleet.operations import transfer


class FileSourceV2(msgspec.Struct, frozen=True):
    """Say which files come from where."""

    files: Annotated[tuple[str, ...] | None, NEEDED] = None
    account: Annotated[Text | None, NEEDED] = None
    custom_query_id: tuple[Text, ...] | None = None
    ip_list: tuple[HostAddress, ...] | None = None
    target_server: TargetServerV2 | None = None
    file_type: Int32 | None = None
    file_source_id: Int64 | None = None


class FastPushFile(ScopedV2, frozen=True, kw_only=True):
    """Ask for files on hosts; what stands beside `target_server` counts only without it."""

    account: Annotated[Text | None, NEEDED] = None
    file_target_path: Annotated[str | None, NEEDED] = None
    file_source: Annotated[tuple[FileSourceV2, ...] | None, NEEDED] = None
    timeout: Timeout | None = None
    download_speed_limit: Int32 | None = None
    upload_speed_limit: Int32 | None = None
    task_name: Name | None = None
    custom_query_id: tuple[Text, ...] | None = None
    ip_list: tuple[HostAddress, ...] | None = None
    target_server: TargetServerV2 | None = None
    bk_callback_url: str | None = None


class PushConfigFileV2(ScopedV2, frozen=True, kw_only=True):
    """Ask for small files on hosts."""

    account: Annotated[Text | None, NEEDED] = None
    file_target_path: Annotated[str | None, NEEDED] = None
    file_list: Annotated[tuple[ConfigFile, ...] | None, NEEDED] = None
    ip_list: Annotated[tuple[HostAddress, ...] | None, NEEDED] = None
    task_name: Name | None = None
    target_server: TargetServerV2 | None = None


async def fast_push_file(call: Call, wanted: FastPushFile) -> Started:
    """Start distributing files.

    Source: docs/reference/files.md.
    """
    async with scope_first(call, wanted):
        new = _new_job(call, wanted)
    return started(await transfer.start_transfer(call.platform, call.caller, new))


async def push_config_file(call: Call, wanted: PushConfigFileV2) -> Started:
    """Start writing small files.

    Source: docs/reference/files.md, «Files in the request».
    """
    async with scope_first(call, wanted):
        new = config_job(
            call,
            NewFileJob(
                scope=scope_of(wanted),
                name=wanted.task_name or "",
                sources=(),
                target_path=(wanted.file_target_path or "").strip(),
                account_id=None,
                account_alias=text(wanted.account).strip(),
                target=_hosts(wanted.target_server, wanted.ip_list, None) or TargetSpec(),
                mode=TransferMode.FORCE,
                contents=contents_of(wanted.file_list or ()),
            ),
        )
    return started(await transfer.start_transfer(call.platform, call.caller, new))


def _new_job(call: Call, wanted: FastPushFile) -> NewFileJob:
    callback_url = callback_url_of("bk_callback_url", wanted.bk_callback_url or "")
    path = target_path_of(wanted.file_target_path)
    alias = _alias("account", wanted.account)
    target = _hosts(wanted.target_server, wanted.ip_list, wanted.custom_query_id)
    if target is None or target.is_empty:
        raise MissingOrIllegalParameterError("ip_list|custom_query_id|target_server")
    if not wanted.file_source:
        raise MissingParameterError("file_source")
    return NewFileJob(
        scope=scope_of(wanted),
        name=wanted.task_name or "",
        sources=tuple(_source(source) for source in wanted.file_source),
        target_path=path,
        account_id=None,
        account_alias=alias,
        target=target,
        mode=TransferMode.FORCE,
        timeout_s=wanted.timeout,
        upload_limit_kib_s=limit_of(wanted.upload_speed_limit),
        download_limit_kib_s=limit_of(wanted.download_speed_limit),
        callback_url=callback_url,
        idempotency_key=call.idempotency_key,
    )


def _source(source: FileSourceV2) -> NewSource:
    kind = checked_kind("file_source.file_type", source.file_type)
    paths = paths_of_source("file_source.files", source.files)
    if kind != FileKind.HOST:
        return NewSource(FileKind.UPLOAD, paths)
    check_paths("file_source.files", paths)
    alias = _alias("file_source.account", source.account)
    hosts = _hosts(source.target_server, source.ip_list, source.custom_query_id)
    hosts = transfer_target("file_source.ip_list|file_source.custom_query_id|file_source.target_server", hosts)
    return NewSource(kind, paths, None, alias, hosts)


def _alias(field: str, written: str | int | None) -> str:
    alias = text(written).strip()
    if not alias:
        raise MissingParameterError(field)
    return alias


def _hosts(
    server: TargetServerV2 | None, ips: tuple[HostAddress, ...] | None, groups: tuple[str | int, ...] | None
) -> TargetSpec | None:
    if server is not None:
        return target_of_v2(server)
    return target_of_plain_v2(ips or (), groups or ())
