"""The variables of a job: what they are, and which of them scripts may change."""

from enum import IntEnum

import msgspec

from jobfleet.model.target import Target


class VariableType(IntEnum):
    """Name the types of variables; the numbers are the contract's."""

    STRING = 1
    NAMESPACE = 2
    HOSTS = 3
    PASSWORD = 4
    ASSOCIATIVE = 5
    INDEXED = 6


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
