"""How an agent proves over HTTP who it is, and the text form of its key."""

import nkeys
import pytest

from jobfleet.bus import nkey
from jobfleet.bus.agent_http import WINDOW_MS, AgentProofError, host_of, sign, verify

PATH = "/api/agent/v1/content/abc"
NOW = 1_800_000_000_000
SEED = nkey.generate_user_seed()
KEY = nkey.private_key(SEED)
PUBLIC = nkey.user_text(KEY.public_key())


def test_keys_read_the_same_as_with_the_nkeys_library() -> None:
    pair = nkeys.from_seed(bytearray(SEED.encode()))
    assert pair.public_key.decode() == PUBLIC
    assert pair.sign(b"nonce") == KEY.sign(b"nonce")
    assert nkey.user_key(PUBLIC).public_bytes_raw() == KEY.public_key().public_bytes_raw()


@pytest.mark.parametrize(
    "text",
    ["", "U", PUBLIC[:-1], PUBLIC[:-1] + "!", "A" + PUBLIC[1:], SEED],
    ids=["nothing", "no-key", "too-short", "foreign-letter", "an-accounts", "a-seed"],
)
def test_a_text_that_is_no_users_public_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="nkey"):
        nkey.user_key(text)


def test_a_public_key_is_no_seed() -> None:
    with pytest.raises(ValueError, match="seed"):
        nkey.private_key(PUBLIC)


def test_a_signed_request_names_its_host() -> None:
    header = sign(KEY, 42, NOW, "GET", PATH)
    assert host_of(header) == 42
    assert verify(header, PUBLIC, NOW + WINDOW_MS, "get", PATH) == 42


@pytest.mark.parametrize("now", [NOW - WINDOW_MS - 1, NOW + WINDOW_MS + 1])
def test_a_signature_is_good_for_a_minute(now: int) -> None:
    with pytest.raises(AgentProofError, match="too old or from the future"):
        verify(sign(KEY, 42, NOW, "GET", PATH), PUBLIC, now, "GET", PATH)


@pytest.mark.parametrize(("method", "path"), [("POST", PATH), ("GET", PATH + "d"), ("GET", "/")])
def test_a_signature_is_good_for_its_request_only(method: str, path: str) -> None:
    with pytest.raises(AgentProofError, match="does not fit"):
        verify(sign(KEY, 42, NOW, "GET", PATH), PUBLIC, NOW, method, path)


def test_a_signature_of_another_agent_or_for_another_host_is_refused() -> None:
    other = nkey.private_key(nkey.generate_user_seed())
    forged = sign(KEY, 42, NOW, "GET", PATH).replace("42.", "43.", 1)
    for header in (sign(other, 42, NOW, "GET", PATH), forged):
        with pytest.raises(AgentProofError, match="does not fit"):
            verify(header, PUBLIC, NOW, "GET", PATH)


@pytest.mark.parametrize("header", ["", "1.2", "a.b.c", "1.2.*", "1.2.3.4", f"1.{NOW}.AAAAA"])
def test_a_malformed_header_is_refused(header: str) -> None:
    with pytest.raises(AgentProofError):
        verify(header, PUBLIC, NOW, "GET", PATH)


@pytest.mark.parametrize("host", ["9" * 19, "-1", "0", "1_0", " 1"])
def test_a_header_names_no_host_that_no_record_could_have(host: str) -> None:
    with pytest.raises(AgentProofError, match="malformed"):
        host_of(f"{host}.{NOW}.{'A' * 86}")
