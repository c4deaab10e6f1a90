"""From a message on the wire to its effect: check it in stages, carry it out, answer it."""

import hashlib
import logging

import msgspec

from jobfleet.agent.files import now_ms
from jobfleet.agent.own_log import OwnLog
from jobfleet.agent.tasks import Tasks
from jobfleet.bus.envelope import Gate, RefusedOrderError
from jobfleet.model.order import (
    AskOrder,
    ContainerOrder,
    FetchOrder,
    KillOrder,
    LogOrder,
    OfferOrder,
    Order,
    OrderReply,
    RunOrder,
    ScriptOrder,
    SqlOrder,
)

log = logging.getLogger(__name__)
_encoder = msgspec.msgpack.Encoder()


class Orders:
    """The agent's door: lets signed orders through to its tasks."""

    def __init__(self, gate: Gate, tasks: Tasks, own_log: OwnLog) -> None:
        self._gate = gate
        self._tasks = tasks
        self._own_log = own_log

    async def answer(self, message: bytes) -> bytes:
        """Carry out an order and return the encoded OrderReply; refuse what the server did not sign."""
        try:
            order = admit(self._gate, message)
        except RefusedOrderError as error:
            log.warning("order-refused reason=%s", error.reason)
            return _encoder.encode(OrderReply(accepted=False, reason=error.reason))
        try:
            return _encoder.encode(await self._carry_out(order))
        except OSError as error:
            log.warning("order-failed error=%s", error)
            return _encoder.encode(OrderReply(accepted=False, reason="disk"))

    async def _carry_out(self, order: Order) -> OrderReply:
        match order:
            case RunOrder() | ContainerOrder() | SqlOrder() | OfferOrder() | FetchOrder():
                reason = await self._tasks.accept(order)
                return OrderReply(accepted=not reason, reason=reason)
            case KillOrder():
                return OrderReply(accepted=True, unknown=await self._tasks.kill(order.task_ids))
            case AskOrder():
                return OrderReply(accepted=True, unknown=await self._tasks.ask(order.task_ids))
            case LogOrder():
                return OrderReply(accepted=True, log=self._own_log.last(order.lines), log_since=self._own_log.since)


def admit(gate: Gate, message: bytes) -> Order:
    """Return the order in an envelope whose script, if inside, is the one that was signed for.

    Raises:
        RefusedOrderError: The gate refuses the envelope, or the script does not fit its hash (malformed).
    """
    order = gate.admit(message, now_ms())
    if isinstance(order, ScriptOrder) and not _fits_its_hash(order):
        gate.refused["malformed"] = gate.refused.get("malformed", 0) + 1
        raise RefusedOrderError("malformed")
    return order


def _fits_its_hash(order: ScriptOrder) -> bool:
    return order.content is None or hashlib.sha256(order.content).hexdigest() == order.content_hash
