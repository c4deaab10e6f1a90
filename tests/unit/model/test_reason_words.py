"""Reasons that were kept in one language, told in the other."""

import pytest

from jobfleet.model.errors import JobfleetError, ScopeNotFoundError
from jobfleet.model.job_errors import AccountNotFoundError
from jobfleet.model.messages import TEXTS, message_of
from jobfleet.model.reason_words import reason_words


@pytest.mark.parametrize(
    ("kept", "chinese"),
    [
        ("the job before still runs", "上一次作业仍在执行"),
        ("10 others wait already", "已有 10 次触发在等待"),
        ("no server was there", "当时没有可用的服务端"),
        ("the schedule was paused", "定时任务已被暂停"),
    ],
)
def test_what_the_platform_says_is_told_in_chinese_and_kept_in_english(kept: str, chinese: str) -> None:
    assert reason_words(kept, "zh") == chinese
    assert reason_words(kept, "en") == kept


def test_a_refusal_is_told_in_the_language_of_whoever_looks() -> None:
    error = AccountNotFoundError("root")
    english, chinese, code = message_of(error, "en"), message_of(error, "zh"), error.code
    assert reason_words(english, "zh", code) == reason_words(chinese, "zh", code) == chinese
    assert reason_words(chinese, "en", code) == reason_words(english, "en", code) == english


def test_what_nobody_of_ours_wrote_stays_as_it_is() -> None:
    assert reason_words("disk full", "zh") == reason_words("disk full", "en") == "disk full"
    assert reason_words("the business is archived", "zh", ScopeNotFoundError.code) == "业务已归档"


@pytest.mark.parametrize("kind", [kind for kind, (chinese, _) in TEXTS.items() if "{" not in chinese])
def test_each_refusal_without_arguments_is_retold(kind: type[JobfleetError]) -> None:
    chinese, english = TEXTS[kind]
    same_code = {texts for one, texts in TEXTS.items() if one.code == kind.code}
    assert (reason_words(english, "zh", kind.code), english) in same_code
    assert (chinese, reason_words(chinese, "en", kind.code)) in same_code


@pytest.mark.parametrize("kind", TEXTS)
def test_the_texts_of_every_refusal_can_be_read(kind: type[JobfleetError]) -> None:
    assert reason_words("text of nobody", "zh", kind.code) == "text of nobody"
    assert reason_words("text of nobody", "en", kind.code) == "text of nobody"
