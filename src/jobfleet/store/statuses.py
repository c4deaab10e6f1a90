"""Statuses in statements, by their names.

They come to the database as numbers and not as parameters: the indexes over what is not over serve only queries that
say so themselves.
"""

import re
from functools import cache

from jobfleet.model.status import UNFINISHED_TASK, RunStatus, TaskStatus

_NAME = re.compile(r"<(task|run)\.([A-Z_]+)>")
_KINDS = {"task": TaskStatus, "run": RunStatus}
_OPEN = ", ".join(str(int(status)) for status in sorted(UNFINISHED_TASK))


@cache
def with_statuses(statement: str) -> str:
    """Return a statement with numbers in the place of names.

    `<task.WAITING>` is a TaskStatus, `<run.STOPPING>` a RunStatus, `<task.OPEN>` those of tasks that are not over.
    """
    return _NAME.sub(_number, statement)


WORST_FIRST = "t.status IN (<task.SUCCEEDED>, <task.SUCCEEDED_BEFORE>), t.status IN (<task.OPEN>)"
"""Order tasks `t` so that what broke comes before what is not over, and that before what succeeded."""


def _number(name: re.Match[str]) -> str:
    return _OPEN if name[2] == "OPEN" else str(int(_KINDS[name[1]][name[2]]))
