"""Answer agents that say they are there: note it, and reconcile what they run with what the record says."""

from collections import defaultdict
from collections.abc import Sequence

from jobfleet.engine.context import Context
from jobfleet.engine.inquire import inquire
from jobfleet.engine.orders import send_kills
from jobfleet.model.order import Hello
from jobfleet.store import fleet, tasks

ON_ITS_WAY_MS = 10_000
"""An order or report that is younger than this may still be on its way."""


async def greet(ctx: Context, hellos: Sequence[Hello]) -> list[int]:
    """Note that agents are there and settle what their hosts no longer know; return jobs with something to decide.

    A task that the record shows as running and the agent does not name is asked for; when the journal does not
    have it either, its outcome is unknown and named so. An order that nobody took over is not asked for but sent
    again in its time. A kill that was asked for meanwhile is sent.
    """
    latest = {hello.host_id: hello for hello in hellos}
    async with ctx.db.begin() as tx:
        await fleet.note_seen(tx, list(latest.values()), ctx.clock())
        open_tasks = await tasks.list_open_of_hosts(tx, list(latest), ctx.clock() - ON_ITS_WAY_MS)
    job_of: dict[int, int] = {}
    missing: dict[int, list[int]] = defaultdict(list)
    to_kill: dict[int, list[int]] = defaultdict(list)
    for host_id, job_id, task_id, stopping in open_tasks:
        job_of[task_id] = job_id
        if stopping:
            to_kill[host_id].append(task_id)
        elif task_id not in latest[host_id].unfinished:
            missing[host_id].append(task_id)
    await send_kills(ctx, to_kill)
    return await inquire(ctx, missing, job_of)
