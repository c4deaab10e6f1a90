"""Who hears of jobs, and over which channels: the policies of scopes and of persons, and which one counts."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import msgspec

from jobfleet.model.caller import Role
from jobfleet.model.definition import TRIGGER_ROLE
from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.job import JobType, LaunchMode
from jobfleet.model.notice import Occasion

OWNER_ROLE = "JOB_RESOURCE_OWNER"
"""The role of who changed the plan last; of a job without a plan, of who started it."""

OBSERVER_ROLE = "JOB_EXTRA_OBSERVER"
"""The role of those whom a policy names."""

ROLES = (TRIGGER_ROLE, OWNER_ROLE, OBSERVER_ROLE, *(role.value for role in Role))
MAX_POLICIES = 20
MAX_OBSERVERS = 50


class Trigger(StrEnum):
    """Name how a job was started; the texts are the contract's."""

    PAGE = "PAGE_EXECUTE"
    API = "API_INVOKE"
    TIMER = "TIMER_TASK"


class Kind(StrEnum):
    """Name what kind of job it was; the texts are the contract's."""

    SCRIPT = "SCRIPT"
    FILE = "FILE"
    JOB = "JOB"


class Ending(StrEnum):
    """Name what is told: how a job ended, or that it waits for a person; the texts are the contract's."""

    SUCCESS = "SUCCESS"
    FAIL = "FAIL"
    READY = "READY"


class Channel(StrEnum):
    """Name the channels of the contract; of these only mail is sent by us, the others are kept for hooks."""

    MAIL = "mail"
    SMS = "sms"
    WEIXIN = "weixin"
    RTX = "rtx"
    VOICE = "voice"


class Policy(msgspec.Struct, frozen=True):
    """Say who hears of jobs of some kinds that were started in one way, and of each ending over which channels."""

    trigger: Trigger
    kinds: tuple[Kind, ...]
    roles: tuple[str, ...]
    observers: tuple[str, ...] = ()
    channels: Mapping[Ending, tuple[Channel, ...]] = {}


class PolicySet(msgspec.Struct, frozen=True):
    """Hold the policies of a scope, or of a person in it; `modifier` is "" while nobody has saved any."""

    policies: tuple[Policy, ...]
    modifier: str = ""
    modified_at: int = 0

    @property
    def saved(self) -> bool:
        """Tell whether somebody chose these policies."""
        return bool(self.modifier)


_USUAL = {Ending.FAIL: (Channel.MAIL,), Ending.READY: (Channel.MAIL,)}
USUAL = tuple(Policy(trigger, tuple(Kind), (TRIGGER_ROLE,), (), _USUAL) for trigger in Trigger)
"""What counts in a scope that never saved any: who started a job hears by mail that it failed, or that it waits."""

_TRIGGERS = {LaunchMode.PAGE: Trigger.PAGE, LaunchMode.API: Trigger.API, LaunchMode.SCHEDULE: Trigger.TIMER}
_KINDS = {JobType.PLAN: Kind.JOB, JobType.SCRIPT: Kind.SCRIPT, JobType.FILE: Kind.FILE}
_ENDINGS = {
    Occasion.JOB_SUCCEEDED: Ending.SUCCESS,
    Occasion.JOB_FAILED: Ending.FAIL,
    Occasion.SCHEDULE_FAILED: Ending.FAIL,
    Occasion.APPROVAL_WAITING: Ending.READY,
    Occasion.START_WAITING: Ending.READY,
    Occasion.START_APPROVED: Ending.READY,
    Occasion.START_REFUSED: Ending.READY,
}


def trigger_of(mode: LaunchMode) -> Trigger:
    """Return how policies call the way in which a job was started."""
    return _TRIGGERS[mode]


def kind_of(job_type: JobType) -> Kind:
    """Return how policies call the kind of a job."""
    return _KINDS[job_type]


def ending_of(occasion: Occasion) -> Ending:
    """Return how policies call an occasion; a test of a hook is sent whatever they say, and is none of theirs."""
    return _ENDINGS[occasion]


def deciding(of_scope: PolicySet, of_person: PolicySet, trigger: Trigger, kind: Kind) -> Policy | None:
    """Return the policy that counts: the scope's, else that of who started it, else the usual one.

    The usual one counts only while the scope never saved any. None says that nobody hears of it.

    Source: docs/reference/notifications.md, «Policies».
    """
    levels: Sequence[tuple[Policy, ...]] = (of_scope.policies, of_person.policies, () if of_scope.saved else USUAL)
    return next((one for level in levels for one in level if one.trigger == trigger and kind in one.kinds), None)


def check_policies(policies: Sequence[Policy]) -> None:
    """Do nothing when policies can be kept together.

    Raises:
        IllegalParameterReasonError: There are too many, a role is unknown, or two speak of the same.
    """
    if len(policies) > MAX_POLICIES:
        raise IllegalParameterReasonError("policies", f"are more than {MAX_POLICIES}")
    for one in policies:
        _check(one)
    _check_once((one.trigger, kind) for one in policies for kind in one.kinds)


def _check(policy: Policy) -> None:
    unknown = [role for role in policy.roles if role not in ROLES]
    if unknown:
        raise IllegalParameterReasonError("roles", f"has {unknown[0]}, which is none of {', '.join(ROLES)}")
    if len(policy.observers) > MAX_OBSERVERS:
        raise IllegalParameterReasonError("observers", f"are more than {MAX_OBSERVERS}")


def _check_once(spoken_of: Iterable[tuple[Trigger, Kind]]) -> None:
    seen = set()
    for pair in spoken_of:
        if pair in seen:
            raise IllegalParameterReasonError("policies", f"speak twice of {pair[1]} started by {pair[0]}")
        seen.add(pair)
