"""Groups, counts and filters over tasks."""

from hypothesis import given
from hypothesis import strategies as st

from jobfleet.model import grouping
from jobfleet.model.job import StepFilter, Task
from jobfleet.model.status import TaskStatus
from jobfleet.model.target import Target


def task(number: int, status: TaskStatus, tag: str = "") -> Task:
    target = Target(
        number, number, 0, "Default Area", f"10.0.0.{number}", None, None, "linux", True, TaskStatus.WAITING
    )
    return Task(number, 1, 1, 0, 0, number, status, tag, 0, 0, None, None, None, 0, "", (), target)


many = st.lists(
    st.builds(task, st.integers(0, 200), st.sampled_from(TaskStatus), st.sampled_from(["", "x", "y"])), max_size=60
)


@given(many)
def test_groups_are_ordered_by_status_then_tag_and_lose_nobody(tasks: list[Task]) -> None:
    groups = grouping.group(tasks)
    keys = [(one.status, one.tag) for one in groups]
    assert keys == sorted(set(keys))
    assert sum(one.size for one in groups) == len(tasks)
    assert all(one.tasks == tuple(t for t in tasks if (t.status, t.tag) == (one.status, one.tag)) for one in groups)


@given(many)
def test_total_is_running_plus_succeeded_plus_failed(tasks: list[Task]) -> None:
    counted = grouping.count(tasks)
    assert counted.total == counted.running + counted.succeeded + counted.failed
    assert counted.abnormal <= counted.failed


GROUPS = grouping.group(
    [task(1, TaskStatus.SUCCEEDED, "x"), task(2, TaskStatus.SUCCEEDED, "x"), task(3, TaskStatus.RUNNING)]
)


def shown(wanted: StepFilter, matching: frozenset[int] | None = None) -> list[tuple[int, str | None, int, list[int]]]:
    narrowed = grouping.narrow(GROUPS, wanted, matching)
    return [(int(one.status), one.tag, one.size, [t.id for t in one.tasks]) for one in narrowed]


def test_without_a_filter_every_group_lists_its_hosts() -> None:
    assert shown(StepFilter()) == [(7, "", 1, [3]), (9, "x", 2, [1, 2])]


def test_a_status_and_tag_list_only_the_matching_group_and_counts_stay() -> None:
    assert shown(StepFilter(status=9, tag="x")) == [(7, "", 1, []), (9, "x", 2, [1, 2])]
    assert shown(StepFilter(status=9)) == [(7, "", 1, []), (9, "x", 2, [])]
    assert shown(StepFilter(status=104)) == [(7, "", 1, []), (9, "x", 2, [])]


def test_a_limit_cuts_the_list_but_not_the_size() -> None:
    assert shown(StepFilter(limit=1)) == [(7, "", 1, [3]), (9, "x", 2, [1])]
    assert shown(StepFilter(limit=0)) == [(7, "", 1, []), (9, "x", 2, [])]


def test_groups_without_a_match_stay_with_size_zero() -> None:
    assert shown(StepFilter(), frozenset({2})) == [(7, "", 0, []), (9, "x", 1, [2])]
