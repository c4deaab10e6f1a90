"""Start jobs that distribute files."""

import asyncio
import hashlib
from collections.abc import Iterable

import msgspec

from jobfleet.engine.accept import JobHead, NewStep, accept_job
from jobfleet.engine.resolve_containers import resolve_objects
from jobfleet.engine.service import nudge
from jobfleet.model.account import Category
from jobfleet.model.caller import Action, Caller
from jobfleet.model.definition import FileItem, FileKind, FileSource, FileSpec
from jobfleet.model.errors import IllegalParameterError
from jobfleet.model.file_job import MAX_FILE_TASKS, NewFileJob, NewSource
from jobfleet.model.job import JobType, LaunchMode, StartedJob, StepType
from jobfleet.model.job_errors import (
    AccountNotFoundError,
    NoSourceError,
    NoTargetError,
    NotHostSourcesError,
    TooManyFileTasksError,
)
from jobfleet.model.labels import file_job_name
from jobfleet.model.rolling import Rolling
from jobfleet.model.scope import KnownScope
from jobfleet.model.script import DEFAULT_TIMEOUT_S
from jobfleet.model.source_batches import pack_sources
from jobfleet.model.status import TaskStatus
from jobfleet.model.target import ObjectSpec, Target
from jobfleet.operations.access import demand_all, enter_scope
from jobfleet.operations.audit_trail import note_run
from jobfleet.operations.file_sources import usable_source
from jobfleet.operations.limits import within_limits
from jobfleet.operations.once import once
from jobfleet.operations.platform import Platform
from jobfleet.operations.quotas import check_quota
from jobfleet.operations.run_needs import accounts_use, hosts_use
from jobfleet.operations.second_person import check_second
from jobfleet.store import files, inventory
from jobfleet.store.database import Transaction
from jobfleet.store.inventory import Account


async def start_transfer(platform: Platform, caller: Caller, new: NewFileJob) -> StartedJob:
    """Accept a job that distributes files, and start it unless `new.start` is False.

    Raises:
        ScopeNotFoundError, ForbiddenError: The caller cannot work in the scope.
        BadRequestError: See `within_limits`.
        AccountNotFoundError: An account does not exist.
        UnknownHostsError, ForeignHostsError, GroupNotFoundError, NoTargetError, TooManyTargetsError: See `resolve`.
        NoSourceError, TooManyFileTasksError: There is nothing to send, or too much.
        IllegalParameterError: An uploaded file is not there.
        SystemQuotaError, ScopeQuotaError, AppQuotaError: As many jobs run as may.
        FileSourceNotFoundError, FileSourceCodeUnknownError, IllegalParameterReasonError: See `usable_source`.
        IdempotencyConflictError: The key was used with another request.

    Source: docs/reference/files.md.
    """
    async with platform.engine.db.begin() as tx:
        started = await accept_transfer(tx, platform, caller, new)
    if new.start:
        await nudge(platform.engine.bus, started.job_id)
    return started


async def accept_transfer(tx: Transaction, platform: Platform, caller: Caller, new: NewFileJob) -> StartedJob:
    """Do what `start_transfer` does, within a transaction; nudge the engine when it is committed."""
    info = await enter_scope(tx, platform, caller, new.scope)
    named = _named(new, caller, platform.engine.clock())
    key, asked = new.idempotency_key, msgspec.structs.replace(new, idempotency_key="")
    return await once(tx, platform, caller, key, asked, lambda: _accept(tx, platform, caller, named, info))


async def _accept(tx: Transaction, platform: Platform, caller: Caller, new: NewFileJob, info: KnownScope) -> StartedJob:
    new = await within_limits(tx, new)
    if new.start:
        await check_quota(tx, platform, caller, new.scope)
    step = await file_step(tx, platform, new, info)
    needed = hosts_use(Action.QUICK_TRANSFER_FILE, [step])
    demand_all(caller, info, needed, accounts_use([step]))
    await check_second(tx, platform, caller, [(new, step)])
    for given in new.contents:
        await asyncio.to_thread(platform.engine.blobs.put, given.content)
    head = JobHead(new.scope, new.name, JobType.FILE, new.launch_mode, new.start, new.callback_url)
    started = await accept_job(tx, platform.engine, caller, head, [step])
    await note_run(tx, platform, caller, new.scope, needed, started)
    return started


async def file_step(tx: Transaction, platform: Platform, new: NewFileJob, info: KnownScope) -> NewStep:
    """Return the step of a new job that distributes files; accounts and hosts are resolved.

    Contents that came with the request are still to be stored.

    Raises:
        AccountNotFoundError, UnknownHostsError, ForeignHostsError, GroupNotFoundError, NoTargetError,
        TooManyTargetsError, NoSourceError, TooManyFileTasksError, IllegalParameterError: See `start_transfer`.
    """
    account = await _account(tx, new, new.account_id, new.account_alias)
    meant = ObjectSpec(new.target, new.containers)
    targets = [_reachable(one) for one in await _objects(tx, platform, new, meant, info)]
    sources, hosts = await _sources(tx, platform, new, info)
    _check_size(sources, len(targets))
    sources += _contents(new)
    if new.rolling is not None and new.rolling.by_source:
        sources, hosts = _rolled(sources, hosts, new.rolling)
    hashes = {item.content_hash for source in sources for item in source.items if item.content_hash}
    spec = _spec(new, account, sources)
    return NewStep(new.name, StepType.FILE, spec, targets, new.rolling, sources=hosts, hashes=hashes)


def _spec(new: NewFileJob, account: Account, sources: Iterable[FileSource]) -> FileSpec:
    return FileSpec(
        sources=tuple(sources),
        target_path=new.target_path,
        account=account.account,
        account_id=account.id,
        account_alias=account.alias,
        timeout_s=new.timeout_s or DEFAULT_TIMEOUT_S,
        mode=new.mode,
        target_name=new.target_name,
        upload_limit_kib_s=new.upload_limit_kib_s,
        download_limit_kib_s=new.download_limit_kib_s,
    )


async def _account(tx: Transaction, new: NewFileJob, account_id: int | None, alias: str) -> Account:
    account = await inventory.find_account(tx, new.scope, Category.SYSTEM, account_id, alias)
    if account is None:
        raise AccountNotFoundError(account_id or alias)
    return account


async def _sources(
    tx: Transaction, platform: Platform, new: NewFileJob, info: KnownScope
) -> tuple[list[FileSource], list[Target]]:
    """Return the sources, and their hosts with ordinals from -1 down."""
    sources: list[FileSource] = []
    hosts: list[Target] = []
    for source in new.sources:
        if source.kind == FileKind.UPLOAD:
            sources.append(await _uploaded(tx, new, source))
            continue
        if source.kind == FileKind.FILE_SOURCE:
            sources.append(await _third_party(tx, new, source))
            hosts.append(_server_itself(-len(hosts) - 1))
            continue
        account = await _account(tx, new, source.account_id, source.account_alias)
        found = await _source_hosts(tx, platform, new, source, info)
        items = tuple(FileItem(path) for path in source.paths)
        ids = tuple(host.host_id for host in found)
        reader = account.account, account.id
        sources.append(FileSource(FileKind.HOST, items, *reader, ids, account_alias=account.alias))
        hosts += (msgspec.structs.replace(host, ordinal=-number) for number, host in enumerate(found, len(hosts) + 1))
    return sources, hosts


def _reachable(target: Target) -> Target:
    """Return a target that never runs for one that files cannot be sent to: a container.

    Source: docs/reference/containers.md, «Files».
    """
    if target.container is None:
        return target
    return msgspec.structs.replace(target, initial=TaskStatus.INVALID_TARGET)


async def _objects(
    tx: Transaction, platform: Platform, new: NewFileJob, meant: ObjectSpec, info: KnownScope
) -> list[Target]:
    tolerant, now = new.launch_mode.tolerates_lost_hosts, platform.engine.clock()
    return await resolve_objects(tx, meant, info, new.name, action="file", now=now, tolerant=tolerant)


async def _source_hosts(
    tx: Transaction, platform: Platform, new: NewFileJob, source: NewSource, info: KnownScope
) -> list[Target]:
    try:
        return await _objects(tx, platform, new, ObjectSpec(source.hosts), info)
    except NoTargetError as error:
        raise NoSourceError(new.name) from error


async def _uploaded(tx: Transaction, new: NewFileJob, source: NewSource) -> FileSource:
    found = await files.find_uploads(tx, new.scope, source.paths)
    missing = next((path for path in source.paths if path not in found), None)
    if missing is not None:
        raise IllegalParameterError("sources.paths", f"{missing} is no upload that is there")
    items = tuple(FileItem(path, found[path].content_hash, found[path].size_bytes) for path in source.paths)
    return FileSource(FileKind.UPLOAD, items)


def _rolled(sources: list[FileSource], hosts: list[Target], rolling: Rolling) -> tuple[list[FileSource], list[Target]]:
    """Return the sources in batches, and their hosts anew: one for each batch that it sends in."""
    if any(source.kind != FileKind.HOST for source in sources):
        raise NotHostSourcesError
    by_id = {host.host_id: host for host in hosts}
    packed = pack_sources(sources, rolling)
    sending = [by_id[host_id] for source in packed for host_id in source.host_ids]
    return packed, [msgspec.structs.replace(host, ordinal=-number) for number, host in enumerate(sending, 1)]


async def _third_party(tx: Transaction, new: NewFileJob, source: NewSource) -> FileSource:
    found = await usable_source(tx, new.scope, source.file_source_id, source.file_source_code)
    items = tuple(FileItem(path) for path in source.paths)
    return FileSource(FileKind.FILE_SOURCE, items, host_ids=(0,), file_source_id=found.id, title=found.alias)


def _server_itself(ordinal: int) -> Target:
    """Return what stands for the server where the host of a source would be."""
    return Target(ordinal, 0, 0, "", "0.0.0.0", None, None, "linux", True, TaskStatus.WAITING)  # noqa: S104 - no address


def _contents(new: NewFileJob) -> list[FileSource]:
    """Return what came with the request as a source."""
    items = tuple(
        FileItem(given.name, hashlib.sha256(given.content).hexdigest(), len(given.content)) for given in new.contents
    )
    return [FileSource(FileKind.CONTENT, items)] if items else []


def _check_size(sources: Iterable[FileSource], target_count: int) -> None:
    count = sum(len(source.items) * max(1, len(source.host_ids)) for source in sources)
    if count * target_count > MAX_FILE_TASKS:
        raise TooManyFileTasksError(MAX_FILE_TASKS)


def _named(new: NewFileJob, caller: Caller, now: int) -> NewFileJob:
    if new.name:
        return new
    by_hand = new.launch_mode is LaunchMode.PAGE
    return msgspec.structs.replace(new, name=file_job_name(caller.language, now, by_hand=by_hand))
