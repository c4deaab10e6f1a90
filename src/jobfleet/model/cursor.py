"""How far somebody has followed what happens: which transactions they have seen."""

import re

import msgspec

_TEXT = re.compile(r"[0-9]{1,19}:[0-9]{1,19}:(?:[0-9]{1,19}(?:,[0-9]{1,19}){0,999})?", re.ASCII)
HIGHEST = 2**63 - 1


class Cursor(msgspec.Struct, frozen=True):
    """Say which transactions were over at a moment: those below `after` without `open_ones`; below `oldest` all were.

    A number of an event cannot say this: who takes a lower number may commit later. Of two cursors the later one
    contains the earlier one.

    Source: docs/reference/event-stream.md, «Cursors».
    """

    oldest: int
    after: int
    open_ones: frozenset[int] = frozenset()

    @property
    def text(self) -> str:
        """Return the cursor as PostgreSQL writes it (`pg_snapshot`)."""
        return f"{self.oldest}:{self.after}:{','.join(map(str, sorted(self.open_ones)))}"

    def contains(self, transaction: int) -> bool:
        """Tell whether a transaction was over."""
        return transaction < self.oldest or (transaction < self.after and transaction not in self.open_ones)


def parse_cursor(text: str) -> Cursor | None:
    """Return the cursor that a text is, None when it is none."""
    if not _TEXT.fullmatch(text):
        return None
    oldest, after, rest = text.split(":")
    found = Cursor(int(oldest), int(after), frozenset(map(int, rest.split(","))) if rest else frozenset())
    is_sound = 0 < found.oldest <= found.after <= HIGHEST
    return found if is_sound and all(found.oldest <= one < found.after for one in found.open_ones) else None
