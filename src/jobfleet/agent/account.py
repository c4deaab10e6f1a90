"""As whom a script runs: the named account when the agent is root, the agent's own account otherwise."""

import os
import pwd
from pathlib import Path

import msgspec

from jobfleet.model.outcome import ErrorCode

USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_INHERITED = ("LANG", "LC_ALL", "LC_CTYPE", "TZ")


class AccountError(Exception):
    """Say why a script cannot run as its account; `error_code` is model.outcome.ErrorCode's."""

    def __init__(self, message: str, error_code: ErrorCode) -> None:
        super().__init__(message)
        self.error_code = error_code


class Account(msgspec.Struct, frozen=True):
    """An account of this host; `is_own` when it is the one that the agent runs as."""

    name: str
    uid: int
    gid: int
    groups: list[int]
    home: str
    shell: str
    is_own: bool

    @property
    def working_directory(self) -> str:
        """Return the account's home, or / when it has none."""
        return self.home if Path(self.home).is_dir() else "/"


def find(name: str) -> Account:
    """Return the account that a script is to run as.

    Raises:
        AccountError: The account does not exist (122), or the agent may not become it (105).

    Source: docs/reference/scripts.md, «Account».
    """
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise AccountError(f"account {name!r} does not exist on this host", ErrorCode.ACCOUNT_MISSING) from None
    is_own = entry.pw_uid == os.geteuid()
    if not is_own and os.geteuid() != 0:
        message = f"the agent runs as {own_name()!r} and not as root, so it cannot run scripts as {name!r}"
        raise AccountError(message, ErrorCode.CANNOT_START)
    return Account(
        name=entry.pw_name,
        uid=entry.pw_uid,
        gid=entry.pw_gid,
        groups=os.getgrouplist(entry.pw_name, entry.pw_gid),
        home=entry.pw_dir,
        shell=entry.pw_shell,
        is_own=is_own,
    )


def own_name() -> str:
    """Return the name of the account that the agent runs as, or its number when it has none."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def environment(account: Account, task_id: int, key: str) -> dict[str, str]:
    """Return the environment of a script; `key` marks its processes so that a kill finds them all."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return inherited | {
        "HOME": account.home,
        "USER": account.name,
        "LOGNAME": account.name,
        "SHELL": account.shell or "/bin/sh",
        "PATH": search_path(account),
        "JOBFLEET_TASK": str(task_id),
        "JOBFLEET_KEY": key,
    }


def search_path(account: Account) -> str:
    """Return the account's search path: the agent's own for its own account, the usual one for others."""
    return os.environ.get("PATH", USUAL_PATH) if account.is_own else USUAL_PATH
