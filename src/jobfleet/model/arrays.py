"""Read and write the array literals of bash as data: nothing in them is ever expanded or run."""

import re
from collections.abc import Mapping
from itertools import count

MAX_INDEX = 1_000_000
"""The highest index of an indexed array."""

_DOUBLE = r'"(?:[^"\\$`\x00]|\\.)*+"'
_SINGLE = r"'[^'\x00]*+'"
_ANSI = r"\$'(?:[^'\\\x00]|\\.)*+'"
_BARE = r"(?:[^ \"'`$\\()<>;&|*?\[\]{}~#!\x00-\x1f]|\\[^\n\x00]|(?<=[^ \t\n(\[:=])[~#])"
"""A tilde expands and a # begins a comment only where a word begins; bash writes `[0~]` itself."""
_PART = re.compile(f"({_DOUBLE})|({_SINGLE})|({_ANSI})|({_BARE}+)", re.DOTALL)
_WORD = f"(?:{_DOUBLE}|{_SINGLE}|{_ANSI}|{_BARE})"
_ELEMENT = re.compile(rf"(?:\[(?P<key>{_WORD}++)\]=(?P<keyed>{_WORD}*+)|(?P<plain>{_WORD}++))(?=[ \t\n]|\Z)", re.DOTALL)
_BLANKS = re.compile(r"[ \t\n]*")
_DOUBLE_ESCAPE = re.compile(r'\\([$`"\\])|\\\n')
_ANSI_ESCAPE = re.compile(
    rb"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|(.))", re.DOTALL
)
_ANSI_CHARACTERS = dict(zip(b"abeEfnrtv\\'\"?", b"\a\b\x1b\x1b\f\n\r\t\v\\'\"?", strict=True))


class MalformedArrayError(ValueError):
    """Say why a text is no array literal, and where."""


def parse_array(text: str, *, associative: bool) -> dict[str, str]:
    """Return the elements of an array literal, `([k]="v" …)` or `("a" "b" …)`, by key or index.

    An empty text is an empty array. What a shell would expand, such as `$name` outside single quotes, is refused.

    Raises:
        MalformedArrayError: The text is no such literal.

    Source: docs/reference/variables.md, «Arrays».
    """
    stripped = text.strip()
    if not stripped:
        return {}
    if not (stripped.startswith("(") and stripped.endswith(")") and len(stripped) > 1):
        raise MalformedArrayError("it does not stand between ( and )")
    read = _keyed if associative else _indexed
    return read(_elements(stripped[1:-1]))


def render_array(items: Mapping[str, str], *, associative: bool) -> str:
    """Return the literal of an array's elements; `parse_array` gives them back."""
    if not associative and list(items) == [str(index) for index in range(len(items))]:
        return "(" + " ".join(map(_quoted, items.values())) + ")"
    key_of = _quoted if associative else str
    return "(" + " ".join(f"[{key_of(key)}]={_quoted(value)}" for key, value in items.items()) + ")"


def _elements(body: str) -> list[tuple[str | None, str]]:
    found: list[tuple[str | None, str]] = []
    position = _after_blanks(body, 0)
    while position < len(body):
        element = _ELEMENT.match(body, position)
        if element is None:
            raise MalformedArrayError(f"what begins with {body[position : position + 10]!r} is no element")
        if element["plain"] is None:
            found.append((_text(element["key"]), _text(element["keyed"])))
        else:
            found.append((None, _text(element["plain"])))
        position = _after_blanks(body, element.end())
    return found


def _after_blanks(body: str, position: int) -> int:
    blanks = _BLANKS.match(body, position)
    return position if blanks is None else blanks.end()


def _keyed(elements: list[tuple[str | None, str]]) -> dict[str, str]:
    items = {}
    for key, value in elements:
        if not key:
            raise MalformedArrayError(f"the element {value[:10]!r} has no key")
        items[key] = value
    return items


def _indexed(elements: list[tuple[str | None, str]]) -> dict[str, str]:
    items: dict[int, str] = {}
    following = count()
    for key, value in elements:
        if key is not None:
            following = count(_index(key))
        items[_index(str(next(following)))] = value
    return {str(index): value for index, value in sorted(items.items())}


def _index(key: str) -> int:
    if not (key.isascii() and key.isdigit() and int(key) <= MAX_INDEX):
        raise MalformedArrayError(f"{key[:10]!r} is no index")
    return int(key)


def _text(word: str) -> str:
    return "".join(_part_text(part) for part in _PART.finditer(word))


def _part_text(part: re.Match[str]) -> str:
    double, single, ansi, bare = part.groups()
    if double is not None:
        return _DOUBLE_ESCAPE.sub(lambda escape: escape[1] or "", double[1:-1])
    if single is not None:
        return str(single[1:-1])
    return _ansi_text(ansi[2:-1]) if ansi is not None else re.sub(r"\\(.)", r"\1", bare)


def _ansi_text(inner: str) -> str:
    try:
        text = _ANSI_ESCAPE.sub(_ansi_character, inner.encode()).decode()
    except (UnicodeError, ValueError, OverflowError) as error:
        raise MalformedArrayError("an escape is no character") from error
    if "\0" in text:
        raise MalformedArrayError("an escape is no character")
    return text


def _ansi_character(escape: re.Match[bytes]) -> bytes:
    octal, hexadecimal, short, long, other = escape.groups()
    if octal is not None:
        return bytes([int(octal, 8) & 0xFF])
    if hexadecimal is not None:
        return bytes([int(hexadecimal, 16)])
    if code := short or long:
        return chr(int(code, 16)).encode()
    known = _ANSI_CHARACTERS.get(other[0])
    return b"\\" + other if known is None else bytes([known])


def _quoted(text: str) -> str:
    return '"' + re.sub(r'([$`"\\])', r"\\\1", text) + '"'
