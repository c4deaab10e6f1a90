"""What the hosts of a step printed alike, and where they differ."""

from itertools import chain
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jobfleet.api.native.jobs import Id
from jobfleet.api.native.route import Call, Route, Wanted
from jobfleet.api.native.views import TaskView, show_task
from jobfleet.model.caller import Action
from jobfleet.model.folding import fold
from jobfleet.model.labels import task_label
from jobfleet.model.normal import Normal
from jobfleet.model.output_group import OutputGroup, last_line
from jobfleet.operations import compare, output_groups
from jobfleet.operations.host_log import LogKey
from jobfleet.operations.output_groups import GroupsWanted

MAX_GROUPS = 500
FOLDED = 12
"""So many folded texts are told of a group; the others are counted."""

NormalWord = Literal["exact", "times", "numbers", "address"]


class WantOutputs(Wanted, frozen=True):
    """Ask for the hosts of a step grouped by what they printed.

    `norm` is what is ignored: nothing, times, numbers (and times), or the host's own address. `members` has the tasks
    of each group told as well.
    """

    job_id: Id
    step_id: Id
    norm: NormalWord = "exact"
    attempt: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None
    batch: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0
    members: bool = False
    limit: Annotated[int, Meta(ge=1, le=MAX_GROUPS)] = 100


class OutputGroupView(msgspec.Struct, frozen=True):
    """Show hosts that ended alike and printed the same.

    `letter` is A for the largest group; `key` is the same while hosts end. `hosts` are folded addresses, some of them
    when `more_hosts` (folded texts that are left out) is not 0. `last_line` is that of the sample's output.
    """

    key: str
    letter: str
    count: int
    status: str
    status_code: int
    label: str
    exit_code: int | None
    hosts: list[str]
    more_hosts: int
    last_line: str
    sample: TaskView


class OutputMembers(msgspec.Struct, frozen=True):
    """Say which task is in which group, as columns: a task's id, and a group's place in the list of all groups."""

    task_id: list[int]
    group: list[int]


class OutputsAnswer(msgspec.Struct, frozen=True):
    """Show groups, failed ones first and small ones before large ones.

    `group_count` counts those that the limit leaves out too. `running` hosts are not over, `unrun` ones were left
    when the job ended; the output of `pending` ones is not looked at yet, ask again. `gone_at` (epoch ms) is when the
    output was removed.
    """

    groups: list[OutputGroupView]
    group_count: int
    total: int
    running: int
    unrun: int
    pending: int
    gone_at: int | None
    members: OutputMembers | None


class Compare(Wanted, frozen=True):
    """Ask for what two tasks of a step printed; two tasks are two hosts, or one host in two attempts."""

    job_id: Id
    step_id: Id
    left: Id
    right: Id
    norm: NormalWord = "exact"


class ComparedSide(msgspec.Struct, frozen=True):
    """Show one side as plain text; `left_out_bytes` at its end are not compared. `gone_at`: when it was removed."""

    task: TaskView
    attempt: int
    text: str
    left_out_bytes: int
    gone_at: int | None


class Compared(msgspec.Struct, frozen=True):
    """Show both sides."""

    left: ComparedSide
    right: ComparedSide


async def list_output_groups(call: Call, wanted: WantOutputs) -> OutputsAnswer:
    """Group the hosts of a step by what they printed."""
    meant = GroupsWanted(
        job_id=wanted.job_id,
        step_id=wanted.step_id,
        normal=Normal(wanted.norm),
        attempt=wanted.attempt,
        batch=wanted.batch,
        tails=wanted.limit,
    )
    found = await output_groups.output_groups(call.platform, call.caller, meant)
    words = call.caller.language
    return OutputsAnswer(
        groups=[_group(one, found.tails, words) for one in found.groups[: wanted.limit]],
        group_count=len(found.groups),
        total=found.total,
        running=found.running,
        unrun=found.unrun,
        pending=found.pending,
        gone_at=found.gone_at,
        members=_members(found.groups) if wanted.members else None,
    )


def _group(one: OutputGroup, tails: dict[int, bytes], words: str) -> OutputGroupView:
    sample = one.tasks[0]
    folded = fold((task.target.cloud_id, task.target.ip or task.target.ipv6 or "") for task in one.tasks)
    return OutputGroupView(
        key=one.key,
        letter=one.letter,
        count=len(one.tasks),
        status=one.status.name.lower(),
        status_code=int(one.status),
        label=task_label(one.status, words),
        exit_code=one.exit_code,
        hosts=folded[:FOLDED],
        more_hosts=max(0, len(folded) - FOLDED),
        last_line=last_line(tails.get(sample.log_task_id, b"")) or sample.message,
        sample=show_task(sample, words),
    )


def _members(groups: list[OutputGroup]) -> OutputMembers:
    return OutputMembers(
        [task.id for one in groups for task in one.tasks],
        list(chain.from_iterable([place] * len(one.tasks) for place, one in enumerate(groups))),
    )


async def compare_outputs(call: Call, wanted: Compare) -> Compared:
    """Show what two tasks printed."""
    left = LogKey(wanted.job_id, wanted.step_id, wanted.left)
    right = LogKey(wanted.job_id, wanted.step_id, wanted.right)
    sides = await compare.compare(call.platform, call.caller, left, right, Normal(wanted.norm))
    words = call.caller.language
    return Compared(*(_side(side, words) for side in sides))


def _side(side: compare.Side, words: str) -> ComparedSide:
    return ComparedSide(show_task(side.task, words), side.task.attempt, side.text, side.left_out_bytes, side.gone_at)


_STEP = "/api/v1/jobs/{job_id}/steps/{step_id}"

ROUTES = (
    Route(
        "GET",
        f"{_STEP}/outputs",
        Action.VIEW_HISTORY,
        list_output_groups,
        WantOutputs,
        OutputsAnswer,
        "Group the hosts of a step by what they printed",
    ),
    Route(
        "GET",
        f"{_STEP}/diff",
        Action.VIEW_HISTORY,
        compare_outputs,
        Compare,
        Compared,
        "Show what two tasks printed side by side",
    ),
)
