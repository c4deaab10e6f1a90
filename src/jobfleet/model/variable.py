"""The variables of a job: what they are, and which of them scripts may change."""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum

import msgspec

from jobfleet.model.arrays import MalformedArrayError, parse_array, render_array
from jobfleet.model.errors import IllegalParameterReasonError
from jobfleet.model.target import Target

MAX_VALUE_BYTES = 64 * 1024
"""Most bytes of one value, as UTF-8; a list of hosts may be longer."""

MAX_VALUES_BYTES = 256 * 1024
"""Most bytes of all values of a job together, without lists of hosts; and of all that one task leaves."""

MAX_TROUBLE = 20
"""Most reasons that are told of values that are not kept; a host that sends more loses what follows."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OF_THE_SHELL = frozenset({"BASHOPTS", "BASHPID", "BASH_VERSINFO", "EUID", "PPID", "SHELLOPTS", "UID", "_"})
"""Names that no script can set."""


class VariableType(IntEnum):
    """Name the types of variables; the numbers are the contract's."""

    STRING = 1
    NAMESPACE = 2
    HOSTS = 3
    PASSWORD = 4
    ASSOCIATIVE = 5
    INDEXED = 6


ARRAYS = frozenset({VariableType.ASSOCIATIVE, VariableType.INDEXED})


class JobVariable(msgspec.Struct, frozen=True):
    """Give a variable of a job its first value.

    `id` is the plan's for it. `value` is in clear, here only: the record keeps it sealed. `targets` are the hosts of
    a host list. `changeable` says whether what scripts make of the value is carried on to the next step; a
    namespace's always is.
    """

    id: int
    name: str
    type: VariableType
    value: str = ""
    changeable: bool = True
    targets: tuple[Target, ...] = ()

    @property
    def is_left_by_scripts(self) -> bool:
        """Tell whether what scripts make of the value counts."""
        if self.type is VariableType.NAMESPACE:
            return True
        return self.changeable and self.type is not VariableType.HOSTS

    @property
    def text(self) -> str:
        """Return the value; of a host list its hosts as scripts see them."""
        return self.value or hosts_text(self.targets)


def hosts_text(targets: Iterable[Target]) -> str:
    """Return hosts as scripts see them: «cloud:ip,cloud:ip»."""
    return ",".join(map(host_text, targets))


def host_text(target: Target) -> str:
    """Return a host as scripts see it: «cloud:ip»."""
    return f"{target.cloud_id}:{target.ip or target.ipv6 or ''}"


def check_variables(variables: Sequence[JobVariable]) -> None:
    """Do nothing when a job can have these variables.

    Raises:
        IllegalParameterReasonError: One of them cannot be; it is named.

    Source: docs/reference/variables.md, «Limits».
    """
    names: set[str] = set()
    for one in variables:
        if reason := _trouble(one, names):
            raise IllegalParameterReasonError(f"variable {one.name}", reason)
        names.add(one.name)
    texts = (one.value for one in variables if one.type is not VariableType.HOSTS)
    if sum(len(text.encode()) for text in texts) > MAX_VALUES_BYTES:
        raise IllegalParameterReasonError("variables", f"their values are longer than {MAX_VALUES_BYTES} bytes")


def _trouble(one: JobVariable, names: set[str]) -> str:
    if not _NAME.fullmatch(one.name):
        return "a name holds letters, digits and _ only, and begins with no digit"
    if one.name in _OF_THE_SHELL:
        return "the shell has this name for itself"
    if one.name in names:
        return "there are two of this name"
    return value_trouble(one.type, one.value)


def value_trouble(kind: VariableType, value: str) -> str:
    """Return why a variable of a type cannot have a value, "" when it can."""
    if kind is not VariableType.HOSTS and len(value.encode(errors="surrogatepass")) > MAX_VALUE_BYTES:
        return f"its value is longer than {MAX_VALUE_BYTES} bytes"
    if "\0" in value or not _is_text(value):
        return "its value holds characters that no text may hold"
    try:
        array_of(kind, value)
    except MalformedArrayError as error:
        return f"its value is no array: {error}"
    return ""


def acceptable(left: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return those values of a task that are within the limits, and why others are not kept."""
    kept: dict[str, str] = {}
    trouble: list[str] = []
    room = MAX_VALUES_BYTES
    for name, value in left.items():
        size = len(name.encode()) + len(value.encode())
        reason = value_trouble(VariableType.STRING, value) or ("all are too long together" if size > room else "")
        if reason or not _NAME.fullmatch(name):
            if len(trouble) == MAX_TROUBLE:
                break
            trouble.append(f"variable {name[:64]!a} is not kept: {reason or 'it cannot have this name'}")
        else:
            kept[name], room = value, room - size
    return kept, trouble


def overlaid(variables: Sequence[JobVariable], left: Mapping[str, str]) -> list[JobVariable]:
    """Return variables with the values that a step left, of those that steps may change for all hosts alike."""
    return [
        msgspec.structs.replace(one, value=left[one.name])
        if one.name in left and one.is_left_by_scripts and one.type is not VariableType.NAMESPACE
        else one
        for one in variables
    ]


def array_of(kind: VariableType, value: str) -> dict[str, str]:
    """Return the elements of an array's value by key or index; nothing for other types.

    Raises:
        MalformedArrayError: The value is no array literal.
    """
    return parse_array(value, associative=kind is VariableType.ASSOCIATIVE) if kind in ARRAYS else {}


def same_value(kind: VariableType, one: str, other: str) -> bool:
    """Tell whether two values of a type are the same, however they are written."""
    if kind in ARRAYS:
        return array_of(kind, one) == array_of(kind, other)
    return one == other


def canonical(kind: VariableType, value: str) -> str:
    """Return a value as it is kept: arrays with every element quoted.

    Raises:
        MalformedArrayError: The value is no array literal.
    """
    if kind not in ARRAYS:
        return value
    return render_array(array_of(kind, value), associative=kind is VariableType.ASSOCIATIVE)


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
