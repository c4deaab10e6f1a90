#!/usr/bin/env python3
"""A container runtime small enough to be in a test suite: real namespaces, the words of docker's command line.

It stands for a third party's program where none is installed. A container is a process in pid, mount and UTS
namespaces of its own, below a root of its own into which the host's programs are mounted. State: $LITTLE_HOME.

    run --name NAME [--label K=V]... -- COMMAND...    ps -q --no-trunc    container inspect ID...
    exec [-i] [--user=NAME] -- ID COMMAND...          rm ID
"""

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

HOME = Path(os.environ["LITTLE_HOME"])
STARTS_WITHIN_S = 30.0
ACCOUNTS = "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/tmp:/bin/sh\n"
BEGIN = """
set -e
mount --make-rprivate /
for one in bin sbin lib lib64 usr; do
    if [ -L "/$one" ]; then ln -s "$(readlink "/$one")" "$1/$one"
    elif [ -d "/$one" ]; then mkdir -p "$1/$one"; mount --rbind "/$one" "$1/$one"; fi
done
mount -t proc proc "$1/proc"
mount -t tmpfs tmpfs "$1/dev"
for one in null zero urandom; do touch "$1/dev/$one"; mount --bind "/dev/$one" "$1/dev/$one"; done
hostname "$2"
root=$1; shift 2
exec chroot "$root" "$@"
"""


def fail(message: str, code: int = 125) -> NoReturn:
    sys.stderr.write(f"Error: {message}\n")
    sys.exit(code)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def states() -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in HOME.glob("*.json"):
        with contextlib.suppress(FileNotFoundError):  # it is removed at this moment
            yield path, json.loads(path.read_text())


def find(name: str) -> tuple[Path, dict[str, Any]]:
    for path, state in states():
        if name in (state["Id"], state["Name"]):
            return path, state
    fail(f"No such container: {name}")


def runs(state: dict[str, Any]) -> bool:
    try:
        return Path(f"/proc/{state['Pid']}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (OSError, IndexError):
        return False


def run(arguments: list[str]) -> None:
    at = arguments.index("--")
    flags, command = arguments[:at], arguments[at + 1 :]
    named = dict(zip(flags[::2], flags[1::2], strict=True))
    labels = dict(flags[i + 1].split("=", 1) for i in range(0, len(flags), 2) if flags[i] == "--label")
    uid = secrets.token_hex(32)
    root = HOME / uid
    for directory in ("etc", "proc", "dev", "root", "tmp"):
        (root / directory).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    (root / "etc/passwd").write_text(ACCOUNTS)
    (root / "etc/group").write_text("root:x:0:\napp:x:1000:\n")
    begin = ["/bin/sh", "-c", BEGIN, "sh", str(root), named["--name"], *command]
    outer = subprocess.Popen(
        ["unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child", *begin],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        start_new_session=True,
    )
    state = {"Id": uid, "Name": named["--name"], "Pid": first_process(outer.pid, root), "Labels": labels}
    fresh = HOME / f"{uid}.new"
    fresh.write_text(json.dumps(state))
    fresh.rename(HOME / f"{uid}.json")  # at once: whoever lists containers meanwhile sees the whole state or none
    say(uid)


def first_process(outer: int, root: Path) -> int:
    """Return the container's first process, once it has its root."""
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        children = Path(f"/proc/{outer}/task/{outer}/children").read_text().split()
        if children and Path(f"/proc/{children[0]}/root").resolve() == root.resolve():
            return int(children[0])
        time.sleep(0.01)
    fail("the container did not start")


def execute(arguments: list[str]) -> None:
    at = arguments.index("--")
    flags, (name, *command) = arguments[:at], arguments[at + 1 :]
    _, state = find(name)
    if not runs(state):
        fail(f"container {name} is not running")
    user = next((one.removeprefix("--user=") for one in flags if one.startswith("--user=")), "root")
    entry = next((line.split(":") for line in ACCOUNTS.splitlines() if line.split(":")[0] == user), None)
    if entry is None:
        fail(f"unable to find user {user}: no matching entries in passwd file", 126)
    pid = state["Pid"]
    identity = ["--setuid", entry[2], "--setgid", entry[3]]
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": entry[5]}
    enter = [
        "nsenter",
        "--target",
        str(pid),
        "--mount",
        "--uts",
        "--pid",
        f"--root=/proc/{pid}/root",
        f"--wd=/proc/{pid}/root",
    ]
    stdin = None if "-i" in flags else subprocess.DEVNULL
    # In a session of its own: like a daemon's child, it outlives whoever asked for it.
    inner = subprocess.Popen([*enter, *identity, "--", *command], stdin=stdin, env=environment, start_new_session=True)
    code = inner.wait()
    sys.exit(code if code >= 0 else 128 - code)


def inspect(names: list[str]) -> None:
    found = []
    for name in names:
        _, state = find(name)
        shown = {"State": {"Running": runs(state), "Pid": state["Pid"]}, "Config": {"Labels": state["Labels"]}}
        found.append({"Id": state["Id"], "Name": "/" + state["Name"]} | shown)
    say(json.dumps(found))


def remove(name: str) -> None:
    path, state = find(name)
    path.unlink()
    with contextlib.suppress(ProcessLookupError):
        os.kill(state["Pid"], signal.SIGKILL)
    shutil.rmtree(HOME / state["Id"], ignore_errors=True)


def main(arguments: list[str]) -> None:
    match arguments:
        case ["run", *rest]:
            run(rest)
        case ["ps", *_]:
            say("\n".join(state["Id"] for _, state in states() if runs(state)))
        case ["container", "inspect", *names]:
            inspect(names)
        case ["exec", *rest]:
            execute(rest)
        case ["rm", name]:
            remove(name)
        case _:
            fail(f"unknown command {arguments}")


if __name__ == "__main__":
    main(sys.argv[1:])
