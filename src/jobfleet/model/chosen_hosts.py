"""Which hosts of a step a person may choose to have run again."""

from collections.abc import Collection, Mapping

import msgspec

from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.job import Step
from jobfleet.model.status import NOT_EXECUTABLE, SUCCEEDED_TASK, TaskStatus
from jobfleet.model.target import MAX_SCRIPT_TARGETS

MAX_CHOSEN = MAX_SCRIPT_TARGETS
"""Most hosts that can be chosen at once: as many as a step may have."""

FIELD = "task_ids"


class ChosenTask(msgspec.Struct, frozen=True):
    """Describe a task of a step's latest attempt that somebody chose; the ordinals of sources of files are below 0."""

    id: int
    ordinal: int
    batch: int
    status: TaskStatus


def batch_to_choose_from(step: Step) -> int:
    """Return the only batch whose hosts may be chosen, 0 when all of the step's may.

    A step that rolls batch by batch has left the ones before behind, and those to come have not run.
    """
    return 0 if step.rolling is None or step.rolling.parallel else step.batch


def check_chosen(step: Step, wanted: Collection[int], found: Mapping[int, ChosenTask]) -> None:
    """Do nothing when each of the tasks that a person chose can run again.

    Args:
        wanted: Ids of tasks.
        found: Those of them that are of the step's latest attempt, by id.

    Raises:
        IllegalParameterReasonError: One cannot; says which and why.

    Source: docs/reference/retry.md, «Chosen hosts».
    """
    only = batch_to_choose_from(step)
    for task_id in sorted(set(wanted)):
        if trouble := _trouble(found.get(task_id), only):
            raise IllegalParameterReasonError(FIELD, f"{task_id} {trouble}")


def _trouble(task: ChosenTask | None, only_batch: int) -> str:
    if task is None:
        return "is no task of the step's latest attempt"
    if task.ordinal < 0:
        return "is a source of files, and those offer again by themselves"
    if task.status in SUCCEEDED_TASK:
        return "has succeeded"
    if task.status in NOT_EXECUTABLE:
        return "has no agent that could run it"
    if only_batch and task.batch != only_batch:
        return f"is of batch {task.batch}, and only hosts of batch {only_batch}, where the step is, can run again"
    return ""
