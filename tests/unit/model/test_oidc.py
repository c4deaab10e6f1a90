"""What is believed of an identity provider's word."""

from typing import Any

import pytest

from jobfleet.model.caller import Role
from jobfleet.model.errors import UnauthenticatedError
from jobfleet.model.oidc import (
    ATTEMPT_LIFE_MS,
    LEEWAY_S,
    GroupRole,
    Provider,
    check_attempt,
    check_claims,
    identity_of,
    new_attempt,
    read_group_role,
    roles_of,
    safe_return,
)
from jobfleet.model.scope import Scope, ScopeType

NOW_S = 1_800_000_000
PROVIDER = Provider("https://id.test", "jobfleet")
GOOD = {
    "iss": "https://id.test",
    "aud": "jobfleet",
    "sub": "4711",
    "exp": NOW_S + 600,
    "iat": NOW_S,
    "nonce": "n",
    "preferred_username": "ann",
    "groups": ["ops", 7],
}
BIZ = Scope(ScopeType.BUSINESS, 2)


def test_good_claims_name_a_user_with_groups() -> None:
    subject = check_claims(GOOD, PROVIDER, "n", NOW_S)
    identity = identity_of(GOOD, PROVIDER, subject)
    assert (identity.subject, identity.username, identity.groups) == ("4711", "ann", ("ops",))


@pytest.mark.parametrize(
    "change",
    [
        {"exp": NOW_S - LEEWAY_S},
        {"exp": None},
        {"exp": "never"},
        {"iat": NOW_S + LEEWAY_S + 1},
        {"nbf": NOW_S + LEEWAY_S + 1},
        {"nonce": "m"},
        {"nonce": None},
        {"azp": "somebody"},
        {"aud": ["jobfleet", "somebody"]},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
    ],
)
def test_claims_of_another_sign_in_time_or_client_are_not_believed(change: dict[str, Any]) -> None:
    with pytest.raises(UnauthenticatedError):
        check_claims({**GOOD, **change}, PROVIDER, "n", NOW_S)


def test_several_audiences_are_fine_when_the_token_was_made_for_us() -> None:
    assert check_claims({**GOOD, "aud": ["x", "jobfleet"], "azp": "jobfleet"}, PROVIDER, "n", NOW_S) == "4711"
    assert check_claims({**GOOD, "exp": NOW_S - LEEWAY_S + 1}, PROVIDER, "n", NOW_S) == "4711"


@pytest.mark.parametrize("username", [None, "", "a b", "x" * 65, "a\x00b", 7])
def test_a_name_that_is_none_makes_nobody(username: object) -> None:
    with pytest.raises(UnauthenticatedError):
        identity_of({**GOOD, "preferred_username": username}, PROVIDER, "4711")


def test_an_answer_belongs_to_the_attempt_with_its_state_and_not_for_ever() -> None:
    attempt = new_attempt("/", 1000)
    check_attempt(attempt, attempt.state, 1000 + ATTEMPT_LIFE_MS - 1)
    for state, now in (("other", 1000), ("", 1000), (attempt.state, 1000 + ATTEMPT_LIFE_MS)):
        with pytest.raises(UnauthenticatedError):
            check_attempt(attempt, state, now)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/S/runs/7?x=1#L2", "/S/runs/7?x=1#L2"),
        ("", "/"),
        ("runs", "/"),
        ("//elsewhere.test", "/"),
        ("/\\elsewhere.test", "/"),
        ("/a\\..\\b", "/"),
        ("https://elsewhere.test/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\n//elsewhere.test", "/"),
        ("/\t/elsewhere.test", "/"),
        (" //elsewhere.test", "/"),
        ("/" + "x" * 2000, "/"),
    ],
)
def test_signing_in_goes_on_to_a_path_of_our_own(text: str, path: str) -> None:
    assert safe_return(text) == path


def test_groups_give_the_highest_of_their_roles_in_each_scope() -> None:
    mapping = [read_group_role(text) for text in ("ops=viewer@biz:2", "dba=editor@biz:2", "boss=admin@platform")]
    assert mapping[0] == GroupRole("ops", Role.VIEWER, BIZ)
    assert roles_of(["ops", "dba"], mapping) == {BIZ: Role.EDITOR}
    assert roles_of(["boss"], mapping) == {None: Role.ADMIN}
    assert roles_of(["else"], mapping) == {}


@pytest.mark.parametrize("text", ["", "ops", "ops=viewer", "ops=root@biz:2", "ops=viewer@biz:0", "=viewer@biz:2"])
def test_what_gives_no_group_a_role_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="GROUP=ROLE@SCOPE"):
        read_group_role(text)
