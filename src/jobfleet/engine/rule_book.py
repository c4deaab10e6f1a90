"""The dangerous rules as a server keeps them in memory: compiled, by language, as new as the record's."""

from jobfleet.engine.patterns import checker_of
from jobfleet.model.dangerous import Checker, RuleFilter
from jobfleet.model.script import Language
from jobfleet.store import dangerous_rules
from jobfleet.store.database import Transaction


class RuleBook:
    """Hold the rules of one version of the record; whoever asks makes it read them anew when that has grown."""

    def __init__(self) -> None:
        self._version = 0
        self._checkers: dict[int, Checker] = {}

    async def checker(self, tx: Transaction, language: int) -> Checker:
        """Return the enabled rules of a language as they are now."""
        version = await dangerous_rules.version(tx)
        if version != self._version:
            rules = await dangerous_rules.list_all(tx, RuleFilter())
            # Read after the version: the rules may be newer than it says, and are then read once more, never older.
            self._checkers = {int(each): checker_of(rules, each) for each in Language}
            self._version = version
        return self._checkers.get(language, Checker(()))
