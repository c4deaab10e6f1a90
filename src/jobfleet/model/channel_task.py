"""What the published API calls a task of the agent channel: one batch of one attempt of a step, sent to its hosts."""

import re

import msgspec

from jobfleet.model.highest import MAX_ID

_FORM = re.compile(r"JF-(\d{1,19})-(\d{1,19})-(\d{1,9})-(\d{1,9})")


class ChannelTask(msgspec.Struct, frozen=True):
    """Name what was sent together; `batch` is 0 of a step that does not roll."""

    job_id: int
    step_id: int
    attempt: int
    batch: int

    @property
    def id(self) -> str:
        """Return the text that names it; it never changes, and names nothing else."""
        return f"JF-{self.job_id}-{self.step_id}-{self.attempt}-{self.batch}"


def parse(text: str) -> ChannelTask | None:
    """Return what a text names, or None for one that is no such name."""
    found = _FORM.fullmatch(text.strip())
    task = ChannelTask(*(int(part) for part in found.groups())) if found else None
    return task if task and task.job_id <= MAX_ID >= task.step_id and task.id == text.strip() else None
