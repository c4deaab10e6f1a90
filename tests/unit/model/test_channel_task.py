"""The names of what is sent to agents."""

from hypothesis import given
from hypothesis import strategies as st

from jobfleet.model.channel_task import ChannelTask, parse

IDS = st.integers(0, 2**63 - 1)
COUNTS = st.integers(0, 999_999_999)


@given(IDS, IDS, COUNTS, COUNTS)
def test_a_name_leads_back_to_what_it_names(job_id: int, step_id: int, attempt: int, batch: int) -> None:
    task = ChannelTask(job_id, step_id, attempt, batch)
    assert parse(task.id) == task


@given(st.text(alphabet="JF-0123456789 ", max_size=40))
def test_a_text_that_names_something_is_its_name(text: str) -> None:
    found = parse(text)
    assert found is None or found.id == text.strip()
