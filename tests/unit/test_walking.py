"""The walk that tests make through the directories of running processes."""

import shutil
import threading
from pathlib import Path

from tests.walking import content_of, files_below


def test_files_that_come_and_go_meanwhile_break_no_walk(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(b"here")
    is_over = threading.Event()

    def come_and_go() -> None:
        while not is_over.is_set():
            place = tmp_path / "task" / "deep"
            place.mkdir(parents=True)
            (place / "file").write_bytes(b"here")
            shutil.rmtree(tmp_path / "task")

    mover = threading.Thread(target=come_and_go)
    mover.start()
    try:
        walks = [[content_of(path) for path, _ in files_below(tmp_path)] for _ in range(500)]
    finally:
        is_over.set()
        mover.join()
    assert all(b"here" in walk for walk in walks)
    assert [path for path, _ in files_below(tmp_path)] == [kept]
