"""Scripts that are kept, their versions, and which state of a version may follow which."""

import re
from collections.abc import Mapping
from enum import IntEnum

import msgspec

from jobfleet.model.errors import IllegalParameterError
from jobfleet.model.resource_errors import IllegalScriptNameError
from jobfleet.model.scope import Scope
from jobfleet.model.script import MAX_SCRIPT_BYTES, Language

MAX_NAME_CHARACTERS = 60
MAX_VERSION_CHARACTERS = 60
MAX_DESCRIPTION_CHARACTERS = 1_000
MAX_PAGE = 1_000
"""Most scripts of one page of a list."""

MAX_PAGE_BYTES = 64 << 20
"""Most contents of one page of a list, all together."""

_NAME = re.compile(r'[^\\/:*<>"?|\x00-\x1f\x7f]+')
_VERSION = re.compile(r"[A-Za-z0-9_\-#@.]+")


class VersionState(IntEnum):
    """Name the states of a script's version; the numbers are the contract's.

    Source: docs/reference/scripts.md, «Versions».
    """

    DRAFT = 0
    ONLINE = 1
    OFFLINE = 2
    DISABLED = 3


TRANSITIONS: Mapping[VersionState, frozenset[VersionState]] = {
    VersionState.DRAFT: frozenset({VersionState.ONLINE}),
    VersionState.ONLINE: frozenset({VersionState.OFFLINE, VersionState.DISABLED}),
    VersionState.OFFLINE: frozenset({VersionState.ONLINE, VersionState.DISABLED}),
    VersionState.DISABLED: frozenset(),
}
"""Which state of a version may follow which."""

EXECUTABLE = frozenset({VersionState.ONLINE, VersionState.OFFLINE})
"""States of a version that a single script job may run."""


class Script(msgspec.Struct, frozen=True):
    """Describe a script that is kept; `scope` None means a public one, for everybody. Times are epoch milliseconds.

    `online_version_id` and `online_version` name the version that is online, None and "" without one.
    """

    id: str
    scope: Scope | None
    name: str
    language: int
    description: str
    creator: str
    created_at: int
    modifier: str
    modified_at: int
    online_version_id: int | None = None
    online_version: str = ""


class ScriptVersion(msgspec.Struct, frozen=True):
    """Describe a version of a script; `content` is None where it was not asked for. Times are epoch milliseconds."""

    id: int
    script_id: str
    version: str
    state: VersionState
    description: str
    creator: str
    created_at: int
    modifier: str
    modified_at: int
    content: bytes | None = None


class NewVersion(msgspec.Struct, frozen=True):
    """Ask for a version, or for a draft to become this."""

    version: str
    content: bytes
    description: str = ""


class VersionChange(msgspec.Struct, frozen=True):
    """Ask for a change of a draft; what is None stays as it is."""

    content: bytes
    version: str | None = None
    description: str | None = None


class NewScript(msgspec.Struct, frozen=True):
    """Ask for a script with its first version; `scope` None makes a public one."""

    scope: Scope | None
    name: str
    language: int
    first: NewVersion
    description: str = ""


class ScriptFilter(msgspec.Struct, frozen=True):
    """Narrow a list of scripts; `name` is a part of the name, or with `exact` all of it; None and "" mean any.

    `tag_id` names a tag that they have.
    """

    name: str = ""
    exact: bool = False
    language: int | None = None
    online_only: bool = False
    tag_id: int | None = None


def sources(wanted: VersionState) -> frozenset[VersionState]:
    """Return the states from which a version may come into one."""
    return frozenset(state for state, following in TRANSITIONS.items() if wanted in following)


def check_script(new: NewScript) -> None:
    """Do nothing when a new script may be kept.

    Raises:
        IllegalScriptNameError, IllegalParameterError: A value is none; see `check_name` and `check_version`.
    """
    check_name(new.name, new.description)
    if new.language not in set(Language):
        raise IllegalParameterError("language", "is no valid value")
    check_version(new.first)


def check_name(name: str, description: str) -> None:
    """Do nothing when a script may be called and described so.

    Raises:
        IllegalScriptNameError: The name holds a character that no name may hold.
        IllegalParameterError: The name is empty or too long, or the description too long.
    """
    if not name.strip():
        raise IllegalParameterError("name", "is missing or empty")
    if len(name) > MAX_NAME_CHARACTERS:
        raise IllegalParameterError("name", f"is longer than {MAX_NAME_CHARACTERS} characters")
    if not _NAME.fullmatch(name):
        raise IllegalScriptNameError(name)
    _check_description(description)


def check_version(new: NewVersion) -> None:
    """Do nothing when a version may be kept.

    Raises:
        IllegalParameterError: Its name, its content (empty or too large) or its description.
    """
    if len(new.version) > MAX_VERSION_CHARACTERS or not _VERSION.fullmatch(new.version):
        raise IllegalParameterError("version", f"is not 1 to {MAX_VERSION_CHARACTERS} letters, digits and _-#@.")
    if not new.content:
        raise IllegalParameterError("content", "is missing or empty")
    if len(new.content) > MAX_SCRIPT_BYTES:
        raise IllegalParameterError("content", f"is larger than {MAX_SCRIPT_BYTES} bytes")
    _check_description(new.description)


def _check_description(description: str) -> None:
    if len(description) > MAX_DESCRIPTION_CHARACTERS:
        raise IllegalParameterError("description", f"is longer than {MAX_DESCRIPTION_CHARACTERS} characters")
    if "\x00" in description:
        raise IllegalParameterError("description", "holds characters that no text may hold")
