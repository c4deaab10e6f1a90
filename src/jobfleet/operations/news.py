"""Work out what is new about what is followed, once for everybody who follows it."""

from collections import defaultdict
from collections.abc import Collection, Sequence

import msgspec

from jobfleet.model.host_columns import HostColumns
from jobfleet.model.job import Job
from jobfleet.model.run_view import RunState
from jobfleet.model.status import RunStatus
from jobfleet.model.topic import Topic, TopicKind
from jobfleet.operations.run_state import load_state
from jobfleet.operations.standings import Standing
from jobfleet.store import host_columns, jobs, live
from jobfleet.store.database import Transaction
from jobfleet.store.live import Change, OutputSize, StepOutput
from jobfleet.store.standing import AgentsStanding, SchedulesStanding

_BEGINS = frozenset({RunStatus.PENDING, RunStatus.FAILED, RunStatus.ABNORMAL, RunStatus.STOPPED})
"""From one of these a step goes to running with tasks that it did not have before."""


class HostsMoved(msgspec.Struct, frozen=True, tag_field="event", tag="hosts"):
    """Show hosts of a step that changed, as columns; null when its hosts are to be listed anew: a new attempt began."""

    topic: str
    attempt: int
    columns: HostColumns | None


class RunMoved(msgspec.Struct, frozen=True, tag_field="event", tag="run"):
    """Show a run that changed."""

    topic: str
    run: RunState


class LogGrown(msgspec.Struct, frozen=True, tag_field="event", tag="log"):
    """Say how much output of a task is stored by now, and whether the task is over."""

    topic: str
    output_bytes: int
    ended: bool


class FilesMoved(msgspec.Struct, frozen=True, tag_field="event", tag="files"):
    """Say how much the hosts of a step, sources too, have told by now, and how many of their tasks are over."""

    topic: str
    output_bytes: int
    ended: int


class MovedJob(msgspec.Struct, frozen=True):
    """Show a job of a scope that began, moved or ended; `status` is the number of the BlueKing API."""

    id: int
    name: str
    type: str
    operator: str
    launch_mode: str
    plan_id: int
    status: int
    finished: bool
    current_step_id: int
    created_at: int
    started_at: int | None
    ended_at: int | None
    total_ms: int | None


class RunsMoved(msgspec.Struct, frozen=True, tag_field="event", tag="runs"):
    """Show the jobs of a scope that changed, and how many of all its jobs run and wait now."""

    topic: str
    jobs: list[MovedJob]
    running: int
    waiting: int


class InboxMoved(msgspec.Struct, frozen=True, tag_field="event", tag="inbox"):
    """Say that something began or ceased to wait for people of a scope."""

    topic: str


class SchedulesMoved(msgspec.Struct, frozen=True, tag_field="event", tag="schedules"):
    """Say that schedules of a scope, or what became of their moments, changed; there are `total`."""

    topic: str
    total: int


class AgentsMoved(msgspec.Struct, frozen=True, tag_field="event", tag="agents"):
    """Say that agents of a scope came or went: so many of its hosts have one, and so many are heard of now."""

    topic: str
    hosts: int
    enrolled: int
    online: int


Told = HostsMoved | RunMoved | LogGrown | FilesMoved | RunsMoved | InboxMoved | SchedulesMoved | AgentsMoved


class Look:
    """Hold what happened between two moments, and make of it what each topic is told, once.

    Everything is read in the transaction that is given, and so as of its one moment.
    """

    def __init__(self, tx: Transaction, changes: Sequence[Change], now: int, due: Collection[Topic] = ()) -> None:
        """Look at changes; runs and inboxes that are `due` are told of whether or not something changed."""
        self._tx = tx
        self._now = now
        self._due = due
        self._by_job: dict[int, list[Change]] = defaultdict(list)
        for change in changes:
            self._by_job[change.job_id].append(change)
        self._told: dict[Topic, Told | None] = {}
        self._moved: list[Job] | None = None

    async def told(self, topic: Topic) -> Told | None:
        """Return what is new about a topic, None for nothing; of what no event tells of, `stands` does."""
        if topic not in self._told:
            self._told[topic] = await self._make(topic)
        return self._told[topic]

    async def _make(self, topic: Topic) -> Told | None:
        match topic.kind:
            case TopicKind.RUN if topic.job_id in self._by_job or topic in self._due:
                state = await load_state(self._tx, topic.job_id, self._now)
                return None if state is None else RunMoved(topic.text, state)
            case TopicKind.HOSTS if topic.job_id in self._by_job:
                return await self._hosts(topic)
            case TopicKind.RUNS if self._by_job:
                return await self._runs(topic)
            case TopicKind.INBOX if topic in self._due:
                return InboxMoved(topic.text)
            case TopicKind.INBOX if self._by_job:
                return await self._inbox(topic)
        return None

    async def _hosts(self, topic: Topic) -> HostsMoved | None:
        mine = [change for change in self._by_job[topic.job_id] if change.step_id == topic.part]
        task_ids = {task_id for change in mine for task_id in change.task_ids}
        begins = any(change.from_status in _BEGINS and change.to_status == RunStatus.RUNNING for change in mine)
        step = await jobs.find_step(self._tx, topic.job_id, topic.part) if task_ids or begins else None
        if step is None:
            return None
        if begins:
            return HostsMoved(topic.text, step.attempt, None)
        columns = await host_columns.list_of_tasks(self._tx, topic.job_id, step.id, step.attempt, sorted(task_ids))
        return HostsMoved(topic.text, step.attempt, columns) if columns.task_id else None

    async def _runs(self, topic: Topic) -> RunsMoved | None:
        moved = [job for job in await self._moved_jobs() if job.scope == topic.scope]
        if not moved or topic.scope is None:
            return None
        running, waiting = await live.count_unfinished(self._tx, topic.scope)
        return RunsMoved(topic.text, [_shown(job) for job in moved], running, waiting)

    async def _inbox(self, topic: Topic) -> InboxMoved | None:
        waits = {
            job_id
            for job_id, changes in self._by_job.items()
            if any(
                RunStatus.WAITING in {change.from_status, change.to_status} for change in changes if _is_of_job(change)
            )
        }
        is_new = any(job.scope == topic.scope for job in await self._moved_jobs() if job.id in waits)
        return InboxMoved(topic.text) if is_new else None

    async def _moved_jobs(self) -> list[Job]:
        """Return the jobs of which something was told besides what their tasks did."""
        if self._moved is None:
            ids = [job_id for job_id, changes in self._by_job.items() if any(map(_is_of_job, changes))]
            self._moved = list((await jobs.list_by_ids(self._tx, ids)).values()) if ids else []
        return self._moved


def _is_of_job(change: Change) -> bool:
    return change.step_id is None


def _shown(job: Job) -> MovedJob:
    return MovedJob(
        id=job.id,
        name=job.name,
        type=job.type.name.lower(),
        operator=job.operator,
        launch_mode=job.launch_mode.name.lower(),
        plan_id=job.plan_id,
        status=int(job.status),
        finished=job.finished,
        current_step_id=job.current_step_id,
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
        total_ms=job.total_ms,
    )


def stands(topic: Topic, standing: Standing) -> Told | None:
    """Return what is told of a topic by how it stands; None for one that is told in another way."""
    match standing:
        case OutputSize():
            return LogGrown(topic.text, standing.output_bytes, standing.ended)
        case StepOutput():
            return FilesMoved(topic.text, standing.output_bytes, standing.ended)
        case SchedulesStanding():
            return SchedulesMoved(topic.text, standing.total)
        case AgentsStanding():
            return AgentsMoved(topic.text, standing.total, standing.enrolled, standing.online)
    return None
