"""Look at what is followed and no event tells of: output and files that grow, schedules, agents, and silent ones."""

from collections.abc import Iterable, Mapping

import msgspec

from jobfleet.model.run_view import SILENT_MS
from jobfleet.model.scope import Scope
from jobfleet.model.topic import Topic, TopicKind
from jobfleet.store import inventory, live, silence, standing
from jobfleet.store.database import Transaction
from jobfleet.store.live import OutputSize, StepOutput
from jobfleet.store.standing import AgentsStanding, InboxStanding, SchedulesStanding


class SilentAgents(msgspec.Struct, frozen=True):
    """Count the silent agents of each step of a run that has been at work for long, by the step's id."""

    by_step: tuple[tuple[int, int], ...]


Standing = OutputSize | StepOutput | InboxStanding | SchedulesStanding | AgentsStanding | SilentAgents

SLOW = frozenset({TopicKind.RUN, TopicKind.FILES, TopicKind.INBOX, TopicKind.SCHEDULES, TopicKind.AGENTS})
"""These are looked at now and then: nobody minds two seconds, and it costs more than output does."""

TOLD_FIRST = frozenset({TopicKind.LOG, TopicKind.FILES, TopicKind.SCHEDULES, TopicKind.AGENTS})
"""No cursor says what one knows of these: who begins to follow is told how they stand."""


async def look(tx: Transaction, topics: Iterable[Topic], now: int) -> Mapping[Topic, Standing]:
    """Return how topics stand at `now` (epoch ms), of those kinds that have a standing and of what exists."""
    wanted = set(topics)
    found: dict[Topic, Standing] = {}
    found |= await _output(tx, wanted)
    found |= await _files(tx, wanted)
    found |= await _silences(tx, wanted, now)
    for topic in wanted:
        if topic.scope is not None and topic.kind is TopicKind.INBOX:
            found[topic] = await standing.of_inbox(tx, topic.scope)
        if topic.scope is not None and topic.kind is TopicKind.SCHEDULES:
            found[topic] = await standing.of_schedules(tx, topic.scope)
        if topic.scope is not None and topic.kind is TopicKind.AGENTS:
            found[topic] = await _agents(tx, topic.scope, now)
    return found


def untold(stand: Mapping[Topic, Standing]) -> set[Topic]:
    """Return the runs with silent agents and where starts wait: no cursor says whether one was told of them."""
    return {topic for topic, one in stand.items() if _is_something(one)}


def _is_something(one: Standing) -> bool:
    match one:
        case SilentAgents():
            return bool(one.by_step)
        case InboxStanding():
            return one.pending > 0
    return False


async def _output(tx: Transaction, topics: Iterable[Topic]) -> dict[Topic, Standing]:
    logs = {(topic.job_id, topic.part): topic for topic in topics if topic.kind is TopicKind.LOG}
    sizes = await live.list_output_sizes(tx, list(logs)) if logs else []
    return {logs[one.job_id, one.task_id]: one for one in sizes}


async def _files(tx: Transaction, topics: Iterable[Topic]) -> dict[Topic, Standing]:
    steps = [topic for topic in topics if topic.kind is TopicKind.FILES]
    told = {topic: await live.step_output(tx, topic.job_id, topic.part) for topic in steps}
    return {topic: one for topic, one in told.items() if one is not None}


async def _silences(tx: Transaction, topics: Iterable[Topic], now: int) -> dict[Topic, Standing]:
    runs = {topic.job_id: topic for topic in topics if topic.kind is TopicKind.RUN}
    counted: dict[int, list[tuple[int, int]]] = {job_id: [] for job_id in runs}
    before = now - SILENT_MS
    for key in await silence.list_long_steps(tx, list(runs), before) if runs else []:
        counted[key.job_id].append((key.step_id, (await silence.count_silent(tx, key, before)).silent))
    return {runs[job_id]: SilentAgents(_some(steps)) for job_id, steps in counted.items()}


def _some(steps: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    return tuple(sorted((step_id, silent) for step_id, silent in steps if silent))


async def _agents(tx: Transaction, scope: Scope, now: int) -> AgentsStanding:
    known = await inventory.find_scope(tx, scope)
    return await standing.of_agents(tx, known.member_ids if known else (), now)
