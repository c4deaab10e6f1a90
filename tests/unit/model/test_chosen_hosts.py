"""Which hosts may be chosen to run again, and what is said of the rest in both languages."""

import msgspec
import pytest
from tests.unit.model.steps import step

from jobfleet.model.chosen_hosts import ChosenTask, batch_to_choose_from, check_chosen
from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.messages import message_of
from jobfleet.model.rolling import Rolling
from jobfleet.model.status import RunStatus, TaskStatus

FAILED = ChosenTask(7, 0, 2, TaskStatus.NONZERO_EXIT)


@pytest.mark.parametrize(
    ("rolling", "only"), [(None, 0), (Rolling("1", parallel=True), 0), (Rolling("1"), 2), (Rolling("50%"), 2)]
)
def test_hosts_are_chosen_from_the_batch_where_the_step_is(rolling: Rolling | None, only: int) -> None:
    rolled = msgspec.structs.replace(step(1, RunStatus.FAILED), rolling=rolling, batch=2)
    assert batch_to_choose_from(rolled) == only
    check_chosen(rolled, [7, 7], {7: FAILED})


@pytest.mark.parametrize(
    "found",
    [
        None,
        msgspec.structs.replace(FAILED, ordinal=-1),
        msgspec.structs.replace(FAILED, status=TaskStatus.SUCCEEDED),
        msgspec.structs.replace(FAILED, status=TaskStatus.SUCCEEDED_BEFORE),
        msgspec.structs.replace(FAILED, status=TaskStatus.AGENT_NOT_INSTALLED),
        msgspec.structs.replace(FAILED, batch=1),
        msgspec.structs.replace(FAILED, batch=3, status=TaskStatus.WAITING),
    ],
)
def test_what_cannot_run_again_is_named_in_both_languages(found: ChosenTask | None) -> None:
    rolled = msgspec.structs.replace(step(1, RunStatus.FAILED), rolling=Rolling("1"), batch=2)
    with pytest.raises(IllegalParameterReasonError) as refused:
        check_chosen(rolled, [7], {} if found is None else {7: found})
    english, chinese = (message_of(refused.value, words) for words in ("en", "zh"))
    assert english.startswith("Illegal parameter task_ids: 7 is ") or "7 has " in english
    assert chinese.startswith("参数task_ids不合法，原因：7 ")
    assert not any(word in chinese for word in (" is ", " has "))
