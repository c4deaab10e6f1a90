"""Explain how a task came to its end: when it waited for what, whose agent and account it was, and what happened."""

import msgspec

from jobfleet.model.agent import AgentState, HostView
from jobfleet.model.caller import Caller
from jobfleet.model.definition import FileSpec, SqlSpec
from jobfleet.model.event import Event
from jobfleet.model.job import Job, Step, Task
from jobfleet.model.script import ScriptSpec
from jobfleet.operations.host_log import LogKey, find_task
from jobfleet.operations.log_text import reason_of
from jobfleet.operations.platform import Platform
from jobfleet.store import agents, task_story

MAX_EVENTS = 200


class Why(msgspec.Struct, frozen=True):
    """Show a task with what explains it.

    `sent_at` is when its order first left (epoch ms); `host` is None for one that is not in the scope any more;
    `digest` is the SHA-256 of the script, "" where none runs. `attempts` are all tasks on the same target.
    """

    job: Job
    step: Step
    task: Task
    attempts: list[Task]
    sent_at: int | None
    reason: str
    host: HostView | None
    account: str
    account_alias: str
    timeout_s: int
    digest: str
    events: list[Event]

    @property
    def agent(self) -> AgentState:
        """Say what is known of the host's agent now."""
        return AgentState.NEVER if self.host is None else self.host.state


async def explain(platform: Platform, caller: Caller, key: LogKey) -> Why:
    """Explain how a task came to its end, or what it waits for.

    Raises:
        JobNotFoundError, StepNotFoundError, ForbiddenError: It is not there, or not for the caller.
    """
    async with platform.engine.db.begin() as tx:
        job, step, attempts, task, info = await find_task(tx, platform, caller, key)
        hosts = await agents.list_chosen(tx, info, [task.target.host_id], platform.engine.clock())
        sent = await task_story.sent_at(tx, key.job_id, task.log_task_id)
        events = await task_story.list_events(tx, key.job_id, key.step_id, task.log_task_id, MAX_EVENTS)
    told = step.definition if isinstance(step.definition, ScriptSpec | SqlSpec | FileSpec) else None
    return Why(
        job=job,
        step=step,
        task=task,
        attempts=attempts,
        sent_at=sent,
        reason=task.message or reason_of(task),
        host=hosts[0] if hosts else None,
        account=told.account if told else "",
        account_alias=told.account_alias if told else "",
        timeout_s=told.timeout_s if told else 0,
        digest=told.content_hash if isinstance(told, ScriptSpec | SqlSpec) else "",
        events=events,
    )
