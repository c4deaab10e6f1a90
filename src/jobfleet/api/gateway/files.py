"""Records of files by execution object, as version 4 and the CI plugin show them."""

import msgspec

from jobfleet.api.fields import Int32
from jobfleet.api.gateway.objects import ExecuteObject, object_of
from jobfleet.model.file_log import FileLog
from jobfleet.model.target import Target
from jobfleet.model.transfer import Direction
from jobfleet.operations.file_logs import HostFiles


class FileRecord(msgspec.Struct, frozen=True):
    """Tell of one file; the source is null for a file that the server itself holds."""

    mode: Int32
    src_execute_object: ExecuteObject | None
    src_path: str
    dest_execute_object: ExecuteObject | None
    dest_path: str | None
    status: Int32
    log_content: str
    size: str
    speed: str
    process: str


class FileObjectLog(msgspec.Struct, frozen=True):
    """Show one execution object's files as version 4 does."""

    execute_object: ExecuteObject
    upload_log: list[FileRecord]
    download_log: list[FileRecord]


class PluginFileLog(msgspec.Struct, frozen=True):
    """Show one execution object's files as the CI plugin reads them."""

    execute_object: ExecuteObject
    file_atomic_task_logs: list[FileRecord]


def file_object_log(host: HostFiles) -> FileObjectLog:
    """Return a host's files as version 4 shows them."""
    by_mode = {mode: [_record(one) for one in host.files if one.mode is mode] for mode in Direction}
    return FileObjectLog(object_of(host.target), by_mode[Direction.UPLOAD], by_mode[Direction.DOWNLOAD])


def plugin_file_log(host: HostFiles) -> PluginFileLog:
    """Return a host's files as the CI plugin reads them."""
    return PluginFileLog(object_of(host.target), [_record(one) for one in host.files])


def _record(one: FileLog) -> FileRecord:
    return FileRecord(
        mode=one.mode,
        src_execute_object=_object(one.source),
        src_path=one.path,
        dest_execute_object=_object(one.target),
        dest_path=one.dest,
        status=one.status,
        log_content=one.text,
        size=one.size,
        speed=one.speed,
        process=one.process,
    )


def _object(target: Target | None) -> ExecuteObject | None:
    return None if target is None else object_of(target)
