"""How a step is cut into batches: the rolling expression and what it means for a number of targets."""

import re
from collections.abc import Iterator
from enum import IntEnum
from itertools import accumulate

import msgspec

from jobfleet.model.job_errors import IllegalRollingExpressionError, TooManyBatchesError

MAX_BATCHES = 500
MAX_PARALLEL_BATCHES = 200
MAX_WAIT_MS = 3_600_000
MAX_EXPRESSION_CHARACTERS = 4_096

_PART = re.compile(r"([+*]?)([1-9]\d{0,8})|([1-9]\d?|100)%")


class RollingMode(IntEnum):
    """Say what happens between batches; the numbers are the contract's."""

    PAUSE_ON_FAILURE = 1
    IGNORE_FAILURES = 2
    ASK_EACH_TIME = 3


class Part(msgspec.Struct, frozen=True):
    """Hold one part of an expression: `kind` is "%", "", "+" or "*", `number` what stands beside it."""

    kind: str
    number: int

    def size(self, total: int, before: int | None) -> int:
        """Return the size of a batch of `total` targets after one of size `before` (None for the first)."""
        match self.kind:
            case "%":
                return -(-total * self.number // 100)
            case "+" if before is not None:
                return before + self.number
            case "*" if before is not None:
                return before * self.number
        return self.number


def parse(expression: str) -> tuple[Part, ...]:
    """Return the parts of a rolling expression, such as `1 +2 50%`.

    Raises:
        IllegalRollingExpressionError: A part is none of N, N%, +N, *N, or they are not parted by one blank, or there
            are more than MAX_EXPRESSION_CHARACTERS.

    Source: docs/reference/rolling.md, «Expression».
    """
    if len(expression) > MAX_EXPRESSION_CHARACTERS:  # it is read anew for each batch
        raise IllegalRollingExpressionError(f"{expression[:50]}…")
    return tuple(_part(expression, text) for text in expression.split(" "))


def _part(expression: str, text: str) -> Part:
    found = _PART.fullmatch(text)
    if found is None:
        raise IllegalRollingExpressionError(expression)
    return Part("%", int(found[3])) if found[3] else Part(found[1], int(found[2]))


def batch_sizes(expression: str, total: int, most: int = MAX_BATCHES) -> list[int]:
    """Return the sizes of the batches of `total` targets; the last part repeats, the last batch takes the rest.

    Raises:
        IllegalRollingExpressionError: The expression cannot be read.
        TooManyBatchesError: There would be more than `most` batches.
    """
    sizes: list[int] = []
    left = total
    for size in _endless(parse(expression), total):
        if left <= 0:
            return sizes
        if len(sizes) == most:
            raise TooManyBatchesError(most)
        sizes.append(min(size, left))
        left -= size
    return sizes


def _endless(parts: tuple[Part, ...], total: int) -> Iterator[int]:
    size: int | None = None
    for part in parts:
        size = part.size(total, size)
        yield size
    while True:
        size = parts[-1].size(total, size)
        yield size


class Rolling(msgspec.Struct, frozen=True):
    """Say how a step rolls.

    `parallel` batches start by the clock: each `wait_fixed_ms` plus a random time between the two bounds after the
    one before; others start when the one before is done, as `mode` says.

    A step that rolls `by_source` has no expression: a batch is what some source hosts send to all targets, at most
    `most_hosts` hosts and of each `most_files` files; 0 is any number.
    """

    expression: str
    mode: int = RollingMode.PAUSE_ON_FAILURE
    parallel: bool = False
    wait_fixed_ms: int = 0
    wait_random_min_ms: int = 0
    wait_random_max_ms: int = 0
    by_source: bool = False
    most_hosts: int = 0
    most_files: int = 0


def batch_starts(sizes: list[int]) -> list[int]:
    """Return the ordinal of the first target of each batch."""
    return list(accumulate(sizes, initial=0))[:-1]
