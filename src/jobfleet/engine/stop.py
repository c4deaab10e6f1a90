"""Kill what a stopping step still runs, and name what a kill left alive or could not reach."""

from collections import defaultdict
from collections.abc import Iterable

from jobfleet.engine.context import Context
from jobfleet.engine.orders import Answer, send_kills
from jobfleet.engine.settle import Settlement, settle
from jobfleet.model.job import Step
from jobfleet.model.outcome import ErrorCode
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.store import jobs, tasks
from jobfleet.store.tasks import Key

OWN_HOST = 0
"""Stands for the server itself, which stops fetching files as soon as it sees that the task has ended."""

PATIENCE_MS = 60_000
"""How long a host has for answering a kill; after that the kill counts as failed."""

RECEIPT_MS = 300_000
"""How long a host that took a kill has for saying what came of it; all output of the script comes before that."""


async def send_kills_of(ctx: Context, job_id: int) -> list[int]:
    """Order the kill of everything that a stopping job runs; return jobs with something to decide.

    Sent again by every sweep until the receipts are there; an agent does not mind.
    """
    settlements: list[Settlement] = []
    for step, open_tasks in await _stopping(ctx, job_id):
        by_host = by_second(open_tasks)
        settlements += [_killed(job_id, task_id, TaskStatus.KILLED, "stopped") for task_id in by_host.pop(OWN_HOST, [])]
        answers = await send_kills(ctx, by_host)
        # The time in which there was no server or no broker is not the host's.
        waited_ms = ctx.clock() - max(step.stopping_at or 0, ctx.bus.connected_at)
        for host_id, answer in answers.items():
            settlements += _judge(job_id, by_host[host_id], answer, waited_ms)
    return await settle(ctx, settlements)


def by_second(pairs: Iterable[Key]) -> dict[int, list[int]]:
    """Group (task id, host id) pairs: host id to task ids."""
    grouped: dict[int, list[int]] = defaultdict(list)
    for task_id, host_id in pairs:
        grouped[host_id].append(task_id)
    return dict(grouped)


async def _stopping(ctx: Context, job_id: int) -> list[tuple[Step, list[Key]]]:
    async with ctx.db.begin() as tx:
        return [
            (step, await tasks.list_open(tx, job_id, step.id))
            for step in await jobs.list_steps(tx, job_id)
            if step.status is RunStatus.STOPPING
        ]


def _judge(job_id: int, task_ids: list[int], answer: Answer, waited_ms: int) -> list[Settlement]:
    taken = answer.reply if answer.reply is not None and answer.reply.accepted else None
    never_ran = taken.unknown if taken is not None else []
    ended = [_killed(job_id, task_id, TaskStatus.KILLED, "killed before it started") for task_id in never_ran]
    if waited_ms > (PATIENCE_MS if taken is None else RECEIPT_MS):
        reason = f"the agent did not {'answer' if taken is None else 'report on'} the kill; the script may still run"
        left = [task_id for task_id in task_ids if task_id not in never_ran]
        ended += [_killed(job_id, task_id, TaskStatus.KILL_FAILED, reason) for task_id in left]
    return ended


def _killed(job_id: int, task_id: int, status: TaskStatus, reason: str) -> Settlement:
    return Settlement(job_id, task_id, status, ErrorCode.KILLED, reason)
