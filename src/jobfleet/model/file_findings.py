"""What is odd about a distribution of files before it runs: files that overwrite one another, or themselves."""

from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum

import msgspec

from jobfleet.model.definition import FileKind, FileSpec
from jobfleet.model.paths import resolve_moment, resolve_target, source_ip_name
from jobfleet.model.target import Target

OWN_NAME = "0_0.0.0.0"
"""How the server is named in a target path, where it is the source itself."""

MOST_EXAMPLES = 10
MOST_FINDINGS = 100


class FileTrouble(StrEnum):
    """Say what is odd."""

    SAME_NAME = "same_name"
    SAME_PLACE = "same_place"


class FileFinding(msgspec.Struct, frozen=True):
    """Say which file is in whose way: `path` is its place on the target, `sources` are those that send one there."""

    trouble: FileTrouble
    path: str
    sources: Sequence[str]


class Landing(msgspec.Struct, frozen=True):
    """Say where the files of a source land: `source` names it for people."""

    source: str
    directory: str


class Sent(msgspec.Struct, frozen=True):
    """Hold one file that one source sends; `host_id` is 0 for the server itself."""

    source: str
    host_id: int
    path: str
    directory: str
    name: str

    @property
    def place(self) -> str:
        """Return where it lands."""
        return f"{self.directory}{self.name}"


def sent_files(spec: FileSpec, hosts: Sequence[Target], now: int) -> Iterator[Sent]:
    """Yield what each source sends, and where it lands.

    Args:
        hosts: The hosts that files come from.
        now: Epoch milliseconds; what dates in the target path are filled with.
    """
    by_id = {host.host_id: host for host in hosts}
    at = resolve_moment(now)
    for source in spec.sources:
        for host_id in source.host_ids if source.kind == FileKind.HOST else (0,):
            host = by_id.get(host_id)
            ip = OWN_NAME if not host_id or host is None else source_ip_name(host.cloud_id, host.ip or host.ipv6 or "")
            directory = resolve_target(spec.target_path, spec.mode, ip, at)
            shown = ip.replace("_", ":", 1) if host_id else source.title
            for item in source.items:
                yield Sent(shown, host_id, item.path, directory, spec.target_name or _name(item.path))


def _name(path: str) -> str:
    whole = path.replace("\\", "/")
    return whole.rstrip("/").rpartition("/")[2] + ("/" if whole.endswith("/") else "")


def landings(sent: Sequence[Sent]) -> list[Landing]:
    """Return where the files of each source land, the first MOST_EXAMPLES sources."""
    found = {one.source: Landing(one.source, one.directory) for one in sent}
    return list(found.values())[:MOST_EXAMPLES]


def findings(sent: Sequence[Sent], target_ids: Collection[int]) -> list[FileFinding]:
    """Return what is odd, the first MOST_FINDINGS.

    Source: docs/reference/preview.md, «Files».
    """
    return [*_same_names(sent), *_same_places(sent, target_ids)][:MOST_FINDINGS]


def _same_names(sent: Sequence[Sent]) -> Iterator[FileFinding]:
    by_place: dict[str, list[str]] = {}
    for one in sent:
        by_place.setdefault(one.place, []).append(f"{one.source}:{one.path}" if one.source else one.path)
    for place, sources in by_place.items():
        if len(sources) > 1:
            yield FileFinding(FileTrouble.SAME_NAME, place, sources[:MOST_EXAMPLES])


def _same_places(sent: Sequence[Sent], target_ids: Collection[int]) -> Iterator[FileFinding]:
    for one in sent:
        if one.host_id in target_ids and one.path.rstrip("/") == one.place.rstrip("/"):
            yield FileFinding(FileTrouble.SAME_PLACE, one.place, [one.source])
