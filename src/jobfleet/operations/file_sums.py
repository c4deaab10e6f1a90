"""The SHA-256 of the files of a step: of contents that we hold, and of what sources offered."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping

import msgspec

from jobfleet.engine.sealing import Sealer, content_purpose
from jobfleet.model.definition import FileSpec, host_sources
from jobfleet.model.job import Step
from jobfleet.model.transfer import Manifest
from jobfleet.operations.platform import Platform
from jobfleet.store import contents, files
from jobfleet.store.database import Transaction

MAX_MANIFEST_BYTES = 4 * 2**20
"""Sums of a source that offers more than such a list says are left out."""

MOST_KEPT = 256
MOST_KEPT_PATHS = 1_000
"""So many manifests that were asked for last are kept opened, of those that name no more paths than this."""

# By their hashes, which say all that is in them: whatever platform opened one, it says the same.
_kept: OrderedDict[str, Mapping[str, str]] = OrderedDict()
_manifests = msgspec.msgpack.Decoder(Manifest)


async def file_sums(tx: Transaction, platform: Platform, step: Step, attempt: int) -> Mapping[tuple[int, str], str]:
    """Return SHA-256 by (source host, 0 for the server; path) of single files; directories have none."""
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


async def _offered(tx: Transaction, platform: Platform, manifest: str) -> Mapping[str, str]:
    if not manifest:
        return {}
    if manifest not in _kept:
        sealed = await contents.find(tx, manifest)
        if sealed is None or len(sealed) > MAX_MANIFEST_BYTES:
            return {}
        # In a thread: a long manifest would hold up everybody else.
        found = await asyncio.to_thread(_opened, platform.engine.sealer, manifest, sealed)
        if len(found) > MOST_KEPT_PATHS:
            return found
        _kept[manifest] = found
    _kept.move_to_end(manifest)
    if len(_kept) > MOST_KEPT:
        _kept.popitem(last=False)
    return _kept[manifest]


def _opened(sealer: Sealer, manifest: str, sealed: bytes) -> Mapping[str, str]:
    found = _manifests.decode(sealer.open(sealed, content_purpose(manifest)))
    return {item.path: item.files[0].content_hash for item in found.items if not item.is_directory and item.files}
