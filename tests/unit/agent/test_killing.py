"""When a kill asks, when it forces, and when it gives up."""

from jobfleet.agent.kill import BOUND_MS, GRACE_MS, Killing


def test_a_tree_that_is_gone_ends_the_kill_without_force() -> None:
    forced: list[int] = []
    killing = Killing(set, lambda: forced.append(1), 0)
    assert killing.step(1)
    assert (killing.survivors, forced) == (set(), [])


def test_force_is_used_once_and_only_after_the_grace() -> None:
    forced: list[int] = []
    killing = Killing(lambda: {2**22 + 1}, lambda: forced.append(1), 0)
    assert not killing.step(GRACE_MS - 1)
    assert forced == []
    assert not killing.step(GRACE_MS)
    assert not killing.step(GRACE_MS + 20)
    assert forced == [1]


def test_what_is_left_at_the_bound_is_named() -> None:
    killing = Killing(lambda: {2**22 + 1, 2**22 + 2}, lambda: None, 0)
    assert not killing.step(BOUND_MS - 1)
    assert killing.step(BOUND_MS)
    assert killing.survivors == {2**22 + 1, 2**22 + 2}
