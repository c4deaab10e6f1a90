"""The rules of kept scripts."""

import pytest

from jobfleet.model.errors import IllegalParameterError
from jobfleet.model.resource_errors import IllegalScriptNameError
from jobfleet.model.script import MAX_SCRIPT_BYTES
from jobfleet.model.script_version import (
    EXECUTABLE,
    TRANSITIONS,
    NewVersion,
    VersionState,
    check_name,
    check_version,
    sources,
)

DRAFT, ONLINE, OFFLINE, DISABLED = VersionState


def test_a_version_goes_from_draft_to_online_and_offline_and_ends_disabled() -> None:
    assert {(state, following) for state in VersionState for following in TRANSITIONS[state]} == {
        (DRAFT, ONLINE),
        (ONLINE, OFFLINE),
        (OFFLINE, ONLINE),
        (ONLINE, DISABLED),
        (OFFLINE, DISABLED),
    }
    assert sources(ONLINE) == {DRAFT, OFFLINE}
    assert sources(DRAFT) == frozenset()


def test_a_version_runs_while_it_is_online_or_offline() -> None:
    assert {ONLINE, OFFLINE} == EXECUTABLE


@pytest.mark.parametrize("character", ["\\", "/", ":", "*", "<", ">", '"', "?", "|", "\x00", "\n"])
def test_a_name_with_a_forbidden_character_is_refused(character: str) -> None:
    with pytest.raises(IllegalScriptNameError):
        check_name(f"a{character}b", "")


def test_names_versions_and_descriptions_have_limits() -> None:
    check_name("名" * 60, "d" * 1_000)
    check_version(NewVersion("v" * 60, b"x"))
    check_version(NewVersion("1.0_rc-2#a@b", b"x" * MAX_SCRIPT_BYTES))
    for name, description in (("n" * 61, ""), ("", ""), ("  ", ""), ("n", "d" * 1_001)):
        with pytest.raises(IllegalParameterError):
            check_name(name, description)
    for version, content in (("v" * 61, b"x"), ("", b"x"), ("1 0", b"x"), ("1\n", b"x"), ("版", b"x"), ("1", b"")):
        with pytest.raises(IllegalParameterError):
            check_version(NewVersion(version, content))
    with pytest.raises(IllegalParameterError):
        check_version(NewVersion("1", b"x" * (MAX_SCRIPT_BYTES + 1)))
