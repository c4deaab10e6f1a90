"""What settings of the platform may be, and what they allow."""

import pytest

from jobfleet.model.account import AccountType
from jobfleet.model.errors import BadRequestError, IllegalParameterReasonError
from jobfleet.model.platform_settings import (
    FIELDS,
    PlatformSettings,
    check_callback,
    checked,
    default_of,
    description_of,
    max_timeout_s,
    may_upload,
    name_rule,
    timeout_within,
)
from jobfleet.model.resource_errors import CallbackEntryError, CallbackEntryTwiceError, SettingNotFoundError
from jobfleet.model.scope import Scope, ScopeType

DEMO, SET = Scope(ScopeType.BUSINESS, 2), Scope(ScopeType.BUSINESS_SET, 2)


def may_call(places: tuple[str, ...] | None, url: str) -> bool:
    try:
        check_callback(PlatformSettings(callback_urls=places), url)
    except BadRequestError as error:
        return error.arguments[0] != "callback_url"
    return True


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_every_default_is_a_value_and_has_a_meaning(name: str) -> None:
    assert checked(name, default_of(name)) == default_of(name)
    assert description_of(name)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("account_name_linux", "a" * 500, "a" * 501),
        ("account_name_windows", "a", ""),
        ("max_timeout_s", 1, 0),
        ("max_timeout_s", 2_592_000, 2_592_001),
        ("max_timeout_s", 60, "60"),
        ("scope_max_timeout_s", {"biz_set:9": 60}, {"biz:0": 60}),
        ("scope_max_timeout_s", {"biz:2": 1}, {"biz:2": 0}),
        ("upload_allowed_suffixes", [".tar.gz"], ["sh"]),
        ("upload_forbidden_suffixes", [".e"], ["./e"]),
        ("upload_forbidden_suffixes", ["." + "e" * 31], ["." + "e" * 32]),
        ("upload_forbidden_suffixes", [".e"] * 1000, [".e"] * 1001),
        ("job_list_max_start", 0, -1),
        ("job_list_max_start", None, True),
        ("callback_urls", [], [""]),
    ],
)
def test_a_value_on_either_side_of_what_is_allowed(name: str, good: object, bad: object) -> None:
    assert checked(name, good) == good
    with pytest.raises(IllegalParameterReasonError) as caught:
        checked(name, bad)
    assert caught.value.arguments[0] == name


def test_a_setting_that_there_is_not_is_named() -> None:
    with pytest.raises(SettingNotFoundError, match="titles"):
        checked("titles", "x")


@pytest.mark.parametrize(
    "place", ["ci.example.com", "*.example.com", "10.0.0.7", "[fd00::7]", "https://h:8443/a/b", "h"]
)
def test_places_for_callbacks(place: str) -> None:
    assert checked("callback_urls", [place]) == [place]


@pytest.mark.parametrize(
    "place", ["ftp://h", "h/a", "http://", "https://u@h", "https://h/?q", "*.", "a b", "http://h:0", "*"]
)
def test_what_is_no_place_for_callbacks(place: str) -> None:
    with pytest.raises(CallbackEntryError):
        checked("callback_urls", ["good", place])


def test_a_place_for_callbacks_stands_once() -> None:
    with pytest.raises(CallbackEntryTwiceError):
        checked("callback_urls", ["a", "b", "a"])


@pytest.mark.parametrize(
    ("place", "url", "allowed"),
    [
        ("ci.example.com", "http://CI.example.com:99/x", True),
        ("ci.example.com", "http://ci.example.com.evil.org/", False),
        ("ci.example.com", "http://evil.org/ci.example.com", False),
        ("*.example.com", "https://a.b.example.com/", True),
        ("*.example.com", "https://example.com/", False),
        ("*.example.com", "https://badexample.com/", False),
        ("[fd00::7]", "http://[fd00::7]:80/", True),
        ("https://h/a", "https://h:443/a", True),
        ("https://h/a", "https://h/a/b?x", True),
        ("https://h/a/", "https://h/a/b", True),
        ("https://h/a", "https://h/ab", False),
        ("https://h/a", "https://h/a/../b", False),
        ("https://h/a", "https://h/a/%2E%2e/b", False),
        ("https://h/a", "http://h/a", False),
        ("https://h", "https://h/any", True),
        ("https://h", "https://h:8443/any", False),
        ("https://h/a", "https://other/a", False),
    ],
)
def test_callbacks_go_to_places_of_the_list_only(place: str, url: str, allowed: bool) -> None:
    assert may_call((place,), url) is allowed
    assert may_call(("nowhere", place), url) is allowed


def test_a_list_that_is_off_lets_callbacks_go_anywhere_and_an_empty_one_nowhere() -> None:
    assert may_call(None, "http://h/")
    assert not may_call((), "http://h/")
    assert may_call((), "")


def test_a_time_limit_is_held_within_what_the_scope_may_have() -> None:
    settings = PlatformSettings(max_timeout_s=10_000, scope_max_timeout_s={"biz:2": 60})
    assert (max_timeout_s(settings, DEMO), max_timeout_s(settings, SET)) == (60, 10_000)
    assert timeout_within(settings, DEMO, 60) == 60
    with pytest.raises(BadRequestError, match="60"):
        timeout_within(settings, DEMO, 61)
    assert timeout_within(settings, DEMO, None) == 60
    assert timeout_within(settings, SET, None) is None
    assert timeout_within(PlatformSettings(), SET, 259_200) == 259_200
    with pytest.raises(BadRequestError):
        timeout_within(PlatformSettings(), SET, 259_201)


def test_uploads_are_told_by_the_ends_of_their_names() -> None:
    settings = PlatformSettings(upload_allowed_suffixes=(".sh", ".tar.gz"), upload_forbidden_suffixes=(".bad.sh",))
    names = ["a.sh", "A.SH", "b.tar.gz", "b.gz", "a.bad.sh", "sh", ".sh"]
    assert [may_upload(settings, name) for name in names] == [True, True, True, False, False, False, True]
    assert may_upload(PlatformSettings(), "any")


def test_database_accounts_share_a_rule_but_for_postgresql() -> None:
    settings = PlatformSettings(account_name_database="d", account_name_postgresql="p")
    kinds = AccountType.MYSQL, AccountType.ORACLE, AccountType.DB2, AccountType.POSTGRESQL
    assert [name_rule(settings, kind) for kind in kinds] == ["d", "d", "d", "p"]
