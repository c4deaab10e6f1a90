"""What is told of files within a bounded output: how each of them ended comes before how far it is."""

import msgspec

from jobfleet.model.transfer import FileStatus, Progress, Size

_ENDS = frozenset({FileStatus.FINISHED, FileStatus.FAILED})


class LeftOut(msgspec.Struct, frozen=True):
    """Count files that ended without a word, because the output had no room for it; a line of JSON too."""

    more_finished: Size
    more_failed: Size

    @property
    def count(self) -> int:
        """Return how many files these are."""
        return self.more_finished + self.more_failed


class NewsRoom:
    """Make lines of news and keep account of their room.

    What is on its way gets a quarter of the output, so that how it ends is always told; files that arrive leave
    another to those that fail, but a file that was told of is told to its end. What is left out is counted, and told
    when the count has doubled and at the end.

    Source: docs/reference/files.md, «Records».
    """

    def __init__(self, cap_bytes: int) -> None:
        self._cap_bytes = cap_bytes
        self._finished = self._failed = 0
        self._begun: set[tuple[int, str, str]] = set()
        self.taken_bytes = 0

    def line(self, news: Progress) -> bytes:
        """Return the line of a piece of news; b"" when there is no room for it."""
        written = msgspec.json.encode(news) + b"\n"
        file, is_end = (news.source, news.path, news.dest), news.status in _ENDS
        most = self._most(FileStatus.FAILED if is_end and file in self._begun else news.status)
        if self.taken_bytes + len(written) > most:
            return self._left_out(news.status) if is_end else b""
        (self._begun.discard if is_end else self._begun.add)(file)
        self.taken_bytes += len(written)
        return written

    def last_line(self) -> bytes:
        """Return the line that tells how many files were left out; b"" when none was."""
        return self._told(self._cap_bytes) if self._finished or self._failed else b""

    def _most(self, status: int) -> int:
        match status:
            case FileStatus.FAILED:
                return self._cap_bytes - self._cap_bytes // 16
            case FileStatus.FINISHED:
                return self._cap_bytes - self._cap_bytes // 4
        return self._cap_bytes // 4

    def _left_out(self, status: int) -> bytes:
        self._failed += status == FileStatus.FAILED
        self._finished += status == FileStatus.FINISHED
        count = self._finished + self._failed
        return b"" if count & (count - 1) else self._told(self._cap_bytes - self._cap_bytes // 32)

    def _told(self, most: int) -> bytes:
        # On a line of its own, even when whoever told was stopped in the middle of one.
        written = b"\n" + msgspec.json.encode(LeftOut(self._finished, self._failed)) + b"\n"
        if self.taken_bytes + len(written) > most:
            return b""
        self.taken_bytes += len(written)
        return written
