"""What people type to find hosts: words, networks, and terms of target expressions, such as `os=linux`."""

import ipaddress

from jobfleet.model.target_query import Term, parse_term, words_of

MAX_QUERY_CHARACTERS = 1_000
MAX_TERMS = 20


def parse_host_query(text: str) -> tuple[Term, ...]:
    """Return the terms that a text asks for; hosts meet all of them.

    A word stands anywhere in the name or address of a host (`host=*word*`), a network holds its address.

    Raises:
        ValueError: There are more than MAX_TERMS.

    Source: docs/reference/hosts.md, «Finding hosts».
    """
    words = words_of(text)
    if len(words) > MAX_TERMS:
        raise ValueError(f"holds more than {MAX_TERMS} terms")
    return tuple(_term(word) for word in words)


def _term(word: str) -> Term:
    found = parse_term(word)
    if found is not None:
        return found
    if _is_network(word):
        return Term("ip", (word,))
    return Term("host", (word if "*" in word else f"*{word}*",))


def _is_network(word: str) -> bool:
    if "/" not in word:
        return False
    try:
        ipaddress.ip_network(word, strict=False)
    except ValueError:
        return False
    return True
