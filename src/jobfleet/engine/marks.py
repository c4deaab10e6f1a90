"""Note which tasks agents took over, a moment late: most quick scripts have ended by then and need no note."""

from collections import defaultdict
from collections.abc import Iterable

from jobfleet.engine.context import Context
from jobfleet.engine.settle import remember
from jobfleet.store import tasks

DELAY_MS = 150


class RunningMarks:
    """Gather accepted tasks and write them as running in bulk, unless their result came first."""

    def __init__(self) -> None:
        self._accepted: dict[int, set[int]] = defaultdict(set)

    def add(self, job_id: int, accepted: Iterable[int]) -> None:
        """Note tasks that agents took over."""
        self._accepted[job_id].update(accepted)

    def discard(self, job_id: int, task_id: int) -> None:
        """Forget a task whose start or result is stored."""
        if job_id in self._accepted:
            self._accepted[job_id].discard(task_id)

    async def flush(self, ctx: Context) -> list[int]:
        """Write what was gathered, and return the jobs it is about; a task that moved on meanwhile stays as it is."""
        gathered, self._accepted = self._accepted, defaultdict(set)
        for job_id, accepted in gathered.items():
            if accepted:
                async with ctx.db.begin() as tx:
                    await remember(tx, await tasks.mark_running(tx, job_id, accepted), ctx.clock(), "agent")
        return [job_id for job_id, accepted in gathered.items() if accepted]
