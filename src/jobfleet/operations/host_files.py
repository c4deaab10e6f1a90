"""Answer what became of each file that one host of a step gets or sends, with sums to check them by."""

from collections.abc import Mapping

import msgspec

from jobfleet.engine.sealing import content_purpose
from jobfleet.model.caller import Caller
from jobfleet.model.definition import FileSpec, host_sources
from jobfleet.model.file_log import FileLog
from jobfleet.model.job import HostSelector, Step, StepType
from jobfleet.model.transfer import Manifest
from jobfleet.operations.file_logs import expanded, read_files
from jobfleet.operations.host_log import LogKey, find_task
from jobfleet.operations.platform import Platform
from jobfleet.store import contents, files
from jobfleet.store.database import Transaction

MAX_MANIFEST_BYTES = 4 * 2**20
"""Sums of a source that offers more than such a list says are left out."""

_manifests = msgspec.msgpack.Decoder(Manifest)


class HostFile(msgspec.Struct, frozen=True):
    """Show a file on its way; `sha256` is "" for a directory and while nobody knows it."""

    log: FileLog
    sha256: str


async def host_files(platform: Platform, caller: Caller, key: LogKey) -> list[HostFile]:
    """Show the files of one host of a step: what it gets, then what the sources send; none for other steps.

    Raises:
        JobNotFoundError, StepNotFoundError, ForbiddenError: It is not there, or not for the caller.
    """
    async with platform.engine.db.begin() as tx:
        _, step, _, task, info = await find_task(tx, platform, caller, key)
        if step.type is not StepType.FILE:
            return []
        step = await expanded(tx, platform, step)
        nobody = HostSelector()
        found = await read_files(tx, step, [task] if task.target.ordinal >= 0 else [], nobody, info.time_zone or "")
        sums = await _sums(tx, platform, step, task.attempt)
    return [HostFile(log, sums.get((log.last.source, log.path), "")) for host in found for log in host.files]


async def _sums(tx: Transaction, platform: Platform, step: Step, attempt: int) -> Mapping[tuple[int, str], str]:
    """Return SHA-256 by (source host, path) of single files: those that we hold, and those that sources offer."""
    spec = step.definition
    if not isinstance(spec, FileSpec):
        return {}
    held = [(source.shown(item), item.content_hash) for source in spec.sources for item in source.items]
    sums = {(0, shown): content_hash for shown, content_hash in held if content_hash}
    offered = {one.ordinal: one.manifest for one in await files.list_sources(tx, step.job_id, step.id, attempt)}
    for number, (_, host_id) in enumerate(host_sources(spec), 1):
        found = await _offered(tx, platform, offered.get(-number, ""))
        sums |= {(host_id, path): content_hash for path, content_hash in found.items()}
    return sums


async def _offered(tx: Transaction, platform: Platform, manifest: str) -> dict[str, str]:
    sealed = await contents.find(tx, manifest) if manifest else None
    if sealed is None or len(sealed) > MAX_MANIFEST_BYTES:
        return {}
    found = _manifests.decode(platform.engine.sealer.open(sealed, content_purpose(manifest)))
    return {item.path: item.files[0].content_hash for item in found.items if not item.is_directory and item.files}
