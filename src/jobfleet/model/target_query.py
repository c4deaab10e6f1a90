"""What people paste to name targets: one text each, from an address to an expression over the topology."""

import ipaddress
import re
from collections.abc import Iterable, Iterator
from itertools import product
from math import prod

import msgspec

from jobfleet.model.declared_inventory import parse_host_address, parse_number
from jobfleet.model.target import MAX_SCRIPT_TARGETS, Address, TopologyNode
from jobfleet.model.target_text import parse_node

MAX_TEXT_CHARACTERS = 500
"""Longest text that names targets."""

OFFLINE = "offline"
"""Stands behind «!» for the hosts whose agents are not connected."""

HOST_KEYS = frozenset({"name", "ip", "os", "cloud", "id", "host", "version", "agent", "group"})
"""Keys of an expression that are about a host itself; `tag.KEY` is one too, any other is a kind of node or a tag."""

TAG_PREFIX = "tag."

_RANGE = re.compile(r"\[([0-9,\-\s]+)\]")
_ADDRESS_RANGE = re.compile(r"(?:\d+:)?[0-9.\[\],\-]+")
_TERM = re.compile(r"([A-Za-z_][A-Za-z0-9_./-]*)(!?=)(.+)", re.DOTALL)
_COLON = re.compile(r"(os|cloud|version|group|id|name):(.+)", re.DOTALL)
_WORDS = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_NAME = re.compile(r"[^\s,;=!:/]{1,255}")
_SEPARATORS = re.compile(r"[,;|\t]")


class HostIds(msgspec.Struct, frozen=True):
    """Name hosts by their ids."""

    ids: tuple[int, ...]


class Addresses(msgspec.Struct, frozen=True):
    """Name hosts by their addresses; of a `folded` range, those that are no host are left out."""

    addresses: tuple[Address, ...]
    folded: bool = False


class Network(msgspec.Struct, frozen=True):
    """Name the hosts of the scope within a network of a cloud area."""

    cloud_id: int
    cidr: str


class GroupRef(msgspec.Struct, frozen=True):
    """Name a dynamic group."""

    id: str


class ContainerRef(msgspec.Struct, frozen=True):
    """Name a container."""

    id: int


class RunRef(msgspec.Struct, frozen=True):
    """Name the hosts of an earlier run, or with `failed` those on which a step of it failed last."""

    job_id: int
    failed: bool = False


class Term(msgspec.Struct, frozen=True):
    """Ask that something is, or with `negated` is not, one of several values; `*` stands for any letters."""

    key: str
    values: tuple[str, ...]
    negated: bool = False


class Expression(msgspec.Struct, frozen=True):
    """Name the hosts of the scope that meet every term."""

    terms: tuple[Term, ...]


class HostNames(msgspec.Struct, frozen=True):
    """Name hosts of the scope by name; a pattern has `*` for any letters."""

    names: tuple[str, ...]
    is_pattern: bool = False


class Offline(msgspec.Struct, frozen=True):
    """Name the hosts whose agents are not connected; only to leave them out."""


Meaning = (
    HostIds | Addresses | Network | GroupRef | TopologyNode | ContainerRef | RunRef | Expression | HostNames | Offline
)


class Named(msgspec.Struct, frozen=True):
    """Hold what a text means; with `left_out` it takes hosts away that other texts name."""

    text: str
    meaning: Meaning
    left_out: bool = False


def read_text(written: str) -> Named:
    """Return what one text means.

    Raises:
        ValueError: It means nothing; the message says what it could have been.

    Source: docs/reference/target-expressions.md.
    """
    text = written.strip()
    if not text or len(text) > MAX_TEXT_CHARACTERS or "\0" in text:
        raise ValueError("is empty or too long")
    if not text.startswith("!"):
        return Named(text, _meaning(text))
    inner = text[1:].strip()
    return Named(text, Offline() if inner == OFFLINE else _meaning(inner), left_out=True)


def _meaning(text: str) -> Meaning:
    for prefix, reader in _PREFIXES.items():
        if text.startswith(prefix):
            return reader(text.removeprefix(prefix))
    if _TERM.match(text.lstrip('"')):
        return Expression(tuple(_terms(text)))
    if text.isdecimal() and text.isascii():
        return HostIds((parse_number(text),))
    if _SEPARATORS.search(re.sub(_RANGE, "", text)):
        return _of_line(text)
    return _place(text)


def _place(text: str) -> Meaning:
    """Return what a text without kind means: an address, a network, folded addresses, or names."""
    try:
        return Addresses((Address(*parse_host_address(text)),))
    except ValueError:
        pass
    if "/" in text:
        return _network(text)
    if "[" in text and _ADDRESS_RANGE.fullmatch(text):
        return Addresses(tuple(Address(*parse_host_address(one)) for one in unfolded(text)), folded=True)
    if not _NAME.fullmatch(text):
        raise ValueError("is no address, range, network, id, name or expression")
    if "[" in text:
        return HostNames(tuple(unfolded(text)))
    return HostNames((text,), is_pattern="*" in text)


def _of_line(line: str) -> Meaning:
    """Return the host of a line of CSV: by its first column that is an address, else by its first one."""
    columns = [column.strip().strip('"') for column in _SEPARATORS.split(line)]
    for column in columns:
        if "." in column or ":" in column:
            found = _place(column)
            if isinstance(found, Addresses):
                return found
    return _meaning(columns[0]) if columns[0] else _refuse("is a line without an address")


def _refuse(why: str) -> Meaning:
    raise ValueError(why)


def _network(text: str) -> Network:
    cloud, _, rest = text.partition(":") if re.match(r"\d+:[\d\[]", text) else ("0", "", text)
    network = ipaddress.ip_network(rest.replace("[", "").replace("]", ""), strict=False)
    if "%" in str(network):
        raise ValueError("names an interface, which no network has")
    return Network(parse_number(cloud), str(network))


class _Run(msgspec.Struct, frozen=True):
    """Hold the numbers of a range from first to last, written with at least so many digits."""

    low: int
    high: int
    digits: int


def unfolded(text: str) -> Iterator[str]:
    """Yield the texts that one with ranges in brackets stands for: `10.0.[0-1].[1-20,60]`, `web-[01-20]`.

    They are counted before any is made.

    Raises:
        ValueError: A range is none, or there are more than MAX_SCRIPT_TARGETS texts.
    """
    pieces = _RANGE.split(text)
    ranges = [_runs(piece) for piece in pieces[1::2]]
    if not ranges:
        raise ValueError("has a bracket that is no range")
    if _count(ranges) > MAX_SCRIPT_TARGETS:
        raise ValueError(f"stands for more than {MAX_SCRIPT_TARGETS} hosts")
    choices = [[piece] if index % 2 == 0 else _numbers(ranges[index // 2]) for index, piece in enumerate(pieces)]
    for parts in product(*choices):
        yield "".join(parts)


def spread(text: str) -> int:
    """Return how many texts `read_text` would unfold one into, without doing it: 1 without ranges or if refused."""
    try:
        count = _count([_runs(piece) for piece in _RANGE.split(text)[1::2]])
    except ValueError:
        return 1
    return count if len(text) <= MAX_TEXT_CHARACTERS and count <= MAX_SCRIPT_TARGETS else 1


def _count(ranges: Iterable[Iterable[_Run]]) -> int:
    return prod(sum(run.high - run.low + 1 for run in runs) for runs in ranges)


def _runs(written: str) -> list[_Run]:
    found: list[_Run] = []
    for part in written.split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        low, high = int(first), int(last if dash else first)
        if high < low or high - low >= MAX_SCRIPT_TARGETS:
            raise ValueError(f"has the range {part.strip()}, which is none")
        found.append(_Run(low, high, len(first) if first.startswith("0") else 0))
    return found


def _numbers(runs: Iterable[_Run]) -> list[str]:
    """Return the numbers of a range, with the zeros before them that its first one has."""
    return [str(number).zfill(run.digits) for run in runs for number in range(run.low, run.high + 1)]


def _terms(text: str) -> Iterator[Term]:
    for word in words_of(text):
        term = parse_term(word)
        if term is None:
            raise ValueError(f"has {word!r} where key=value should be")
        yield term


def words_of(text: str) -> list[str]:
    """Return the words of a text, parted by blanks; those within double quotes belong together, and quotes go."""
    words = (word.replace('"', "") for word in _WORDS.findall(text))
    return [word for word in words if word]


def parse_term(word: str) -> Term | None:
    """Return the term that a word is, None when it is none. Keys of hosts may have a colon in place of `=`."""
    found = _TERM.fullmatch(word)
    if found is not None:
        return Term(_key(found[1]), _values(found[3]), found[2] == "!=")
    colon = _COLON.fullmatch(word)
    return None if colon is None else Term(colon[1], _values(colon[2]))


def _key(written: str) -> str:
    return written.lower() if written.lower() in HOST_KEYS else written


def _values(written: str) -> tuple[str, ...]:
    return tuple(value for value in written.split(",") if value)


def expression_text(terms: Iterable[Term]) -> str:
    """Return the target text that names the hosts that meet terms; "" where no text can say it."""
    wanted = tuple(terms) or (Term("name", ("*",)),)
    text = " ".join(f"{one.key}{'!=' if one.negated else '='}{_quoted(','.join(one.values))}" for one in wanted)
    try:
        return text if read_text(text).meaning == Expression(wanted) else ""
    except ValueError:
        return ""


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r"\s", value) else value


def _group(text: str) -> Meaning:
    return GroupRef(text) if text else _refuse("names no group")


def _container(text: str) -> Meaning:
    return ContainerRef(parse_number(text))


def _run(text: str) -> Meaning:
    return RunRef(parse_number(text))


def _failed(text: str) -> Meaning:
    return RunRef(parse_number(text), failed=True)


def _ids(text: str) -> Meaning:
    return HostIds((parse_number(text),))


_PREFIXES = {
    "group:": _group,
    "node:": parse_node,
    "container:": _container,
    "run:": _run,
    "failed:run:": _failed,
    "host:": _ids,
}


def is_plain(texts: Iterable[str]) -> bool:
    """Tell whether texts name nothing but what the record finds by itself: ids, or addresses, groups and nodes."""
    kinds: set[str] = set()
    for text in texts:
        if _RANGE.search(text):
            return False
        try:
            named = read_text(text)
        except ValueError:
            return False
        if named.left_out or not isinstance(
            named.meaning, HostIds | Addresses | GroupRef | TopologyNode | ContainerRef
        ):
            return False
        if isinstance(named.meaning, Addresses) and _SEPARATORS.search(text):
            return False
        if text.strip().startswith("host:"):
            return False
        kinds.add(type(named.meaning).__name__)
    return not {"HostIds", "Addresses"} <= kinds
