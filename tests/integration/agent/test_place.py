"""Where a root agent puts scripts of other accounts; it takes root to be one."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobfleet.agent import account as accounts
from jobfleet.agent.account import Account
from jobfleet.agent.files import Entry, TaskFiles
from jobfleet.agent.place import directory_of, put_script
from jobfleet.agent.sql_client import put_login
from jobfleet.model.order import RunOrder

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root writes files for other accounts")

ROUNDS = 500
ATTACK = """
import os, sys
place, target = sys.argv[1:]
os.setgroups([]); os.setgid(65534); os.setuid(65534)
print("ready", flush=True)
while True:
    for name in os.listdir(place):
        script = os.path.join(place, name, "script.sh")
        try:
            os.symlink(target, script)
        except OSError:
            try:
                os.unlink(script)
                os.symlink(target, script)
            except OSError:
                pass
"""


@pytest.fixture
def public(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a temporary directory that everybody may use, as /tmp is."""
    assert tmp_path.exists()  # made before the temporary directory moves
    directory = Path(tempfile.mkdtemp(prefix="place-"))
    directory.chmod(0o1777)
    monkeypatch.setattr(tempfile, "tempdir", str(directory))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


def test_an_account_cannot_have_root_write_to_a_file_of_its_choice(
    public: Path, tmp_path: Path, other_account: str
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("as it was")
    precious.chmod(0o600)
    account = accounts.find(other_account)
    attacker = subprocess.Popen([sys.executable, "-c", ATTACK, public, precious], stdout=subprocess.PIPE)
    with attacker as attack, contextlib.ExitStack() as cleanup:
        cleanup.callback(attack.kill)
        assert attack.stdout is not None
        attack.stdout.readline()
        for number in range(ROUNDS):
            with contextlib.ExitStack() as secrets:
                script = put(TaskFiles(tmp_path), entry(number, other_account), account, secrets)
            shutil.rmtree(script.parent, ignore_errors=True)  # the attacker may still put things there
    assert (precious.read_text(), precious.stat().st_uid) == ("as it was", 0)


def test_the_script_is_its_accounts_and_nobody_elses(public: Path, tmp_path: Path, other_account: str) -> None:
    account = accounts.find(other_account)
    with contextlib.ExitStack() as secrets:
        script = put(TaskFiles(tmp_path), entry(1, other_account), account, secrets)
        assert script.parent.parent == public
        for path, mode in ((script.parent, 0o700), (script, 0o500), (script.with_name("beside"), 0o600)):
            assert (path.stat().st_uid, path.stat().st_mode & 0o777) == (account.uid, mode)


@pytest.mark.parametrize("kind", ["script", "login"])
def test_root_takes_away_its_own_file_from_a_directory_that_was_replaced(
    public: Path, tmp_path: Path, other_account: str, kind: str
) -> None:
    account, name = accounts.find(other_account), "beside" if kind == "script" else "login"
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / name).write_text("as it was")
    with contextlib.ExitStack() as secrets:
        if kind == "script":
            place = put(TaskFiles(tmp_path), entry(1, other_account), account, secrets).parent
        else:
            place = public / "jobfleet-key"
            put_login(place / name, b"secret", account, secrets)
        assert (place / name).read_bytes() == b"secret"
        moved = place.rename(public / "moved")  # as its account may, whose it is
        place.symlink_to(precious)
    assert (precious / name).read_text() == "as it was"
    assert not (moved / name).exists()


def test_what_cannot_be_taken_away_keeps_no_result_back(public: Path, tmp_path: Path, other_account: str) -> None:
    assert public.exists()
    with contextlib.ExitStack() as secrets:
        script = put(TaskFiles(tmp_path), entry(1, other_account), accounts.find(other_account), secrets)
        beside = script.with_name("beside")
        beside.unlink()
        beside.mkdir()
    assert beside.is_dir()


def put(files: TaskFiles, accepted: Entry, account: Account, secrets: contextlib.ExitStack) -> Path:
    """Put a script and a file beside it in place; return the script's path."""
    script = directory_of(files, accepted, account) / "script.sh"
    put_script(files, accepted, account, script, {script.with_name("beside"): b"secret"}, secrets)
    return script


def entry(number: int, account: str) -> Entry:
    """Return the accepted order of a task."""
    order = RunOrder(
        task_id=number,
        job_id=1,
        step_id=1,
        attempt=0,
        batch=0,
        language=1,
        content_hash="",
        content=b"echo overwritten\n",
        account=account,
        params="",
        timeout_s=60,
        output_cap_bytes=1024,
    )
    return Entry(order=order, key=f"{number:032x}", boot_id="", received_at=0)
