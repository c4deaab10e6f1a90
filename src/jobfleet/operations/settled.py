"""Counts of attempts on which nothing can change any more, kept so that lists of runs need not count them again."""

from collections.abc import Iterable, Mapping

from cachetools import LRUCache

from jobfleet.model.status import GIVEN_UP, UNFINISHED_TASK
from jobfleet.model.verdict import Counts, total
from jobfleet.store import attempts
from jobfleet.store.batches import StepKey
from jobfleet.store.database import Transaction

MOST_BATCHES = 20_000
"""Attempts with so many batches in all are kept, the last used ones: a few hundred bytes for each batch."""

_MAY_CHANGE = UNFINISHED_TASK | GIVEN_UP


class SettledCounts:
    """Count attempts, and keep what is final: every task has ended by the word of its host."""

    def __init__(self) -> None:
        self._kept: LRUCache[StepKey, Mapping[int, Counts]] = LRUCache(MOST_BATCHES, getsizeof=len)

    async def count(self, tx: Transaction, keys: Iterable[StepKey]) -> dict[StepKey, Mapping[int, Counts]]:
        """Return the tasks of attempts by batch, then by status."""
        wanted = list(keys)
        found: dict[StepKey, Mapping[int, Counts]] = {key: self._kept[key] for key in wanted if key in self._kept}
        missing = [key for key in wanted if key not in found]
        if missing:
            found |= await attempts.count_all(tx, missing)
        for key in wanted:
            if _is_final(found[key]):
                self._kept[key] = found[key]
        return found


def _is_final(by_batch: Mapping[int, Counts]) -> bool:
    counts = total(by_batch)
    return bool(counts) and _MAY_CHANGE.isdisjoint(counts)
