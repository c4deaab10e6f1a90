"""Make signed orders and send them to agents."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from jobfleet.bus import subjects
from jobfleet.bus.envelope import sign
from jobfleet.engine.context import Context
from jobfleet.engine.definition import CheckedTargets, check_seal, container_of
from jobfleet.engine.given import GivenVariables, given_variables
from jobfleet.engine.sealing import content_purpose
from jobfleet.engine.variables import takes_variables, values_before
from jobfleet.model.definition import SqlSpec
from jobfleet.model.errors import InternalError
from jobfleet.model.expansion import expand_params, texts
from jobfleet.model.job import Step
from jobfleet.model.order import (
    MAX_INLINE_SCRIPT_BYTES,
    AskOrder,
    KillOrder,
    LogOrder,
    Order,
    OrderReply,
    RunOrder,
    in_container,
)
from jobfleet.model.script import MAX_PARAM_BYTES, ScriptSpec
from jobfleet.model.unreadable import UNREADABLE
from jobfleet.model.variable import JobVariable
from jobfleet.store import contents
from jobfleet.store.database import Transaction
from jobfleet.store.task_claims import ClaimedTask

REPLY_TIMEOUT_S = 5.0

_replies = msgspec.msgpack.Decoder(OrderReply)


class Answer(msgspec.Struct, frozen=True):
    """Say what came of an order: the agent's reply, or None with whether nobody listened at all."""

    reply: OrderReply | None
    no_agent: bool


class RunTemplate(msgspec.Struct, frozen=True):
    """Hold what all run orders of a step have in common, in clear, and what they may run on."""

    step: Step
    script: ScriptSpec
    content: bytes | None
    params: str
    targets: CheckedTargets
    given: GivenVariables = GivenVariables()


async def run_template(tx: Transaction, ctx: Context, step: Step, claimed: Sequence[ClaimedTask]) -> RunTemplate:
    """Return what the run orders of claimed tasks have in common; the content is None when agents fetch it by hash.

    Of a step without variables it is the same for all its tasks.

    Raises:
        InternalError: The step runs no script, its script is gone, it is not as it was accepted, or what its variables
            make of its parameters is too long.
    """
    script = step.definition
    if not isinstance(script, ScriptSpec):
        raise InternalError(detail=f"step {step.id} runs no script")
    targets = await check_seal(tx, ctx, step)
    params = ctx.sealer.open_text(script.params, "params") if script.sensitive else script.params
    content = await inline_content(tx, ctx, step.id, script)
    variables = await values_before(tx, ctx, step) if step.has_variables else []
    given = GivenVariables()
    if step.has_variables and takes_variables(script):
        whole = await stored_content(tx, ctx, step.id, script) if content is None else content
        given = await given_variables(tx, ctx, step, whole, variables, claimed)
    return RunTemplate(step, script, content, _expanded(ctx, step, params, variables), targets, given)


def _expanded(ctx: Context, step: Step, params: str, variables: Sequence[JobVariable]) -> str:
    at = datetime.fromtimestamp(ctx.clock() / 1000, UTC).astimezone()
    try:
        return expand_params(params, texts(variables), at)
    except ValueError as error:
        raise InternalError(
            detail=f"the parameters of step {step.id} are longer than {MAX_PARAM_BYTES} bytes, expanded"
        ) from error


async def inline_content(tx: Transaction, ctx: Context, step_id: int, script: ScriptSpec | SqlSpec) -> bytes | None:
    """Return what travels inside a step's orders, or None when it is so large that agents fetch it by its hash.

    Raises:
        InternalError: It is gone.
    """
    if script.content_bytes > MAX_INLINE_SCRIPT_BYTES:
        return None
    return await stored_content(tx, ctx, step_id, script)


async def stored_content(tx: Transaction, ctx: Context, step_id: int, script: ScriptSpec | SqlSpec) -> bytes:
    """Return what a step runs.

    Raises:
        InternalError: It is gone.
    """
    sealed = await contents.find(tx, script.content_hash)
    if sealed is None:
        raise InternalError(detail=f"the script of step {step_id} is gone")
    return ctx.sealer.open(sealed, content_purpose(script.content_hash))


def run_order(ctx: Context, template: RunTemplate, task: ClaimedTask) -> RunOrder:
    """Return the order to run a step on one host, or in one container of it.

    Raises:
        InternalError: Host or container is no target of the step: its task was changed in the database.
    """
    container = container_of(template.targets, task)
    script = template.script
    order = RunOrder(
        task_id=task.id,
        job_id=template.step.job_id,
        step_id=template.step.id,
        attempt=task.attempt,
        batch=task.batch,
        language=script.language,
        content_hash=script.content_hash,
        content=template.content,
        account=script.account,
        params=template.params,
        timeout_s=script.timeout_s,
        output_cap_bytes=ctx.output_cap_bytes,
        interpreter=script.interpreter,
        variables=template.given.for_host(task.host_id),
        variables_hash=template.given.hash,
        is_private=script.sensitive,
    )
    return order if container is None else in_container(order, container.runtime, container.uid)


async def send(ctx: Context, orders: Sequence[tuple[int, Order]]) -> list[Answer]:
    """Send (host id, order) pairs, each signed for its host; return what came of each, in order."""
    now = ctx.clock()
    # Signed as they are sent: signing 50,000 kills beforehand would hold everybody else up for seconds.
    messages = ((subjects.orders(host_id), sign(ctx.order_key, host_id, order, now)) for host_id, order in orders)
    replies = await ctx.requests.send_all(messages, REPLY_TIMEOUT_S)
    return [
        Answer(None if reply.data is None else read_reply(order, reply.data), reply.no_responders)
        for (_, order), reply in zip(orders, replies, strict=True)
    ]


def read_reply(order: Order, data: bytes) -> OrderReply | None:
    """Return what an agent says of the tasks it was asked about; one that makes no sense counts as silent."""
    try:
        reply = _replies.decode(data)
    except UNREADABLE:
        return None
    if not reply.unknown:
        return reply
    own = frozenset(order.task_ids) if isinstance(order, KillOrder | AskOrder) else frozenset()
    return msgspec.structs.replace(reply, unknown=[task_id for task_id in reply.unknown if task_id in own])


async def send_kills(ctx: Context, by_host: Mapping[int, list[int]]) -> dict[int, Answer]:
    """Order agents to kill tasks (host id to task ids); return what came of it by host id."""
    answers = await send(ctx, [(host_id, KillOrder(task_ids)) for host_id, task_ids in by_host.items()])
    return dict(zip(by_host, answers, strict=True))


async def ask(ctx: Context, by_host: Mapping[int, list[int]]) -> dict[int, Answer]:
    """Ask agents what became of tasks (host id to task ids); return what came of it by host id."""
    answers = await send(ctx, [(host_id, AskOrder(task_ids)) for host_id, task_ids in by_host.items()])
    return dict(zip(by_host, answers, strict=True))


async def read_log(ctx: Context, host_id: int, lines: int) -> Answer:
    """Ask an agent for the latest lines of its own log; return what came of it."""
    [answer] = await send(ctx, [(host_id, LogOrder(lines))])
    return answer
