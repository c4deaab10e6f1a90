"""Texts of hosts and of other people, made so that none of them steers the terminal of whoever reads it."""

from unicodedata import category


def harmless(text: str) -> str:
    """Return a text as one line: control and format characters but tabs are written out, ends of lines too."""
    if text.isprintable():
        return text
    return "".join(one if category(one) == "Zs" else visible(one) for one in text)


def visible(text: str) -> str:
    """Return a text that somebody has to judge: nothing in it steers the terminal, and nothing in it is unseen."""
    return "".join(one if one.isprintable() or one == "\t" else _written_out(one) for one in text)


def _written_out(one: str) -> str:
    return one.encode("unicode_escape").decode()
