"""What is shown of scripts and logs when a task failed."""

from hypothesis import given
from hypothesis import strategies as st

from jobfleet.operations.task_context import MAX_TEXT_CHARACTERS, beginning, ending, masked


@given(st.lists(st.text(min_size=3, max_size=8).filter(lambda text: "*" not in text), max_size=4), st.text())
def test_no_secret_is_left_in_a_masked_text(secrets: list[str], text: str) -> None:
    shown = masked(text + "".join(secrets), secrets)
    assert not any(secret in part for secret in secrets for part in shown.split("******"))


def test_secrets_that_are_too_short_are_not_looked_for() -> None:
    assert masked("a abc", ["a", "", "abc"]) == "a ******"


def test_of_a_long_script_the_beginning_stays_and_of_a_long_log_the_end() -> None:
    whole = "x" * MAX_TEXT_CHARACTERS
    assert beginning(whole) == ending(whole) == whole
    assert beginning(whole + "yz") == whole + "\n[2 characters left out]"
    assert ending("yz" + whole) == "[2 characters left out]\n" + whole
