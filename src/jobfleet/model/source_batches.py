"""How a step that rolls by file source is cut: which hosts send which files in which batch."""

from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec

from jobfleet.model.definition import FileItem, FileSource
from jobfleet.model.job_errors import TooManyBatchesError
from jobfleet.model.rolling import MAX_BATCHES, Rolling

_Sent = tuple[int, FileItem]
"""A file that a host sends, with the place of its source in the request."""


def pack_sources(sources: Sequence[FileSource], rolling: Rolling) -> list[FileSource]:
    """Return sources cut into batches, in order; each has its batch, and no batch holds more than `rolling` allows.

    Hosts are taken in the order of the request, each with its next files; one that has files left comes first in
    the next batch. Hosts of a batch that send the same files of the same source stay together.

    Raises:
        TooManyBatchesError: There would be more than MAX_BATCHES batches.

    Source: docs/reference/rolling.md, «By file source».
    """
    packed: list[FileSource] = []
    for number, sent in enumerate(_batches(_queues(sources), rolling), 1):
        if number > MAX_BATCHES:
            raise TooManyBatchesError(MAX_BATCHES)
        packed += _grouped(sources, sent, number)
    return packed


def _queues(sources: Sequence[FileSource]) -> dict[int, list[_Sent]]:
    """Return what each host sends, in the order of the request."""
    queues: dict[int, list[_Sent]] = {}
    for at, source in enumerate(sources):
        for host_id in source.host_ids:
            queues.setdefault(host_id, []).extend((at, item) for item in source.items)
    return queues


def _batches(queues: dict[int, list[_Sent]], rolling: Rolling) -> Iterator[dict[int, list[_Sent]]]:
    while queues:
        hosts = list(islice(queues, rolling.most_hosts or None))
        yield {host_id: queues[host_id][: rolling.most_files or None] for host_id in hosts}
        left = {host_id: queues[host_id][rolling.most_files :] if rolling.most_files else [] for host_id in hosts}
        queues = {host_id: files for host_id, files in (queues | left).items() if files}


def _grouped(sources: Sequence[FileSource], sent: dict[int, list[_Sent]], number: int) -> Iterator[FileSource]:
    groups: dict[tuple[int, tuple[FileItem, ...]], list[int]] = {}
    for host_id, files in sent.items():
        for at in dict.fromkeys(at for at, _ in files):
            items = tuple(item for place, item in files if place == at)
            groups.setdefault((at, items), []).append(host_id)
    for (at, items), host_ids in groups.items():
        yield msgspec.structs.replace(sources[at], items=items, host_ids=tuple(host_ids), batch=number)
