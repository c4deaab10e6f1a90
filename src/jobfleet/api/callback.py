"""What a callback says: the job's id and status, and those of its steps."""

import msgspec

from jobfleet.model.callback import Outcome


class StepEnd(msgspec.Struct, frozen=True):
    """Show how a step ended."""

    step_instance_id: int
    status: int


class JobEnd(msgspec.Struct, frozen=True):
    """Show how a job ended; both names of the list are sent, because receivers read one or the other."""

    job_instance_id: int
    status: int
    step_instances: list[StepEnd]
    step_instance_list: list[StepEnd]


def render(job_id: int, outcome: Outcome) -> bytes:
    """Return the text of a callback.

    Source: docs/reference/callbacks.md.
    """
    steps = [StepEnd(step_id, status) for step_id, status in outcome.steps]
    return msgspec.json.encode(JobEnd(job_id, outcome.status, steps, steps))
