"""Sentences with holes, read in English and told in Chinese."""

import re
from collections.abc import Callable, Iterable, Mapping

Read = tuple[re.Pattern[str], str]
_HOLE = re.compile(r"\{(\w+)(!?)\}")


def readable(pairs: Iterable[tuple[str, str]], shapes: Mapping[str, str] | None = None) -> tuple[Read, ...]:
    """Return pairs of English and Chinese sentences as they can be read.

    Args:
        pairs: `{name}` is a hole; `{name!}` holds a word of ours, which is to be told in Chinese, too.
        shapes: By a hole's name the expression of what fills it; anything unless given.
    """
    return tuple((_pattern(english, shapes or {}), chinese) for english, chinese in pairs)


def retold(known: Iterable[Read], text: str, word: Callable[[str, str], str]) -> str | None:
    """Return a text in Chinese by the first sentence that it is, None when it is none.

    Args:
        word: Gives the Chinese of what fills a hole that ends with `!`, by the hole's name and the English.
    """
    for pattern, chinese in known:
        if found := pattern.fullmatch(text):
            return _HOLE.sub(lambda hole: _filled(found, hole, word), chinese)
    return None


def _filled(found: re.Match[str], hole: re.Match[str], word: Callable[[str, str], str]) -> str:
    told = found[hole[1]]
    return word(hole[1], told) if hole[2] else told


def _pattern(english: str, shapes: Mapping[str, str]) -> re.Pattern[str]:
    parts = _HOLE.split(english)
    holes = [f"(?P<{name}>{shapes.get(name, '.+?')})" for name in parts[1::3]]
    return re.compile("".join(re.escape(text) + hole for text, hole in zip(parts[0::3], [*holes, ""], strict=True)))
