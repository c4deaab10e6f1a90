"""How much a start or an operation on a run could break; friction grows with it."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

HIGH_HOSTS = 1_000
"""More hosts than that are much, whatever runs on them."""

MEDIUM_HOSTS = 20
"""More hosts than that are not few."""

PRIVILEGED_HOSTS = 5
"""More hosts than that are not few for an account that may do everything."""

PRIVILEGED = frozenset({"root", "administrator", "system"})
"""Names of accounts that may do everything, in lower case."""


class BlastLevel(StrEnum):
    """Say how much could break."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Reason(msgspec.Struct, frozen=True):
    """Say what a level rests on: `what` is hosts, account, production or rule; `value` says how many or which."""

    what: str
    value: str


class Blast(msgspec.Struct, frozen=True):
    """Hold a level and what it rests on; low has no reason."""

    level: BlastLevel
    reasons: Sequence[Reason]


class Friction(msgspec.Struct, frozen=True):
    """Say from how many hosts on an operation is medium, and from how many high; None: however many, never."""

    medium_from: int
    high_from: int | None


_CALMING = frozenset({"terminate", "reject", "restart_approval"})
_FORGIVING = frozenset({"ignore_error", "force_skip"})


def friction_of(operation: str) -> Friction:
    """Return how much friction an operation on a run deserves, by its name.

    Source: docs/reference/native-api.md, «The page of a run».
    """
    # What stops work never asks for a number: at such a moment nobody has time to type.
    if operation in _CALMING:
        return Friction(MEDIUM_HOSTS + 1, None)
    # What goes on as if nothing had failed is never done by one press.
    return Friction(0 if operation in _FORGIVING else MEDIUM_HOSTS + 1, HIGH_HOSTS + 1)


def blast_of(hosts: int, accounts: Sequence[str], production_hosts: int, dangers: int) -> Blast:
    """Return how much a start could break.

    Args:
        hosts: How many different hosts it runs on.
        accounts: The names of the accounts that it runs as.
        production_hosts: How many of the hosts are tagged as production.
        dangers: How many lines of its scripts are dangerous by a rule or by what everybody knows.

    Source: docs/reference/preview.md, «Blast radius».
    """
    high = [Reason("hosts", str(hosts))] if hosts > HIGH_HOSTS else []
    high += [Reason("rule", str(dangers))] if dangers else []
    if high:
        return Blast(BlastLevel.HIGH, high)
    mighty = next((name for name in accounts if name.lower() in PRIVILEGED), None)
    medium = [Reason("hosts", str(hosts))] if hosts > MEDIUM_HOSTS else []
    if mighty is not None and hosts > PRIVILEGED_HOSTS:
        medium.append(Reason("account", mighty))
    if production_hosts:
        medium.append(Reason("production", str(production_hosts)))
    return Blast(BlastLevel.MEDIUM if medium else BlastLevel.LOW, medium)
