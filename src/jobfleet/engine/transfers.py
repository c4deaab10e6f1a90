"""Make the orders of file steps: sources offer first, then targets fetch what was offered."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import PurePosixPath

import msgspec

from jobfleet.engine.context import Context
from jobfleet.engine.definition import check_seal, check_target
from jobfleet.engine.sealing import content_purpose
from jobfleet.engine.variables import values_before
from jobfleet.model.definition import FileKind, FileSource, FileSpec, TransferMode, host_sources
from jobfleet.model.errors import InternalError
from jobfleet.model.expansion import expand_files, texts
from jobfleet.model.job import Step
from jobfleet.model.order import MAX_INLINE_LIST_BYTES, FetchOrder, FetchPart, OfferOrder, Order
from jobfleet.model.outcome import ErrorCode
from jobfleet.model.paths import MAX_PATH_BYTES, is_valid_path, resolve_moment, resolve_target, source_ip_name
from jobfleet.model.status import NOT_EXECUTABLE, TaskStatus
from jobfleet.model.transfer import FailedItem, Manifest, OfferedFile, OfferedItem
from jobfleet.store import contents, files
from jobfleet.store.database import Transaction
from jobfleet.store.files import SourceTask
from jobfleet.store.task_claims import ClaimedTask

OWN_IP = "0_0.0.0.0"
"""How the server itself is named in paths, as the source of files that it holds."""

_OWN_FILE_MODE = 0o644

Make = Callable[[ClaimedTask], Order]


async def file_orders(
    tx: Transaction, ctx: Context, step: Step, spec: FileSpec, claimed: Sequence[ClaimedTask]
) -> Make:
    """Return what makes the order of each claimed task; either all are sources or all are targets.

    Raises:
        InternalError: The step, or the host of a task, is not as it was accepted, or a path that holds variables is
            none once they are expanded.
    """
    host_ids = (await check_seal(tx, ctx, step)).hosts
    if step.has_variables:
        spec = _expanded(step, spec, texts(await values_before(tx, ctx, step)))
    if claimed[0].ordinal < 0:
        return await _offers(tx, ctx, step, spec)
    return await _fetches(tx, ctx, step, spec, claimed[0], host_ids)


def with_values(step: Step, spec: FileSpec, values: Mapping[str, str]) -> FileSpec:
    """Return a step's files with the values of variables in their paths.

    Raises:
        InternalError: A path is too long with them.
    """
    try:
        return expand_files(spec, values)
    except ValueError as error:
        raise InternalError(
            detail=f"a path of step {step.id} is longer than {MAX_PATH_BYTES} bytes, expanded"
        ) from error


def _expanded(step: Step, spec: FileSpec, values: Mapping[str, str]) -> FileSpec:
    """Return a step's files with the values of variables in their paths, which must be ones that are taken."""
    expanded = with_values(step, spec, values)
    for before, after in zip(_host_paths(spec), _host_paths(expanded), strict=True):
        if before != after and not is_valid_path(after):
            raise InternalError(detail=f"with the values of its variables a path is none: {after[:200]!r}")
    return expanded


def _host_paths(spec: FileSpec) -> list[str]:
    sources = [item.path for one in spec.sources if one.kind == FileKind.HOST for item in one.items]
    return [*sources, spec.target_path]


def manifest_parts(job_id: int, step_id: int, attempt: int, ordinal: int, manifest: str) -> tuple[bytes, ...]:
    """Return the parts that the seal of an offer covers, so that a changed database sends nothing else."""
    return b"offer", f"{job_id}.{step_id}.{attempt}.{ordinal}".encode(), manifest.encode()


def _check_seal(ctx: Context, step: Step, attempt: int, task: SourceTask) -> None:
    parts = manifest_parts(step.job_id, step.id, attempt, task.ordinal, task.manifest)
    if task.manifest and not ctx.sealer.matches(task.seal, *parts):
        raise InternalError(detail=f"what a source of step {step.id} offers was changed in the database")


async def _offers(tx: Transaction, ctx: Context, step: Step, spec: FileSpec) -> Make:
    sources = host_sources(spec)
    apart = {id(source): await _apart(tx, ctx, step, _paths(source)) for source in spec.sources}

    def make(task: ClaimedTask) -> OfferOrder:
        source, host_id = sources[-task.ordinal - 1]
        check_target({host_id}, task)
        paths_hash = apart[id(source)]
        return OfferOrder(
            task_id=task.id,
            job_id=step.job_id,
            step_id=step.id,
            attempt=task.attempt,
            batch=task.batch,
            account=source.account,
            paths=() if paths_hash else _paths(source),
            timeout_s=spec.timeout_s,
            output_cap_bytes=ctx.output_cap_bytes,
            limit_kib_s=spec.upload_limit_kib_s,
            paths_hash=paths_hash,
        )

    return make


async def _fetches(
    tx: Transaction, ctx: Context, step: Step, spec: FileSpec, first: ClaimedTask, host_ids: Collection[int]
) -> Make:
    parts = await _parts(tx, ctx, step, spec, first)
    parts_hash = await _apart(tx, ctx, step, parts)

    def make(task: ClaimedTask) -> FetchOrder:
        check_target(host_ids, task)
        return FetchOrder(
            task_id=task.id,
            job_id=step.job_id,
            step_id=step.id,
            attempt=task.attempt,
            batch=task.batch,
            account=spec.account,
            parts=() if parts_hash else parts,
            timeout_s=spec.timeout_s,
            output_cap_bytes=ctx.output_cap_bytes,
            create=spec.mode != TransferMode.STRICT,
            name=spec.target_name,
            limit_kib_s=spec.download_limit_kib_s,
            parts_hash=parts_hash,
        )

    return make


async def _parts(
    tx: Transaction, ctx: Context, step: Step, spec: FileSpec, first: ClaimedTask
) -> tuple[FetchPart, ...]:
    """Return what the targets of a task's attempt and batch get, source by source."""
    attempt = first.attempt
    at = resolve_moment(ctx.clock())
    offered = {one.ordinal: one for one in await files.list_sources(tx, step.job_id, step.id, attempt)}
    parts = []
    for number, (source, host_id) in enumerate(host_sources(spec), 1):
        if source.batch not in {0, first.batch}:
            continue
        task = offered[-number]
        _check_seal(ctx, step, attempt, task)
        directory = resolve_target(spec.target_path, spec.mode, source_ip_name(task.cloud_id, task.ip), at)
        parts.append(FetchPart(host_id, directory, task.manifest, () if task.manifest else _failed(source, task)))
    for source in spec.sources:
        if source.kind in {FileKind.UPLOAD, FileKind.CONTENT}:
            directory = resolve_target(spec.target_path, spec.mode, OWN_IP, at)
            parts.append(FetchPart(0, directory, await _own_manifest(tx, ctx, step, source)))
    return tuple(parts)


async def _own_manifest(tx: Transaction, ctx: Context, step: Step, source: FileSource) -> str:
    """Store the manifest of contents that the server holds; return its hash."""
    items = (
        OfferedItem(
            (name := PurePosixPath(item.path).name),
            name,
            (OfferedFile(name, _OWN_FILE_MODE, item.size_bytes, item.content_hash),),
        )
        for item in source.items
    )
    return await store_apart(tx, ctx, step, msgspec.msgpack.encode(Manifest(tuple(items))))


async def _apart(tx: Transaction, ctx: Context, step: Step, listed: tuple[object, ...]) -> str:
    """Store a list that is too long for an order; return its hash, "" for one that is not."""
    written = msgspec.msgpack.encode(listed)
    return await store_apart(tx, ctx, step, written) if len(written) > MAX_INLINE_LIST_BYTES else ""


async def store_apart(tx: Transaction, ctx: Context, step: Step, written: bytes) -> str:
    """Keep what is too long for the orders of a step, for its hosts to fetch; return its hash."""
    content_hash = hashlib.sha256(written).hexdigest()
    await contents.insert(tx, content_hash, ctx.sealer.seal(written, content_purpose(content_hash)), ctx.clock())
    await files.allow(tx, step.job_id, step.id, {content_hash})
    return content_hash


def _paths(source: FileSource) -> tuple[str, ...]:
    return tuple(item.path for item in source.items)


def _failed(source: FileSource, task: SourceTask) -> tuple[FailedItem, ...]:
    """Return what a source without a manifest leaves undone."""
    match task.status:
        case _ if source.kind == FileKind.FILE_SOURCE:
            code, why = ErrorCode.SOURCE_LOST, task.message
        case status if status in NOT_EXECUTABLE:
            code, why = ErrorCode.OK, "the source host has no agent"
        case TaskStatus.AGENT_UNREACHABLE:
            code, why = ErrorCode.SOURCE_LOST, "the agent of the source host is not connected"
        case TaskStatus.FILE_TIMED_OUT:
            code, why = ErrorCode.TIME_LIMIT, task.message
        case TaskStatus.ACCOUNT_MISSING:
            code, why = ErrorCode.FILE_UNREADABLE, f"source host: {task.message}"
        case _:
            code, why = ErrorCode.SOURCE_LOST, f"source host: {task.message or task.status.name.lower()}"
    return tuple(FailedItem(source.shown(item), code, why) for item in source.items)
