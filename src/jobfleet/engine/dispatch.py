"""Send a step's orders to its hosts, and note what came of each."""

import asyncio
from collections.abc import Callable, Sequence

import msgspec
import structlog

from jobfleet.engine.advance import Dispatchable
from jobfleet.engine.batches import by_clock
from jobfleet.engine.context import Context
from jobfleet.engine.marks import RunningMarks
from jobfleet.engine.orders import Answer, run_order, run_template, send
from jobfleet.engine.pull import LEASE_MS, PREPARE_MS, Pull, pull_of
from jobfleet.engine.settle import Settlement, settle
from jobfleet.engine.sql_orders import sql_order, sql_template
from jobfleet.engine.transfers import Make, file_orders
from jobfleet.model.definition import ApprovalSpec, FileSpec, SqlSpec
from jobfleet.model.errors import InternalError
from jobfleet.model.job import Step
from jobfleet.model.order import Order
from jobfleet.model.outcome import ErrorCode
from jobfleet.model.status import RunStatus, TaskStatus
from jobfleet.store import jobs, task_claims
from jobfleet.store.database import Transaction
from jobfleet.store.task_claims import ClaimedTask, ClaimTerms

CLAIM_LIMIT = 500
PORTIONS_IN_FLIGHT = 128
"""Portions that wait for answers at once: one silent host must not hold up the others."""

ACCEPT_PATIENCE_MS = 60_000
"""How long a host that was reached may leave an order unanswered, or put it off, however often it is sent."""

COME_BACK_MS = 15_000
"""How long agents have for coming back after the broker was away; until then it proves nothing that one is absent."""

PUT_OFF_MS = 1_000

GRACE_MS = 300_000
"""How long after its time limit a task is waited for before it is given up."""

_WORDS = {"busy": "it has as many unfinished tasks as it takes", "disk": "its disk does not take the order"}

_log = structlog.get_logger()


async def dispatch(ctx: Context, marks: RunningMarks, wanted: Dispatchable, take: Callable[[Pull], None]) -> list[int]:
    """Send every order of a running step that nobody else is sending; return jobs with something to decide.

    Called again, or by several servers at once, it sends nothing twice within LEASE_MS; the agent's journal
    recognises what comes twice after that. While the broker is away nothing is taken, for a later call to send.

    Args:
        take: Begins to fetch what a third-party source has.
    """
    if not ctx.bus.is_connected:
        return []
    portions: list[asyncio.Task[list[int]]] = []
    make: Make | None = None
    slots = asyncio.Semaphore(PORTIONS_IN_FLIGHT)
    async with asyncio.TaskGroup() as group:
        while True:
            await slots.acquire()
            portion = await _claim(ctx, wanted, make)
            if portion is None:
                break
            make = portion.make if _is_for_all(portion.step) else None
            for pull in portion.pulls:
                take(pull)
            sending = group.create_task(_send(ctx, marks, portion))
            sending.add_done_callback(lambda _: slots.release())
            portions.append(sending)
            if len(portion.claimed) + len(portion.pulls) < CLAIM_LIMIT:
                break
    return [job_id for sent in portions for job_id in sent.result()]


def _is_for_all(step: Step) -> bool:
    """Tell whether what makes one portion's orders makes those of all."""
    return not (isinstance(step.definition, FileSpec) or step.has_variables)


class _Portion(msgspec.Struct, frozen=True):
    """Hold tasks of a step that this server has taken to send, what makes their orders, and what it is to fetch."""

    step: Step
    claimed: list[ClaimedTask]
    make: Make
    pulls: tuple[Pull, ...] = ()


async def _send(ctx: Context, marks: RunningMarks, portion: _Portion) -> list[int]:
    answers = await send(ctx, [(task.host_id, portion.make(task)) for task in portion.claimed])
    return await _note(ctx, marks, portion.step, list(zip(portion.claimed, answers, strict=True)))


async def _claim(ctx: Context, wanted: Dispatchable, known: Make | None) -> _Portion | None:
    """Take tasks to send, and what makes their orders: for scripts proven against the seal once, not once a portion."""
    async with ctx.db.begin() as tx:
        step = await jobs.find_step(tx, wanted.job_id, wanted.step_id, share=True)
        if step is None or step.status is not RunStatus.RUNNING:
            return None
        terms = ClaimTerms(
            attempt=step.attempt,
            batch=step.batch,
            first_batch=0 if by_clock(step) else step.batch,
            now=ctx.clock(),
            lease_ms=LEASE_MS,
            patience_ms=timeout_s(step) * 1000 + GRACE_MS,
            limit=CLAIM_LIMIT,
            has_sources=isinstance(step.definition, FileSpec),
            own_patience_ms=PREPARE_MS,
        )
        claimed = await task_claims.claim_unsent(tx, wanted.job_id, wanted.step_id, terms)
        if not claimed:
            return None
        pulls = tuple(pull_of(step.job_id, step.id, task) for task in claimed if not task.host_id)
        for_hosts = [task for task in claimed if task.host_id]
        return _Portion(step, for_hosts, known or await _maker(tx, ctx, step, for_hosts), pulls)


async def _maker(tx: Transaction, ctx: Context, step: Step, claimed: Sequence[ClaimedTask]) -> Make:
    if not claimed:
        return _no_order
    if isinstance(step.definition, FileSpec):
        return await file_orders(tx, ctx, step, step.definition, claimed)
    if isinstance(step.definition, SqlSpec):
        sql = await sql_template(tx, ctx, step, step.definition)
        return lambda task: sql_order(ctx, sql, task)
    template = await run_template(tx, ctx, step, claimed)
    return lambda task: run_order(ctx, template, task)


def _no_order(task: ClaimedTask) -> Order:
    raise InternalError(detail=f"task {task.id} is no host's")


async def _note(ctx: Context, marks: RunningMarks, step: Step, answered: list[tuple[ClaimedTask, Answer]]) -> list[int]:
    accepted = [task.id for task, answer in answered if answer.reply is not None and answer.reply.accepted]
    marks.add(step.job_id, accepted)
    absent = [task for task, answer in answered if answer.no_agent and not task.sent_before]
    if absent and _may_come_back(ctx, step):
        await _put_off(ctx, step, absent)
        answered = [(task, answer) for task, answer in answered if not answer.no_agent]
    failed = [_failed(step.job_id, task, answer, ctx.clock()) for task, answer in answered]
    return await settle(ctx, [one for one in failed if one is not None])


def _may_come_back(ctx: Context, step: Step) -> bool:
    """Say whether agents that are not there may be on their way back to a broker that was away."""
    was_away = ctx.bus.has_reconnected or step.created_at < ctx.bus.connected_at
    return was_away and ctx.clock() - ctx.bus.connected_at < COME_BACK_MS


async def _put_off(ctx: Context, step: Step, absent: list[ClaimedTask]) -> None:
    async with ctx.db.begin() as tx:
        await task_claims.release(tx, step.job_id, step.id, [task.id for task in absent], ctx.clock() + PUT_OFF_MS)


def _failed(job_id: int, task: ClaimedTask, answer: Answer, now: int) -> Settlement | None:
    if answer.no_agent and not task.sent_before:
        return Settlement(
            job_id, task.id, TaskStatus.AGENT_UNREACHABLE, ErrorCode.AGENT_UNREACHABLE, "the agent is not connected"
        )
    if answer.reply is None or answer.reply.accepted or _passes(answer.reply.reason, task, now):
        return None
    _log.warning("order refused", job_id=job_id, task_id=task.id, host_id=task.host_id, reason=answer.reply.reason)
    reason = f"the agent refused the order: {_WORDS.get(answer.reply.reason, answer.reply.reason)}"
    return Settlement(job_id, task.id, TaskStatus.NOT_SUBMITTED, ErrorCode.CANNOT_START, reason)


def _passes(reason: str, task: ClaimedTask, now: int) -> bool:
    """Tell whether a refusal may pass by itself; an order that is late twice came to a host with a wrong clock.

    An agent that cannot take a task has not: before nobody is waited for any more, its last word ends the task.
    """
    match reason:
        case "busy" | "disk":
            return now + LEASE_MS < task.sent_at + ACCEPT_PATIENCE_MS
        case "expired":
            return not task.sent_before
    return reason == "repeated"


def timeout_s(step: Step) -> int:
    """Return how long a step's tasks may take on their hosts."""
    if isinstance(step.definition, ApprovalSpec):
        raise InternalError(detail=f"step {step.id} runs nothing on hosts")
    return step.definition.timeout_s
