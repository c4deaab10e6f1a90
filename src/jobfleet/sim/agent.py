"""One simulated agent: the protocol of the real one, without processes and with its journal in memory."""

import asyncio
import random
import time
from collections.abc import Callable

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from jobfleet.agent.orders import admit
from jobfleet.bus import subjects
from jobfleet.bus.envelope import Gate, RefusedOrderError
from jobfleet.bus.identity import Identity
from jobfleet.model.order import (
    AskOrder,
    FetchOrder,
    Hello,
    KillOrder,
    LogOrder,
    OfferOrder,
    Order,
    OrderReply,
    Report,
    RunOrder,
    ScriptOrder,
    SqlOrder,
    Stored,
)
from jobfleet.sim.behaviour import Profile, fate
from jobfleet.sim.counts import Counts
from jobfleet.sim.frames import Delivery
from jobfleet.sim.task import Task, printed_bytes
from jobfleet.sim.wire import Login, Wire

VERSION = "sim"
_RESEND_S = (2.0, 30.0)
_STARTED_AFTER_S = 0.1
"""A script that runs longer than this is reported as started; a shorter one says so with its result."""

_MOST_TASKS = 512
_KEEP_STORED_MS = 24 * 3600 * 1000

_encode = msgspec.msgpack.Encoder().encode
_stored = msgspec.msgpack.Decoder(Stored)


class Member(msgspec.Struct, frozen=True):
    """A host of the fleet and the identity that its agent was enrolled with."""

    host_id: int
    ip: str
    identity: Identity


class Fleet(msgspec.Struct, frozen=True):
    """What the agents of one fleet share."""

    profile: Profile
    order_key: Ed25519PublicKey
    counts: Counts
    boot_id: str


class Agent:
    """An enrolled agent; give it a connection with `attach`, and it works until the connection is lost.

    The journal outlives connections: what was not stored is sent again over the next one.
    """

    def __init__(self, member: Member, fleet: Fleet) -> None:
        self.member = member
        self._fleet = fleet
        self._gate = Gate(member.host_id, fleet.order_key)
        self._wire: Wire | None = None
        self._tasks: dict[int, Task] = {}
        self._done: dict[int, int] = {}
        self._never: set[int] = set()
        self._in_flight: dict[str, int] = {}
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._sent = 0

    @property
    def login(self) -> Login:
        """Return who the agent is for the broker and what it listens on."""
        host_id = self.member.host_id
        listens_on = [subjects.orders(host_id), f"{subjects.inbox_prefix(host_id)}.>"]
        return Login(self.member.identity, f"agent-{host_id}", listens_on)

    def attach(self, wire: Wire) -> None:
        """Work over a fresh connection: say hello, and send again what the server has not stored."""
        self._wire = wire
        self.hello()
        for task_id in self._tasks:
            self._report_again(task_id)

    def hello(self) -> None:
        """Tell the servers that the agent is connected."""
        host_id = self.member.host_id
        running = [task_id for task_id, task in self._tasks.items() if task.result is None]
        hello = Hello(host_id, VERSION, self._fleet.boot_id, running, self._gate.refused)
        self._publish(subjects.hello(host_id), _encode(hello))

    def receive(self, message: Delivery) -> None:
        """Take an order or the server's answer to a report."""
        if message.subject == subjects.orders(self.member.host_id):
            self._publish(message.reply, _encode(self._answer(message.payload)))
        else:
            self._heard(message)

    def stop(self) -> None:
        """Forget what is planned, so that the event loop can end."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _answer(self, message: bytes) -> OrderReply:
        try:
            order = admit(self._gate, message)
        except RefusedOrderError as error:
            return self._refuse(error.reason)
        return self._obey(order)

    def _refuse(self, reason: str) -> OrderReply:
        self._fleet.counts.refused[reason] += 1
        return OrderReply(accepted=False, reason=reason)

    def _obey(self, order: Order) -> OrderReply:
        match order:
            case RunOrder() | SqlOrder():
                return self._run(order)
            case KillOrder(task_ids=task_ids):
                return self._kill(task_ids)
            case AskOrder(task_ids=task_ids):
                return self._tell(task_ids)
            case LogOrder():  # simulated agents write no log
                return OrderReply(accepted=True)
            case OfferOrder() | FetchOrder():  # simulated hosts have no disks
                return self._refuse("malformed")

    def _run(self, order: ScriptOrder) -> OrderReply:
        task_id = order.task_id
        if task_id in self._tasks or task_id in self._done or task_id in self._never:
            return OrderReply(accepted=True)
        if len(self._tasks) >= _MOST_TASKS:
            return self._refuse("busy")
        task = Task(self.member.host_id, order, fate(self._fleet.profile, self.member.host_id, task_id), _now())
        self._tasks[task_id] = task
        self._fleet.counts.accepted += 1
        self._wait(task)
        return OrderReply(accepted=True)

    def _wait(self, task: Task) -> None:
        """Let the script take its time; a longer one is reported as started meanwhile."""
        duration_s = task.duration_ms / 1000
        task_id = task.order.task_id
        if duration_s > _STARTED_AFTER_S:
            self._later(task_id, _STARTED_AFTER_S, self._started, duration_s - _STARTED_AFTER_S)
        else:
            self._later(task_id, duration_s, self._finish)

    def _started(self, task_id: int, remaining_s: float) -> None:
        self._request(task_id, self._tasks[task_id].started_report())
        self._later(task_id, remaining_s, self._finish)

    def _finish(self, task_id: int) -> None:
        task = self._tasks[task_id]
        task.end(printed_bytes(self._fleet.profile, self.member.ip, task.order), _now())
        self._send(task_id)

    def _kill(self, task_ids: list[int]) -> OrderReply:
        for task_id in task_ids:
            if task_id in self._tasks and self._tasks[task_id].kill(_now()):
                self._fleet.counts.killed += 1
                self._send(task_id)
        return OrderReply(accepted=True, unknown=self._swear_off(task_ids))

    def _tell(self, task_ids: list[int]) -> OrderReply:
        for task_id in self._tasks.keys() & set(task_ids):
            self._report_again(task_id)
        return OrderReply(accepted=True, unknown=self._swear_off(task_ids))

    def _report_again(self, task_id: int) -> None:
        if self._tasks[task_id].result is None:
            self._request(task_id, self._tasks[task_id].started_report())
        else:
            self._send(task_id)

    def _swear_off(self, task_ids: list[int]) -> list[int]:
        """Return the tasks that never came here; they never run either, should their order come late."""
        unknown = [task_id for task_id in task_ids if task_id not in self._tasks and task_id not in self._done]
        self._never.update(unknown)
        return unknown

    def _send(self, task_id: int, pause_s: float = _RESEND_S[0]) -> None:
        """Report what comes next of an ended task, and again when no answer comes."""
        report = self._tasks[task_id].next_report(self._fleet.profile, self.member.ip)
        self._request(task_id, report)
        self._later(task_id, pause_s * random.uniform(0.8, 1.2), self._send_again, pause_s)  # noqa: S311 (jitter)

    def _send_again(self, task_id: int, pause_s: float) -> None:
        self._fleet.counts.sent_again += 1
        self._send(task_id, min(pause_s * 2, _RESEND_S[1]))

    def _request(self, task_id: int, report: Report) -> None:
        """Send a report whose answer comes to an inbox of its own."""
        self._sent += 1
        inbox = f"{subjects.inbox_prefix(self.member.host_id)}.{self._sent}"
        self._in_flight[inbox] = task_id
        self._publish(subjects.report(self.member.host_id), _encode(report), inbox)

    def _heard(self, message: Delivery) -> None:
        """Take an answer; that nobody listens is as good as none, the report goes out again later."""
        task_id = self._in_flight.pop(message.subject, None)
        if message.unanswerable or task_id not in self._tasks:
            return
        task = self._tasks[task_id]
        before = task.stored_bytes
        if task.is_stored(_stored.decode(message.payload)):
            self._forget(task_id)
        elif task.result is not None and task.stored_bytes != before:
            self._send(task_id)

    def _forget(self, task_id: int) -> None:
        """Drop what the server has; its id stays, so that a repeated order does not run it again."""
        del self._tasks[task_id]
        self._in_flight = {inbox: other for inbox, other in self._in_flight.items() if other != task_id}
        self._fleet.counts.stored += 1
        timer = self._timers.pop(task_id, None)
        if timer is not None:
            timer.cancel()
        self._done[task_id] = _now()
        if self._done[next(iter(self._done))] < _now() - _KEEP_STORED_MS:
            del self._done[next(iter(self._done))]

    def _later(self, task_id: int, delay_s: float, then: Callable[..., None], *arguments: object) -> None:
        """Plan the one next thing that happens to a task."""
        earlier = self._timers.pop(task_id, None)
        if earlier is not None:
            earlier.cancel()
        self._timers[task_id] = asyncio.get_running_loop().call_later(delay_s, then, task_id, *arguments)

    def _publish(self, subject: str, payload: bytes, reply: str = "") -> None:
        if self._wire is not None and self._wire.open:
            self._wire.publish(subject, payload, reply)


def _now() -> int:
    return time.time_ns() // 1_000_000
