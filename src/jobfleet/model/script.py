"""What a script step runs, and the limits on it."""

from enum import IntEnum

import msgspec

MAX_SCRIPT_BYTES = 16_777_215
MAX_PARAM_BYTES = 65_535
MAX_SENSITIVE_PARAM_BYTES = 48_128
MAX_INTERPRETER_CHARACTERS = 260
MAX_NAME_CHARACTERS = 512
DEFAULT_TIMEOUT_S = 7_200
MIN_TIMEOUT_S = 1
MAX_TIMEOUT_S = 259_200
"""What a step may take unless the platform is set to something else."""

HIGHEST_TIMEOUT_S = 2_592_000
"""What the platform may be set to at the most."""


class Language(IntEnum):
    """Name the script languages; the numbers are the contract's."""

    SHELL = 1
    BAT = 2
    PERL = 3
    PYTHON = 4
    POWERSHELL = 5
    SQL = 6


class ScriptSpec(msgspec.Struct, frozen=True, tag="script"):
    """Say what a step runs: content by its SHA-256, parameters, account and time limit.

    `params` is sealed (encrypted) when `sensitive`; a plain text otherwise. `account` is the OS account's name.
    `script_id` and `script_version_id` name the kept script that the content is from, "" and None without one.
    """

    language: int
    content_hash: str
    content_bytes: int
    params: str
    sensitive: bool
    account: str
    account_id: int
    account_alias: str
    timeout_s: int
    interpreter: str = ""
    script_id: str = ""
    script_version_id: int | None = None
    public: bool = False
