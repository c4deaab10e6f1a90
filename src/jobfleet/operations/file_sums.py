"""The SHA-256 of the files of a step: of contents that we hold, and of what sources offered."""

import asyncio
from collections.abc import Collection, Mapping

import msgspec
from cachetools import LRUCache

from jobfleet.engine.sealing import Sealer, content_purpose
from jobfleet.model.definition import FileSpec, host_sources
from jobfleet.model.job import Step
from jobfleet.model.transfer import Manifest
from jobfleet.operations.platform import Platform
from jobfleet.store import contents, files
from jobfleet.store.database import Transaction

MAX_MANIFEST_BYTES = 4 * 2**20
"""Sums of a source that offers more than such a list says are left out."""

PORTION = 50
"""So many manifests are read and opened at once."""

MOST_KEPT_PATHS = 100_000
"""Manifests that were asked for last are kept opened, with so many paths in all: some tens of megabytes."""

MOST_PATHS_OF_ONE = 1_000
"""One that names more paths than this is not kept: it would push out too many others."""


def _size(found: Mapping[str, str]) -> int:
    return max(1, len(found))


# By their hashes, which say all that is in them: whatever platform opened one, it says the same.
_kept: LRUCache[str, Mapping[str, str]] = LRUCache(MOST_KEPT_PATHS, getsizeof=_size)
_manifests = msgspec.msgpack.Decoder(Manifest)


async def file_sums(
    tx: Transaction, platform: Platform, step: Step, attempt: int, hosts: Collection[int]
) -> Mapping[tuple[int, str], str]:
    """Return SHA-256 by (source host, 0 for the server; path) of single files; directories have none.

    Args:
        hosts: The source hosts whose files are asked for; the server's are told in any case.
    """
    spec = step.definition
    if not isinstance(spec, FileSpec):
        return {}
    held = [(source.shown(item), item.content_hash) for source in spec.sources for item in source.items]
    sums = {(0, shown): content_hash for shown, content_hash in held if content_hash}
    offered = {one.ordinal: one.manifest for one in await files.list_sources(tx, step.job_id, step.id, attempt)}
    wanted = [(at, offered.get(-n, "")) for n, (_, at) in enumerate(host_sources(spec), 1) if at in hosts]
    opened = await _offered(tx, platform, {manifest for _, manifest in wanted if manifest})
    for host_id, manifest in wanted:
        sums |= {(host_id, path): content_hash for path, content_hash in opened.get(manifest, {}).items()}
    return sums


async def _offered(tx: Transaction, platform: Platform, manifests: Collection[str]) -> Mapping[str, Mapping[str, str]]:
    found = {one: _kept[one] for one in manifests if one in _kept}
    missing = [one for one in manifests if one not in found]
    for first in range(0, len(missing), PORTION):
        sealed = await contents.find_some(tx, missing[first : first + PORTION], MAX_MANIFEST_BYTES)
        # In a thread: long manifests would hold up everybody else.
        opened = await asyncio.to_thread(_opened, platform.engine.sealer, sealed)
        _kept.update({one: told for one, told in opened.items() if len(told) <= MOST_PATHS_OF_ONE})
        found |= opened
    return found


def _opened(sealer: Sealer, sealed: Mapping[str, bytes]) -> dict[str, Mapping[str, str]]:
    return {one: _sums_of(sealer.open(data, content_purpose(one))) for one, data in sealed.items()}


def _sums_of(manifest: bytes) -> Mapping[str, str]:
    items = _manifests.decode(manifest).items
    return {item.path: item.files[0].content_hash for item in items if not item.is_directory and item.files}
