"""Read what a script left of its variables: written by its account, so nothing in it is trusted."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from jobfleet.agent.wrapper import END
from jobfleet.model.arrays import render_array
from jobfleet.model.order import ScriptVariable
from jobfleet.model.variable import (
    ARRAYS,
    MAX_VALUES_BYTES,
    VariableType,
    same_value,
    value_trouble,
)

MAX_FILE_BYTES = 4 * MAX_VALUES_BYTES
"""Most bytes that are read at all."""


class Left(msgspec.Struct, frozen=True):
    """Hold the values that changed, and what is wrong with those that are not kept."""

    values: dict[str, str]
    trouble: tuple[str, ...] = ()


def read_left(path: Path, given: Sequence[ScriptVariable]) -> Left:
    """Return what of the given variables a script changed; nothing when there is no such file, or only half of it."""
    try:
        data = _read(path)
    except OSError:
        return Left({})
    if len(data) > MAX_FILE_BYTES:
        return Left({}, (f"its variables are longer than {MAX_FILE_BYTES} bytes; none is kept",))
    return parse_left(data, given)


def parse_left(data: bytes, given: Sequence[ScriptVariable]) -> Left:
    """Return what of the given variables a script changed, from what its wrapper wrote."""
    if not data.endswith(END):
        return Left({})
    kept = {one.name: one for one in given if one.is_kept}
    values: dict[str, str] = {}
    trouble: list[str] = []
    room = MAX_VALUES_BYTES
    for name, is_array, parts in _entries(data[: -len(END)].split(b"\0")):
        if (one := kept.get(name)) is None or is_array is not (one.kind in ARRAYS):
            continue
        value, reason = _value(one, parts)
        if not reason and same_value(one.kind, value, one.value):
            continue
        if not reason and len(value.encode()) > room:
            reason = f"the values of all variables are longer than {MAX_VALUES_BYTES} bytes"
        if reason:
            trouble.append(f"variable {name} is not kept: {reason}")
        else:
            values[name] = value
            room -= len(value.encode())
    return Left(values, tuple(trouble))


def _entries(parts: list[bytes]) -> Iterator[tuple[str, bool, list[bytes]]]:
    """Yield (name, whether it is an array, parts) of what was written: «name s value» or «name a count key value …»."""
    position = 0
    while position + 2 < len(parts):
        name, kind, first = parts[position : position + 3]
        begin, count = (position + 2, 1) if kind == b"s" else (position + 3, 2 * _number(first))
        position = begin + count
        if kind not in {b"s", b"a"} or position > len(parts):
            return
        yield name.decode(errors="replace"), kind == b"a", parts[begin:position]


def _number(text: bytes) -> int:
    return int(text) if text.isdigit() and len(text) < 8 else MAX_FILE_BYTES


def _value(one: ScriptVariable, parts: list[bytes]) -> tuple[str, str]:
    """Return the value of a variable, and what is wrong with it."""
    try:
        texts = [part.decode() for part in parts]
    except UnicodeDecodeError:
        return "", "its value is not UTF-8 text"
    if one.kind in ARRAYS:
        items = list(zip(texts[::2], texts[1::2], strict=False))
        is_associative = one.kind is VariableType.ASSOCIATIVE
        value = render_array(dict(sorted(items) if is_associative else items), associative=is_associative)
    else:
        value = texts[0]
    return value, value_trouble(one.kind, value)


def _read(path: Path) -> bytes:
    """Return the beginning of a regular file that its account may have replaced by anything."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return b""
        return file.read(MAX_FILE_BYTES + 1)
