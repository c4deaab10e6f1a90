"""What a start would do, as somebody is shown it before it is done."""

from collections.abc import Sequence
from statistics import median
from typing import Literal

import msgspec

from jobfleet.api.native.route import Call
from jobfleet.api.native.script_check import RuleHit, show_hit
from jobfleet.api.permission import action_name
from jobfleet.api.words import field_of
from jobfleet.model.blast import Blast
from jobfleet.model.definition import ApprovalSpec
from jobfleet.model.errors import ForbiddenError, JobfleetError
from jobfleet.model.messages import message_of
from jobfleet.model.rolling import Rolling, RollingMode
from jobfleet.model.status import TaskStatus
from jobfleet.model.target import Target
from jobfleet.operations import roles
from jobfleet.operations.preview import Preview, StepPreview

MOST_LISTED = 100
MOST_LINES = 200


class ProblemView(msgspec.Struct, frozen=True):
    """Show what the start would be refused for.

    `permission` names the actions that are missing, "" for anything else; `lacks` says them in words, and `granted_by`
    some who can grant them.
    """

    code: int
    message: str
    field: str
    permission: str
    lacks: list[str]
    granted_by: list[str]


class TargetLine(msgspec.Struct, frozen=True):
    """Show a host; `state` is ready, offline, none without an agent, or invalid."""

    id: int
    cloud_id: int
    ip: str | None
    ipv6: str | None
    state: Literal["ready", "offline", "none", "invalid"]


class HostCounts(msgspec.Struct, frozen=True):
    """Count hosts and containers: those whose agent is connected, is not, is not there, and that never run."""

    total: int
    ready: int
    offline: int
    none: int
    invalid: int
    containers: int


class DangerView(msgspec.Struct, frozen=True):
    """Show a line that damages a host by what everybody knows."""

    line: int
    text: str
    description: str


class OddFile(msgspec.Struct, frozen=True):
    """Show a file that is in another's way: `trouble` is same_name or same_place."""

    trouble: str
    path: str
    sources: tuple[str, ...]


class LandingView(msgspec.Struct, frozen=True):
    """Show where the files of a source land; `source` is "" for uploads."""

    source: str
    directory: str


class RollingView(msgspec.Struct, frozen=True):
    """Show how a step rolls: the sizes of its batches, and what one that failed does."""

    expression: str
    on_failure: Literal["pause", "go_on", "ask"]
    parallel: bool
    sizes: list[int]


class StepLine(msgspec.Struct, frozen=True):
    """Show what a step would do; `kind` is script, sql, file, approval, or "" when it cannot be told."""

    name: str
    kind: str
    hosts: HostCounts
    systems: dict[str, int]
    account: str
    account_alias: str
    timeout_s: int | None
    rolling: RollingView | None
    rules: list[RuleHit]
    dangers: list[DangerView]
    files: list[OddFile]
    landings: list[LandingView]
    problems: list[ProblemView]


class ListedHosts(msgspec.Struct, frozen=True):
    """List hosts, at most 100; `total` counts all."""

    total: int
    items: list[TargetLine]


class QuotaView(msgspec.Struct, frozen=True):
    """Show how much of a quota is taken: `kind` is system, scope or app; more than `limit` are not counted."""

    kind: str
    running: int
    limit: int


class UsualTime(msgspec.Struct, frozen=True):
    """Show how long earlier runs took, milliseconds: the median and the longest, and how many runs that rests on."""

    median_ms: int
    longest_ms: int
    runs: int


class BlastReason(msgspec.Struct, frozen=True):
    """Say what a level rests on: `what` is hosts, account, production or rule."""

    what: str
    value: str


class BlastView(msgspec.Struct, frozen=True):
    """Show how much could break."""

    level: Literal["low", "medium", "high"]
    reasons: list[BlastReason]


class ApprovalNeed(msgspec.Struct, frozen=True):
    """Show why a start needs a second person, `rule` or `hosts`; without reasons it needs none.

    `possible`: somebody else may let it pass, see /api/v1/start-requests; `approvers` names some who may.
    """

    reasons: list[BlastReason]
    possible: bool
    approvers: list[str]


class PreviewAnswer(msgspec.Struct, frozen=True):
    """Show what a start would do; with `startable` it would be accepted as things are now.

    `hosts` counts the different hosts of all steps; `ready` lists those that would run at once, `away` the others.
    `usual` is null without a basis.
    """

    startable: bool
    hosts: HostCounts
    ready: ListedHosts
    away: ListedHosts
    steps: list[StepLine]
    problems: list[ProblemView]
    quotas: list[QuotaView]
    usual: UsualTime | None
    blast: BlastView
    approval: ApprovalNeed


async def shown(call: Call, found: Preview) -> PreviewAnswer:
    """Return what a start would do as a caller is shown it, whoever would start it."""
    words = call.caller.language
    everything = [*found.refusals, *(error for step in found.steps for error in step.refusals)]
    asks = any(isinstance(error, ForbiddenError) for error in everything)
    told = _Told(words, await roles.who_can_grant(call.platform) if asks else [])
    steps = [_step(one, told) for one in found.steps]
    problems = [_problem(error, told) for error in found.refusals]
    full = any(one.running >= one.limit for one in found.quotas)
    blocked = full or bool(found.obstacles.reasons)
    everyone = _everyone(found.steps)
    lines = [_line(target) for target in everyone]
    return PreviewAnswer(
        startable=not (blocked or problems or any(step.problems for step in steps)),
        hosts=_counts(everyone),
        ready=_listed([line for line in lines if line.state == "ready"]),
        away=_listed([line for line in lines if line.state != "ready"]),
        steps=steps,
        problems=problems,
        quotas=[QuotaView(one.kind, one.running, one.limit) for one in found.quotas],
        usual=_usual(found.usual_ms),
        blast=_blast(found.blast),
        approval=ApprovalNeed(
            [BlastReason(one.what, one.value) for one in found.obstacles.reasons],
            found.obstacles.liftable and not problems and not any(step.problems for step in steps),
            list(found.approvers),
        ),
    )


def _everyone(steps: Sequence[StepPreview]) -> list[Target]:
    """Return the targets of all steps, each host and container once."""
    made = [step.made for step in steps if step.made is not None]
    found = {(one.host_id, one.container and one.container.id): one for step in made for one in step.targets}
    return list(found.values())


def _line(target: Target) -> TargetLine:
    return TargetLine(target.host_id, target.cloud_id, target.ip, target.ipv6, _state(target))


def _listed(lines: list[TargetLine]) -> ListedHosts:
    return ListedHosts(len(lines), lines[:MOST_LISTED])


def _state(target: Target) -> Literal["ready", "offline", "none", "invalid"]:
    match target.initial:
        case TaskStatus.INVALID_TARGET:
            return "invalid"
        case TaskStatus.AGENT_NOT_INSTALLED:
            return "none"
    return "ready" if target.alive else "offline"


def _counts(targets: Sequence[Target]) -> HostCounts:
    states = [_state(target) for target in targets]
    kinds = [states.count(kind) for kind in ("ready", "offline", "none", "invalid")]
    inside = sum(target.container is not None for target in targets)
    return HostCounts(len(targets), kinds[0], kinds[1], kinds[2], kinds[3], inside)


class _Told(msgspec.Struct, frozen=True):
    """Say in which language somebody is told, and who could grant what they lack."""

    words: str
    granters: list[str]


def _step(step: StepPreview, told: _Told) -> StepLine:
    targets = [] if step.made is None else list(step.made.targets)
    systems = sorted({target.os for target in targets if target.os})
    definition = None if step.made is None else step.made.definition
    runs_as = None if isinstance(definition, ApprovalSpec) else definition
    return StepLine(
        name=step.name,
        kind="" if step.made is None else step.made.type.name.lower(),
        hosts=_counts(targets),
        systems={name: sum(target.os == name for target in targets) for name in systems},
        account="" if runs_as is None else runs_as.account,
        account_alias="" if runs_as is None else runs_as.account_alias,
        timeout_s=None if runs_as is None else runs_as.timeout_s,
        rolling=_rolling(None if step.made is None else step.made.rolling, step.sizes),
        rules=[show_hit(hit) for hit in step.hits[:MOST_LINES]],
        dangers=[
            DangerView(one.line, one.text, one.words.en if told.words == "en" else one.words.zh)
            for one in step.dangers[:MOST_LINES]
        ],
        files=[OddFile(one.trouble.value, one.path, tuple(one.sources)) for one in step.files],
        landings=[LandingView(one.source, one.directory) for one in step.landings],
        problems=[_problem(error, told) for error in step.refusals],
    )


def _rolling(rolling: Rolling | None, sizes: Sequence[int]) -> RollingView | None:
    if rolling is None:
        return None
    return RollingView(rolling.expression, _MODES[RollingMode(rolling.mode)], rolling.parallel, list(sizes))


_MODES: dict[RollingMode, Literal["pause", "go_on", "ask"]] = {
    RollingMode.PAUSE_ON_FAILURE: "pause",
    RollingMode.IGNORE_FAILURES: "go_on",
    RollingMode.ASK_EACH_TIME: "ask",
}


def _problem(error: JobfleetError, told: _Told) -> ProblemView:
    missing = [one.action for one in error.missing] if isinstance(error, ForbiddenError) else []
    return ProblemView(
        code=error.code,
        message=message_of(error, told.words),
        field=field_of(error).partition("|")[0],
        permission=", ".join(one.value for one in missing),
        lacks=[action_name(one, told.words) for one in missing],
        granted_by=told.granters if missing else [],
    )


def _usual(took_ms: Sequence[int]) -> UsualTime | None:
    if not took_ms:
        return None
    return UsualTime(int(median(took_ms)), max(took_ms), len(took_ms))


def _blast(found: Blast) -> BlastView:
    return BlastView(found.level.value, [BlastReason(one.what, one.value) for one in found.reasons])
