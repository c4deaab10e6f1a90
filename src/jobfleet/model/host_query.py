"""What people type to find hosts: words, networks, and conditions such as `os=linux module=nginx`."""

import ipaddress
import re

import msgspec

MAX_QUERY_CHARACTERS = 1_000
MAX_TERMS = 20
_PAIR = re.compile(r"([A-Za-z0-9_.\-/]+)[=:](.+)", re.DOTALL)
_FIELDS = frozenset({"os", "cloud", "version", "group", "id", "name"})


class HostQuery(msgspec.Struct, frozen=True):
    """Say which hosts are wanted: those that meet every term.

    `words` stand anywhere in name or address. `networks` hold the address. `fields` are conditions on what a host is
    (`os`, `cloud`, `version` of its agent, `group`, `id`, `name`). `labels` are met by a tag of the host, or by a place
    of the topology of that type and name.
    """

    words: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()


def parse_host_query(text: str) -> HostQuery:
    """Return what a text asks for; terms are parted by blanks, and a value in double quotes may hold some.

    Raises:
        ValueError: There are more than MAX_TERMS.

    Source: docs/reference/hosts.md, «Finding hosts».
    """
    terms = [term.replace('"', "") for term in re.findall(r'(?:[^\s"]|"[^"]*"?)+', text)]
    terms = [term for term in terms if term]
    if len(terms) > MAX_TERMS:
        raise ValueError(f"holds more than {MAX_TERMS} terms")
    found: dict[str, list[str]] = {"words": [], "networks": []}
    pairs: dict[str, list[tuple[str, str]]] = {"fields": [], "labels": []}
    for term in terms:
        pair = _pair(term)
        if pair is not None:
            pairs["fields" if pair[0] in _FIELDS else "labels"].append(pair)
        else:
            found["networks" if _is_network(term) else "words"].append(term)
    return HostQuery(tuple(found["words"]), tuple(found["networks"]), tuple(pairs["fields"]), tuple(pairs["labels"]))


def _pair(term: str) -> tuple[str, str] | None:
    match = _PAIR.fullmatch(term)
    if match is None or (":" in term and "=" not in term and match[1] not in _FIELDS):  # an IPv6 address has colons
        return None
    return match[1], match[2]


def _is_network(term: str) -> bool:
    if "/" not in term:
        return False
    try:
        ipaddress.ip_network(term, strict=False)
    except ValueError:
        return False
    return True
