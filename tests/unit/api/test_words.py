"""Every refusal and every status has its words in both languages."""

from collections.abc import Iterator

import pytest

from jobfleet.api.words import BLUEKING_FIELDS, in_words
from jobfleet.model import errors as tree
from jobfleet.model.errors import BadRequestError, JobfleetError
from jobfleet.model.job_errors import AccountNotFoundError, ForeignHostsError, UnknownHostsError
from jobfleet.model.labels import RUN_LABELS, TASK_LABELS, language_of, run_label, script_job_name, task_label
from jobfleet.model.messages import TEXTS, message_of
from jobfleet.model.problems import PROBLEMS
from jobfleet.model.schedule import check_expression
from jobfleet.model.status import RunStatus, TaskStatus


def errors(kind: type[JobfleetError] = JobfleetError) -> Iterator[type[JobfleetError]]:
    for child in kind.__subclasses__():
        if child.__module__.startswith("jobfleet."):
            yield child
            yield from errors(child)


@pytest.mark.parametrize("kind", sorted(set(errors()), key=str))
def test_every_code_has_a_message_in_both_languages(kind: type[JobfleetError]) -> None:
    own = {known.code for known in TEXTS if known is not JobfleetError}
    assert kind.code in own
    assert any(known in TEXTS for known in kind.__mro__ if known is not JobfleetError)


def test_every_status_has_a_label_in_both_languages() -> None:
    assert set(TASK_LABELS) == set(TaskStatus)
    assert set(RUN_LABELS) == set(RunStatus)
    assert all(all(pair) for pair in [*TASK_LABELS.values(), *RUN_LABELS.values()])
    assert (task_label(TaskStatus.NONZERO_EXIT, "en"), task_label(TaskStatus.NONZERO_EXIT, "zh")) == (
        "Non-zero Exit Code",
        "脚本返回码非零",
    )
    assert (run_label(RunStatus.STOPPED, "en"), run_label(RunStatus.STOPPED, "zh")) == (
        "Terminate Success",
        "强制终止成功",
    )


def test_arguments_stand_in_the_message() -> None:
    assert message_of(UnknownHostsError(2, "1,2"), "en") == "Hosts do not exist (2): [1,2]"
    assert (
        message_of(ForeignHostsError("demo", 1, "0:10.0.0.1"), "zh")
        == "1台主机不属于业务[demo]且不在白名单内：0:10.0.0.1"
    )


def test_the_problem_with_a_field_is_told_in_the_language_of_the_message() -> None:
    error = BadRequestError("timeout", "is missing")
    assert message_of(error, "en") == "Bad request: timeout is missing"
    assert message_of(error, "zh") == f"请求参数错误：timeout {PROBLEMS['is missing']}"


def test_a_problem_that_tells_a_limit_or_a_field_is_told_in_both_languages() -> None:
    long = tree.IllegalParameterReasonError("name", "is longer than 60 characters")
    assert message_of(long, "en") == "Illegal parameter name: is longer than 60 characters"
    assert message_of(long, "zh") == "参数name不合法，原因：长度不能超过 60 个字符"
    for expression in ("61 * * * *", "* 24 * * *", "* * 32 * *", "* * * 13 *", "* * * * 8", "* * * *"):
        with pytest.raises(tree.IllegalParameterReasonError) as wrong:
            check_expression(expression)
        assert message_of(wrong.value, "zh").endswith(("字段不合法", "分 时 日 月 周"))


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        ("Expected int, got str", "应为整数，实际为字符串"),
        ("Expected object, got array", "应为对象，实际为数组"),
        ("Expected int >= 1", "必须 >= 1"),
        ("Expected str of length <= 512", "长度必须 <= 512 个字符"),
        ("Expected array of length >= 1", "元素个数必须 >= 1"),
        ("is above 259200 seconds", "不能大于 259200 秒"),
        ("has more than 100 entries", "不能超过 100 个元素"),
        ("'x!' is no linux account name", "“x!”不是合法的 linux 账号名"),
        ("Expected something new", "Expected something new"),
        ("is longer than 60 characters and odd", "is longer than 60 characters and odd"),
    ],
)
def test_what_the_decoder_misses_is_told_in_chinese_too(problem: str, told: str) -> None:
    assert message_of(BadRequestError("f", problem), "zh") == f"请求参数错误：f {told}"
    assert message_of(BadRequestError("f", problem), "en") == f"Bad request: f {problem}"


def test_a_refusal_names_its_field_as_a_surface_calls_it_and_keeps_the_rest() -> None:
    for error in (BadRequestError("timeout_s", "is missing"), tree.IllegalParameterError("attempt", "is none")):
        with pytest.raises(type(error)) as told, in_words(BLUEKING_FIELDS):
            raise error
        assert told.value.arguments == (BLUEKING_FIELDS[error.arguments[0]], error.arguments[1])
    with pytest.raises(tree.IllegalParameterError) as same, in_words(BLUEKING_FIELDS):
        raise tree.IllegalParameterError("job_plan_id")
    assert same.value.arguments == ("job_plan_id",)


def test_what_is_wrong_with_an_illegal_value_is_told_where_it_is_known() -> None:
    assert message_of(tree.IllegalParameterError("name"), "zh") == "参数不合法：name"
    error = tree.IllegalParameterError("name", "is longer than 60 characters")
    assert message_of(error, "en") == "Illegal parameter: name is longer than 60 characters"
    assert message_of(error, "zh") == "参数不合法：name 长度不能超过 60 个字符"


def test_a_message_without_its_arguments_ends_before_the_colon() -> None:
    assert message_of(AccountNotFoundError(), "en") == "The account does not exist"


def test_braces_in_arguments_are_not_filled() -> None:
    assert message_of(BadRequestError("{1}", "{0}"), "en") == "Bad request: {1} {0}"


def test_languages_are_told_by_their_tags() -> None:
    assert [language_of(tag) for tag in ("en", "en-US", "EN", "zh-cn", "zh", "", "fr")] == [
        "en",
        "en",
        "en",
        "zh",
        "zh",
        "",
        "",
    ]


def test_a_job_without_a_name_is_named_after_its_kind_and_time() -> None:
    assert script_job_name("en", 1521089795887) == "API Quick execution script1521089795887"
    assert script_job_name("zh", 5) == "API快速执行脚本5"
