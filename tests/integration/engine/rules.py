"""What must be true of a job's rows whenever they are looked at, said once more and without the engine's words."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import asyncpg
import msgspec

from jobfleet.model.job import JobOperation, StepOperation
from jobfleet.model.status import JOB_TRANSITIONS, STEP_TRANSITIONS, RunStatus, TaskStatus, task_sources

Row = Mapping[str, Any]

OVER = frozenset({3, 4, 5, 6, 8, 9, 11, 13, 14})
PASSED = frozenset({3, 5, 6})
AT_WORK = frozenset({2, 7, 10, 15})
OPEN = frozenset({5, 7})
GOOD = frozenset({3, 9})
NOT_RUN = frozenset({2, 18, 310})
"""Statuses that say of a host that it did not run the script."""

KEPT = ("status", "log_task_id", "tag", "exit_code", "started_at", "ended_at", "total_ms", "message")
"""What a task that was not chosen has of the attempt before."""

GIVEN_UP = frozenset({15, 404, 500})
SERIAL, PARALLEL = "serial", "parallel"

STEP_RULES: Mapping[StepOperation, tuple[frozenset[int], str]] = {
    StepOperation.RETRY_FAILED: (frozenset({4, 9, 11}), "hosts"),
    StepOperation.RETRY_ALL: (frozenset({4, 9, 11}), "hosts"),
    StepOperation.IGNORE_ERROR: (frozenset({4, 9}), "any"),
    StepOperation.CONFIRM: (frozenset({7}), "approval"),
    StepOperation.REJECT: (frozenset({7}), "approval"),
    StepOperation.RESTART_APPROVAL: (frozenset({13}), "approval"),
    StepOperation.NEXT_STEP: (frozenset({11}), "any"),
    StepOperation.FORCE_SKIP: (frozenset({10}), "any"),
    StepOperation.CONTINUE_ROLLING: (frozenset({7}), "rolling"),
}
JOB_RULES: Mapping[JobOperation, frozenset[int]] = {
    JobOperation.TERMINATE: frozenset({2, 7}),
    JobOperation.START: frozenset({1}),
}


class Record(msgspec.Struct, frozen=True):
    """Hold the rows of one job, read at one moment."""

    job: Row
    steps: Sequence[Row]
    tasks: Sequence[Row]
    batches: Sequence[Row]
    events: Sequence[Row]

    def tasks_of(self, step: Row, batch: int | None = None) -> list[Row]:
        """Return a step's tasks of its latest attempt."""
        mine = [one for one in self.tasks if one["step_id"] == step["id"] and one["attempt"] == step["attempt"]]
        return [one for one in mine if batch is None or one["batch"] == batch]


async def read(connection: asyncpg.Connection, job_id: int) -> Record:
    """Return a job's rows as one moment saw them."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        [job] = await connection.fetch("SELECT * FROM job WHERE id = $1", job_id)
        rows = [
            await connection.fetch(f"SELECT * FROM {table} WHERE job_id = $1 ORDER BY {order}", job_id)
            for table, order in (
                ("step", "ordinal"),
                ("task", "id"),
                ("batch", "step_id, attempt, number"),
                ("event", "id"),
            )
        ]
    return Record(dict(job), *([_plain(row) for row in found] for found in rows))


def _plain(row: Row) -> Row:
    return {name: json.loads(value) if value and name == "rolling" else value for name, value in row.items()}


def may(step: Row, operation: StepOperation) -> bool:
    """Tell whether a step's status and kind allow an operation."""
    statuses, kind = STEP_RULES[operation]
    fits = {
        "any": True,
        "hosts": step["type"] != 3,
        "approval": step["type"] == 3,
        "rolling": step["rolling"] is not None,
    }
    return step["status"] in statuses and fits[kind]


def may_choose(step: Row, task: Row) -> bool:
    """Tell whether a task of a step's latest attempt can be chosen to run again."""
    here = kind_of(step) != SERIAL or task["batch"] == step["batch"]
    return here and task["ordinal"] >= 0 and task["status"] not in GOOD | {2, 18}


def not_kept(before: Record, after: Record, step: Row, chosen: set[int]) -> Iterator[str]:
    """Return what a retry of chosen hosts changed of those that were not chosen, and of which it left out.

    What never began and was not chosen has ended; of a step that rolls on, what waits for a later batch still waits.
    """
    old = {task["ordinal"]: task for task in before.tasks_of(step)}
    new = [one for one in after.tasks if one["step_id"] == step["id"] and one["attempt"] == step["attempt"] + 1]
    for task in new:
        was = old[task["ordinal"]]
        later = kind_of(step) == SERIAL and was["batch"] > step["batch"]
        if was["id"] in chosen or (later and was["status"] in OPEN):
            if task["log_task_id"] != task["id"]:
                yield f"task {task['id']} was to run and shows the log of {task['log_task_id']}"
        elif was["status"] in OPEN and task["status"] != 403:
            yield f"task {task['id']} never began, was not chosen and has status {task['status']}"
        elif was["status"] not in OPEN and any(task[name] != was[name] for name in KEPT):
            yield f"task {task['id']} was not chosen and is {dict(task)}, and was {dict(was)}"


def broken(record: Record) -> list[str]:
    """Return what is not as it must be, in words; nothing of a sound record."""
    checks = (_job_and_steps, _times, _counts, _batches, _chains, _attempts)
    return [said for check in checks for said in check(record)]


def _job_and_steps(record: Record) -> Iterator[str]:
    job, statuses = record.job["status"], [step["status"] for step in record.steps]
    working = [step for step in record.steps if step["status"] in AT_WORK]
    passed = next((n for n, status in enumerate(statuses) if status not in PASSED), len(statuses))
    if any(status != 1 for status in statuses[passed + 1 :]):
        yield f"a step ran after one that did not pass: {statuses}"
    if job in OVER and working:
        yield f"the job is over ({job}) and a step is at work: {statuses}"
    if job == 3 and passed < len(statuses):
        yield f"the job succeeded and not all steps passed: {statuses}"
    if (job == 7) != (7 in statuses) and job != 10:
        yield f"job {job} and steps {statuses} do not wait together"
    if job == 10 and {2, 7, 15} & set(statuses):
        yield f"the job is being stopped and a step is not: {statuses}"
    if working and working[0]["id"] != record.job["current_step_id"]:
        yield f"the current step is {record.job['current_step_id']}, at work is {working[0]['id']}"
    if (record.job["look_at"] is None) != (job in OVER or job in {1, 7}):
        yield f"job {job} is looked at {record.job['look_at']}"


def _times(record: Record) -> Iterator[str]:
    for row in (record.job, *record.steps):
        over = row["status"] in OVER
        if over and (row["ended_at"] is None or row["total_ms"] is None):
            yield f"{row['id']} is over ({row['status']}) and has no end"
        if row["status"] in {1, 2, 10} and row["ended_at"] is not None:
            yield f"{row['id']} is not over ({row['status']}) and has an end"
        if row["status"] != 1 and row["started_at"] is None:
            yield f"{row['id']} has status {row['status']} and no start"
    for task in record.tasks:
        if (task["status"] in OPEN) == (task["ended_at"] is not None):
            yield f"task {task['id']} has status {task['status']} and the end {task['ended_at']}"
        if task["status"] not in OPEN and task["total_ms"] is None:
            yield f"task {task['id']} ended ({task['status']}) and took no time"


def kind_of(step: Row) -> str:
    if step["rolling"] is None:
        return ""
    return PARALLEL if step["rolling"]["parallel"] else SERIAL


def _counts(record: Record) -> Iterator[str]:
    for step in record.steps:
        rows, status = record.tasks_of(step), step["status"]
        if status != 1 and step["type"] != 3 and len(rows) != step["target_count"]:
            yield f"step {step['id']} has {step['target_count']} targets and {len(rows)} tasks"
        awaited = [task for task in rows if task["status"] in OPEN]
        if status == 10:
            awaited = [task for task in awaited if task["sent_at"] is not None]
        elif kind_of(step) == SERIAL:
            awaited = [task for task in awaited if task["batch"] == step["batch"]]
        if status in {2, 10} and step["open_count"] != len(awaited):
            yield f"step {step['id']} ({status}) counts {step['open_count']} and awaits {len(awaited)}"
        if status in OVER and any(task["sent_at"] is not None and task["status"] in OPEN for task in rows):
            yield f"step {step['id']} is over ({status}) and a host is still at it"
        if status == 3 and any(task["status"] in OPEN for task in rows):
            yield f"step {step['id']} succeeded and a task never ended"


def _batches(record: Record) -> Iterator[str]:
    for step in record.steps:
        rows = [one for one in record.batches if (one["step_id"], one["attempt"]) == (step["id"], step["attempt"])]
        if step["rolling"] is None or step["status"] == 1:
            continue
        sizes = Counter(task["batch"] for task in record.tasks_of(step))
        if {one["number"]: one["size"] for one in rows} != dict(sizes):
            yield f"step {step['id']} has batches {[one['size'] for one in rows]} and tasks {dict(sizes)}"
        yield from _serial(step, rows) if kind_of(step) == SERIAL else _parallel(step, rows)
        yield from _verdicts(record, step, rows)


def _serial(step: Row, rows: Sequence[Row]) -> Iterator[str]:
    said = [one["status"] for one in rows]
    before, now, after = said[: step["batch"] - 1], said[step["batch"] - 1], said[step["batch"] :]
    if not set(before) <= PASSED | {4} or set(after) - {1}:
        yield f"step {step['id']} is at batch {step['batch']} of {said}"
    if step["status"] in {2, 10} and now != 2:
        yield f"step {step['id']} ({step['status']}) runs batch {step['batch']}, which says {now}"
    if step["status"] in OVER | {7} and now not in OVER:
        yield f"step {step['id']} ({step['status']}) ended batch {step['batch']}, which says {now}"


def _parallel(step: Row, rows: Sequence[Row]) -> Iterator[str]:
    said = [one["status"] for one in rows]
    if step["status"] == 2 and said[: step["batch"]].count(2) != step["batch"]:
        yield f"step {step['id']} started {step['batch']} batches, which say {said}"
    if (step["status"] in OVER - {5} and set(said) - OVER) or (step["status"] == 5 and 2 in said):
        yield f"step {step['id']} is over ({step['status']}) and its batches say {said}"


def _verdicts(record: Record, step: Row, rows: Sequence[Row]) -> Iterator[str]:
    for one in rows:
        tasks = {task["status"] for task in record.tasks_of(step, one["number"])}
        if one["status"] == 3 and not tasks <= GOOD:
            yield f"batch {one['number']} of step {step['id']} succeeded with {tasks}"
        if one["status"] == 4 and tasks <= GOOD:
            yield f"batch {one['number']} of step {step['id']} failed with {tasks}"


def _chains(record: Record) -> Iterator[str]:
    """Walk every row's changes: each is legal, follows the one before, and the last is what the row says."""
    for row, is_mine, legal in _subjects(record):
        said: int | None = None
        for event in record.events:
            if event["from_status"] is None or not is_mine(event):
                continue
            before, after = event["from_status"], event["to_status"]
            if said is not None and before != said:
                yield f"{row['id']} went from {before} to {after}, and was {said}"
            if not legal(before, after):
                yield f"{row['id']} went from {before} to {after}"
            said = after
        if said is not None and said != row["status"]:
            yield f"{row['id']} has status {row['status']}, the last event says {said}"


def _subjects(record: Record) -> Iterator[tuple[Row, Any, Any]]:
    yield (
        record.job,
        lambda event: event["step_id"] is None,
        lambda before, after: RunStatus(after) in JOB_TRANSITIONS.get(RunStatus(before), ()),
    )
    for step in record.steps:
        yield (
            step,
            lambda event, wanted=step["id"]: event["step_id"] == wanted and event["task_ids"] is None,
            lambda before, after: RunStatus(after) in STEP_TRANSITIONS.get(RunStatus(before), ()),
        )
    for task in record.tasks:
        yield (
            task,
            lambda event, wanted=task["id"]: wanted in (event["task_ids"] or ()),
            lambda before, after: TaskStatus(before) in task_sources(TaskStatus(after)),
        )


def _attempts(record: Record) -> Iterator[str]:
    """A host has one task an attempt, and none of an attempt that is past is under way."""
    seen: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for task in record.tasks:
        seen[task["step_id"], task["attempt"], task["ordinal"]].append(task["id"])
    for key, ids in seen.items():
        if len(ids) > 1:
            yield f"(step, attempt, target) {key} has tasks {ids}"
    latest = {step["id"]: step["attempt"] for step in record.steps}
    for task in record.tasks:
        if task["attempt"] < latest[task["step_id"]] and task["status"] in OPEN and task["sent_at"] is not None:
            yield f"task {task['id']} of a past attempt is under way"
