"""How sources are packed into batches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobfleet.model.definition import FileItem, FileKind, FileSource
from jobfleet.model.job_errors import TooManyBatchesError
from jobfleet.model.rolling import MAX_BATCHES, Rolling
from jobfleet.model.source_batches import pack_sources


def source(hosts: tuple[int, ...], *paths: str) -> FileSource:
    return FileSource(FileKind.HOST, tuple(FileItem(path) for path in paths), "root", 1, hosts)


def rolling(hosts: int, files: int) -> Rolling:
    return Rolling("", by_source=True, most_hosts=hosts, most_files=files)


def packed(sources: list[FileSource], hosts: int, files: int) -> list[tuple[int, tuple[int, ...], list[str]]]:
    return [
        (one.batch, one.host_ids, [item.path for item in one.items])
        for one in pack_sources(sources, rolling(hosts, files))
    ]


@pytest.mark.parametrize(
    ("hosts", "files", "batches"),
    [
        (0, 0, [(1, (1, 2, 3), ["/a", "/b", "/c"])]),
        (2, 0, [(1, (1, 2), ["/a", "/b", "/c"]), (2, (3,), ["/a", "/b", "/c"])]),
        (0, 2, [(1, (1, 2, 3), ["/a", "/b"]), (2, (1, 2, 3), ["/c"])]),
        (
            2,
            2,
            [
                (1, (1, 2), ["/a", "/b"]),
                (2, (1, 2), ["/c"]),
                (3, (3,), ["/a", "/b"]),
                (4, (3,), ["/c"]),
            ],
        ),
    ],
)
def test_hosts_and_files_are_taken_in_the_order_of_the_request(
    hosts: int, files: int, batches: list[tuple[int, tuple[int, ...], list[str]]]
) -> None:
    assert packed([source((1, 2, 3), "/a", "/b", "/c")], hosts, files) == batches


def test_the_files_of_a_host_in_several_sources_count_together() -> None:
    sources = [source((1,), "/a", "/b"), source((1, 2), "/x")]
    assert packed(sources, 1, 2) == [(1, (1,), ["/a", "/b"]), (2, (1,), ["/x"]), (3, (2,), ["/x"])]


def test_more_batches_than_allowed_are_refused() -> None:
    hosts = tuple(range(1, MAX_BATCHES + 2))
    assert len(packed([source(hosts[:-1], "/a")], 1, 0)) == MAX_BATCHES
    with pytest.raises(TooManyBatchesError):
        packed([source(hosts, "/a")], 1, 0)


@given(
    st.lists(st.tuples(st.sets(st.integers(1, 6), min_size=1, max_size=4), st.integers(1, 5)), min_size=1, max_size=4),
    st.integers(0, 3),
    st.integers(0, 3),
)
def test_everything_is_sent_once_and_no_batch_is_too_large(
    wanted: list[tuple[set[int], int]], hosts: int, files: int
) -> None:
    sources = [
        source(tuple(sorted(ids)), *(f"/{at}/{number}" for number in range(count)))
        for at, (ids, count) in enumerate(wanted)
    ]
    cut = pack_sources(sources, rolling(hosts, files))
    asked = [(host, item.path) for one in sources for host in one.host_ids for item in one.items]
    sent = [(one.batch, host, item.path) for one in cut for host in one.host_ids for item in one.items]
    assert sorted((host, path) for _, host, path in sent) == sorted(asked)
    assert sorted({batch for batch, _, _ in sent}) == list(range(1, max(one.batch for one in cut) + 1))
    for batch in {one.batch for one in cut}:
        own = [(host, path) for number, host, path in sent if number == batch]
        in_batch = {host for host, _ in own}
        assert not hosts or len(in_batch) <= hosts
        assert not files or all(sum(one == host for one, _ in own) <= files for host in in_batch)
