"""Which policy counts, and which can be kept."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.job import JobType, LaunchMode
from jobfleet.model.notice import Occasion
from jobfleet.model.notify_policy import (
    MAX_OBSERVERS,
    MAX_POLICIES,
    USUAL,
    Kind,
    Policy,
    PolicySet,
    Trigger,
    check_policies,
    deciding,
    ending_of,
    kind_of,
    trigger_of,
)

POLICIES = st.lists(
    st.builds(
        Policy, st.sampled_from(Trigger), st.sets(st.sampled_from(Kind), min_size=1).map(tuple), st.just(("admin",))
    ),
    max_size=4,
).map(tuple)
SETS = st.builds(PolicySet, POLICIES, st.just("li"))
NONE = PolicySet(())


def speaks(policy: Policy, trigger: Trigger, kind: Kind) -> bool:
    return policy.trigger is trigger and kind in policy.kinds


@given(st.one_of(SETS, st.just(NONE)), st.one_of(SETS, st.just(NONE)), st.sampled_from(Trigger), st.sampled_from(Kind))
def test_the_scope_decides_before_the_person_and_both_before_what_is_usual(
    scope: PolicySet, person: PolicySet, trigger: Trigger, kind: Kind
) -> None:
    of_scope = [one for one in scope.policies if speaks(one, trigger, kind)]
    of_person = [one for one in person.policies if speaks(one, trigger, kind)]
    usual = [] if scope.saved else [one for one in USUAL if speaks(one, trigger, kind)]
    assert deciding(scope, person, trigger, kind) == next(iter([*of_scope, *of_person, *usual]), None)


def test_a_scope_that_saved_nothing_has_usual_policies_and_one_that_saved_an_empty_set_has_none() -> None:
    assert deciding(NONE, NONE, Trigger.API, Kind.JOB) in USUAL
    assert deciding(PolicySet((), "li"), NONE, Trigger.API, Kind.JOB) is None


def test_every_start_kind_and_occasion_has_its_word() -> None:
    assert {trigger_of(mode) for mode in LaunchMode} == set(Trigger)
    assert {kind_of(kind) for kind in JobType} == set(Kind)
    assert len({ending_of(occasion) for occasion in set(Occasion) - {Occasion.TEST}}) == 3


def policy(trigger: Trigger = Trigger.API, kind: Kind = Kind.JOB, **more: Any) -> Policy:
    return Policy(trigger, (kind,), **({"roles": ("admin",)} | more))


def test_policies_that_speak_of_different_jobs_are_kept_together() -> None:
    check_policies([policy(trigger, kind) for trigger in Trigger for kind in Kind])
    check_policies([policy(observers=tuple(f"u{n}" for n in range(MAX_OBSERVERS)))])


@pytest.mark.parametrize(
    ("policies", "named"),
    [
        ([policy(), policy()], "twice"),
        ([policy(roles=("boss",))], "boss"),
        ([policy(observers=tuple(f"u{n}" for n in range(MAX_OBSERVERS + 1)))], "observers"),
        ([policy()] * (MAX_POLICIES + 1), "more than"),
    ],
)
def test_policies_that_cannot_be_kept_are_refused_by_name(policies: list[Policy], named: str) -> None:
    with pytest.raises(IllegalParameterReasonError, match=named):
        check_policies(policies)
