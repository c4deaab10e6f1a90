"""What one can follow: a run, the hosts of a step, a host's output, and what there is in a scope."""

import re
from enum import StrEnum

import msgspec

from jobfleet.model.highest import MAX_ID
from jobfleet.model.scope import Scope, ScopeType

MAX_TOPICS = 100
_JOB = re.compile(r"run:([1-9]\d{0,18})", re.ASCII)
_OF_JOB = re.compile(r"(hosts|log|files):([1-9]\d{0,18})@([1-9]\d{0,18})", re.ASCII)
_SCOPE = re.compile(r"(runs|inbox|schedules|agents):(biz|biz_set):([1-9]\d{0,18})", re.ASCII)


class TopicKind(StrEnum):
    """Name the kinds of topic."""

    RUN = "run"
    HOSTS = "hosts"
    LOG = "log"
    FILES = "files"
    RUNS = "runs"
    INBOX = "inbox"
    SCHEDULES = "schedules"
    AGENTS = "agents"


class Topic(msgspec.Struct, frozen=True):
    """Name what is followed.

    `run:JOB`, `hosts:STEP@JOB`, `log:TASK@JOB`, `files:STEP@JOB`, and of a scope `runs:SCOPE`, `inbox:SCOPE`,
    `schedules:SCOPE` and `agents:SCOPE`; `part` is the step or the task.

    Source: docs/reference/event-stream.md, «Topics».
    """

    kind: TopicKind
    job_id: int = 0
    part: int = 0
    scope: Scope | None = None

    @property
    def text(self) -> str:
        """Return the topic as one text."""
        if self.scope is not None:
            return f"{self.kind.value}:{self.scope.type.value}:{self.scope.id}"
        return f"{self.kind.value}:{self.part}@{self.job_id}" if self.part else f"{self.kind.value}:{self.job_id}"


def parse_topic(text: str) -> Topic | None:
    """Return the topic that a text names, None for none."""
    if found := _JOB.fullmatch(text):
        return _sound(Topic(TopicKind.RUN, int(found[1])))
    if found := _OF_JOB.fullmatch(text):
        return _sound(Topic(TopicKind(found[1]), int(found[3]), int(found[2])))
    if found := _SCOPE.fullmatch(text):
        return _sound(Topic(TopicKind(found[1]), scope=Scope(ScopeType(found[2]), int(found[3]))))
    return None


def _sound(topic: Topic) -> Topic | None:
    numbers = topic.job_id, topic.part, topic.scope.id if topic.scope else 0
    return topic if max(numbers) <= MAX_ID else None
