"""The secrets of an installation: fresh, kept, and closed to others."""

from pathlib import Path

import pytest

from jobfleet import credentials
from jobfleet.credentials import KeysFileError


def test_the_key_of_callbacks_is_the_same_after_a_restart_and_no_other_key(tmp_path: Path) -> None:
    file = tmp_path / "credentials.toml"
    keys = credentials.load_or_create(file).keys
    again = credentials.load_keys(file)
    assert keys.callback_key().private_bytes_raw() == again.callback_key().private_bytes_raw()
    assert keys.callback_key().private_bytes_raw() not in (keys.order_seed, keys.session_key, keys.master_key)


def test_the_first_start_writes_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "credentials.toml"
    credentials.load_or_create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_second_start_finds_the_same_credentials(tmp_path: Path) -> None:
    path = tmp_path / "credentials.toml"
    first = credentials.load_or_create(path)
    assert credentials.load_or_create(path) == first
    assert credentials.load_keys(path) == first.keys


def test_no_two_installations_share_anything(tmp_path: Path) -> None:
    first = credentials.load_or_create(tmp_path / "a.toml")
    second = credentials.load_or_create(tmp_path / "b.toml")
    ours = credentials.render(first).replace(" = ", "\n").splitlines()
    theirs = credentials.render(second).replace(" = ", "\n").splitlines()
    secret = [mine for mine, other in zip(ours, theirs, strict=True) if mine.startswith('"') and mine == other]
    assert secret == []


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "credentials.toml"
    path.write_text("kept")
    with pytest.raises(FileExistsError):
        credentials.write_new(path, "lost")
    assert path.read_text() == "kept"


@pytest.mark.parametrize("text", ["", "[keys]\nmaster_key = 'AAAA'", "no toml", "ключ = 1"])
def test_a_file_that_holds_no_keys_is_refused_by_its_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KeysFileError, match=r"keys\.toml"):
        credentials.load_keys(path)


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    keys = credentials.generate_keys()
    path = tmp_path / "keys.toml"
    text = credentials.render_keys(keys).splitlines()
    path.write_text("\n".join('master_key = "AAAA"' if line.startswith("master_key") else line for line in text))
    with pytest.raises(KeysFileError, match="master_key"):
        credentials.load_keys(path)


def test_secrets_do_not_show_when_printed() -> None:
    made = credentials.generate()
    shown = f"{made} {made.keys} {made.keys.bus}"
    assert made.admin_password not in shown
    assert made.keys.bus.operator_seed not in shown
