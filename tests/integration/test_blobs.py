"""Contents on the server's disk: in pieces, from several senders, checked, swept."""

import hashlib
import os
from pathlib import Path

import pytest

from jobfleet.model.transfer import Kept
from jobfleet.store.blobs import Blobs, WrongContentError, blocks

DATA = b"0123456789"
HASH = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "files")


def test_pieces_make_a_content_and_what_is_there_is_skipped(blobs: Blobs) -> None:
    assert blobs.stored(HASH, 10) == Kept(0, complete=False)
    assert blobs.append(HASH, 10, 0, DATA[:6]) == Kept(6, complete=False)
    assert blobs.stored(HASH, 10) == Kept(6, complete=False)
    assert blobs.append(HASH, 10, 2, DATA[2:8]) == Kept(8, complete=False)
    assert blobs.append(HASH, 10, 9, DATA[9:]) == Kept(8, complete=False)
    assert blobs.append(HASH, 10, 8, DATA[8:]) == Kept(10, complete=True)
    assert blobs.stored(HASH, 10) == blobs.append(HASH, 10, 0, DATA) == Kept(10, complete=True)
    assert blobs.path(HASH).read_bytes() == DATA


def test_a_content_with_another_hash_is_dropped(blobs: Blobs) -> None:
    with pytest.raises(WrongContentError):
        blobs.append(HASH, 10, 0, b"9876543210")
    assert blobs.stored(HASH, 10) == Kept(0, complete=False)


def test_a_piece_beyond_the_size_is_cut(blobs: Blobs) -> None:
    assert blobs.append(HASH, 10, 0, DATA + b"more") == Kept(10, complete=True)


def test_an_empty_content_is_complete_at_once(blobs: Blobs) -> None:
    empty = hashlib.sha256(b"").hexdigest()
    assert blobs.stored(empty, 0) == Kept(0, complete=True)
    assert blobs.path(empty).read_bytes() == b""


def test_blocks_begin_anywhere(blobs: Blobs) -> None:
    content = blobs.put(DATA)
    assert content == HASH
    with blobs.path(content).open("rb") as file:
        assert b"".join(blocks(file, 3, 7)) == DATA[3:]


def test_an_upload_that_breaks_off_leaves_nothing(blobs: Blobs, tmp_path: Path) -> None:
    incoming = blobs.receive()
    incoming.write(DATA)
    incoming.drop()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_was_not_used_for_long_is_removed(blobs: Blobs) -> None:
    used, old = blobs.put(b"used"), blobs.put(b"old")
    blobs.append(HASH, 10, 0, b"0")
    for path in (blobs.path(used), blobs.path(old), blobs.path(old).parents[1] / "partial" / HASH):
        os.utime(path, (1000, 1000))
    assert blobs.find(used) is not None
    assert blobs.sweep(2000) == 2
    assert blobs.find(used) is not None
    assert blobs.find(old) is None
    assert blobs.stored(HASH, 10) == Kept(0, complete=False)
