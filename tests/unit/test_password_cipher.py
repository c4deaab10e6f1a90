"""Passwords that were encrypted for one of several keys open, and nothing else does."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.encrypted import encrypted

from jobfleet.engine.password_cipher import MAX_CIPHER_CHARACTERS, generate, open_passwords

OLD, NEW, STRANGE = generate(), generate(), generate()
KEYS = [NEW[1], OLD[1]]
MANY, MOST_BY_CHANCE = 60, 5
"""Noise is a printable text, a very short one, in about one of 400 cases."""


@settings(max_examples=40)
@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=4, max_size=60))
def test_what_is_encrypted_for_any_of_the_keys_opens(password: str) -> None:
    written = [encrypted(key, password.encode()) for key in (OLD, NEW)]
    assert open_passwords(KEYS, written) == [password, password]
    assert all(len(text) == MAX_CIPHER_CHARACTERS for text in written)


def test_what_is_encrypted_for_a_strange_key_does_not_open() -> None:
    opened = open_passwords(KEYS, [encrypted(STRANGE, b"correct horse") for _ in range(MANY)])
    assert "correct horse" not in opened
    assert opened.count(None) >= MANY - MOST_BY_CHANCE


def test_changed_ciphertexts_do_not_open() -> None:
    sound = bytearray(base64.b64decode(encrypted(NEW, b"correct horse")))
    changed = []
    for place in range(MANY):
        sound[place + 1] ^= 1
        changed.append(base64.b64encode(sound).decode())
    opened = open_passwords(KEYS, changed)
    assert opened.count(None) >= MANY - MOST_BY_CHANCE


@pytest.mark.parametrize("clear", [b"", b"\xff\xfe\xfd\xfc", b"line\nline", b"nul\x00nul"])
def test_what_is_no_printable_text_does_not_open(clear: bytes) -> None:
    written = [encrypted(NEW, clear) for _ in range(MANY)]
    assert open_passwords([NEW[1]], written) == [None] * MANY


def test_what_is_no_ciphertext_at_all_does_not_open() -> None:
    short, long = base64.b64encode(bytes(255)).decode(), base64.b64encode(b"\xff" * 256).decode()
    opened = open_passwords(KEYS, ["", "%%%", short, long, "YQ=="])
    assert not {text for text in opened if text and len(text) > 2}
    assert open_passwords([], ["YQ=="]) == [None]
