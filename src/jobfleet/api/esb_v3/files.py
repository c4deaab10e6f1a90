"""Distributing files in version 3: from hosts and uploads, with the request, and addresses for uploads."""

import binascii
from typing import Annotated

import msgspec

from jobfleet.api.fields import NEEDED, Int64, Text, text
from jobfleet.api.rules import callback_url_of
from jobfleet.api.scope import Scoped, scope_of
from jobfleet.api.scripts import Name, Started, scope_first, started
from jobfleet.api.surface import Call
from jobfleet.api.targets import TargetServer, target_of
from jobfleet.api.transfers import TransferWords, new_transfer
from jobfleet.api.uploads import PATH
from jobfleet.model.definition import TransferMode
from jobfleet.model.errors import IllegalParameterReasonError, InvalidParameterError
from jobfleet.model.file_job import NewContent, NewFileJob
from jobfleet.model.job_errors import StorageError
from jobfleet.model.paths import is_file_name
from jobfleet.model.target import ObjectSpec, TargetSpec
from jobfleet.operations import transfer, uploads

CONFIG_JOB_NAME = "API_PUSH_CONFIG_FILE_"


class FastTransferFile(TransferWords, frozen=True, kw_only=True):
    """Ask for files on hosts."""

    target_server: TargetServer | None = None
    start_task: bool = True


class ConfigFile(msgspec.Struct, frozen=True):
    """Give a file: its name, and its content in Base64."""

    file_name: Annotated[str | None, NEEDED] = None
    content: Annotated[str | None, NEEDED] = None


class PushConfigFile(Scoped, frozen=True, kw_only=True):
    """Ask for small files on hosts."""

    task_name: Name | None = None
    account_alias: Annotated[Text | None, NEEDED] = None
    account_id: Int64 | None = None
    file_target_path: Annotated[str | None, NEEDED] = None
    file_list: Annotated[tuple[ConfigFile, ...] | None, NEEDED] = None
    target_server: Annotated[TargetServer | None, NEEDED] = None
    callback_url: str | None = None


class GenerateLocalFileUploadUrl(Scoped, frozen=True, kw_only=True):
    """Ask for addresses to upload files to."""

    file_name_list: Annotated[tuple[str, ...] | None, NEEDED] = None


class UploadAddress(msgspec.Struct, frozen=True):
    """Tell where to upload a file to, and the path by which jobs name it then."""

    upload_url: str
    path: str


class UploadAddresses(msgspec.Struct, frozen=True):
    """Tell the address of each file by its name."""

    url_map: dict[str, UploadAddress]


async def fast_transfer_file(call: Call, wanted: FastTransferFile) -> Started:
    """Start distributing files.

    Source: docs/reference/files.md.
    """
    async with scope_first(call, wanted):
        server = wanted.target_server
        target = None if server is None else ObjectSpec(target_of(server))
        new = new_transfer(call, wanted, target, "target_server", start=wanted.start_task)
    return started(await transfer.start_transfer(call.platform, call.caller, new))


async def push_config_file(call: Call, wanted: PushConfigFile) -> Started:
    """Start writing small files.

    Source: docs/reference/files.md, «Files in the request».
    """
    async with scope_first(call, wanted):
        callback_url = callback_url_of("callback_url", wanted.callback_url or "")
        target = None if wanted.target_server is None else target_of(wanted.target_server)
        account = wanted.account_id if (wanted.account_id or 0) >= 1 else None
        new = config_job(
            call,
            NewFileJob(
                scope=scope_of(wanted),
                name=wanted.task_name or "",
                sources=(),
                target_path=(wanted.file_target_path or "").strip(),
                account_id=account,
                account_alias="" if account else text(wanted.account_alias).strip(),
                target=target or TargetSpec(),
                mode=TransferMode.FORCE,
                contents=contents_of(wanted.file_list or ()),
                callback_url=callback_url,
            ),
        )
    return started(await transfer.start_transfer(call.platform, call.caller, new))


async def generate_local_file_upload_url(call: Call, wanted: GenerateLocalFileUploadUrl) -> UploadAddresses:
    """Tell addresses for uploads.

    Source: docs/reference/files.md, «Uploads».
    """
    async with scope_first(call, wanted):
        scope, names = scope_of(wanted), _names(wanted.file_name_list)
    made = await uploads.make_addresses(call.platform, call.caller, scope, names)
    root = f"{call.platform.public_url}{PATH}"
    return UploadAddresses({name: UploadAddress(root + one.token, one.path) for name, one in made.items()})


def config_job(call: Call, new: NewFileJob) -> NewFileJob:
    """Return a job that writes small files, with its name; whatever is missing is refused alike."""
    has_account = new.account_id is not None or new.account_alias
    if not (new.target_path and has_account and new.contents) or new.target.is_empty:
        raise InvalidParameterError
    name = new.name or f"{CONFIG_JOB_NAME}{call.platform.engine.clock()}"
    return msgspec.structs.replace(new, name=name, idempotency_key=call.idempotency_key)


def contents_of(files: tuple[ConfigFile, ...]) -> tuple[NewContent, ...]:
    """Return the files of a request.

    Raises:
        InvalidParameterError: A name or content is missing or blank, or the name is none.
        StorageError: A content is not Base64.
    """
    return tuple(_content(file) for file in files)


def _content(file: ConfigFile) -> NewContent:
    name = (file.file_name or "").strip()
    if not file.content or not is_file_name(name):
        raise InvalidParameterError
    try:
        return NewContent(name, binascii.a2b_base64("".join(file.content.split()), strict_mode=True))
    except (binascii.Error, ValueError) as error:
        raise StorageError(f"{name}: not valid Base64") from error


def _names(written: tuple[str, ...] | None) -> list[str]:
    if not written:
        raise IllegalParameterReasonError("file_name_list", "is missing or empty")
    for name in written:
        if not is_file_name(name):
            raise IllegalParameterReasonError("file_name_list", "is no valid value")
    return list(dict.fromkeys(written))
