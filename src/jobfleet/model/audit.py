"""The audit trail: what a row says, how rows are sealed and linked, and how to tell that somebody changed them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

import msgspec

Mac = Callable[[bytes], bytes]
"""Returns the authentication code of bytes, with a key that is not in the database."""

MAX_VALUE_CHARACTERS = 1_000
"""A longer text is cut where a row tells what it was and what it became."""

_encoder = msgspec.json.Encoder(order="sorted")


class Access(StrEnum):
    """Say which way somebody came."""

    API = "api"
    WEB = "web"
    SCHEDULE = "schedule"
    SERVER = "server"


class Result(StrEnum):
    """Say whether it was done."""

    DONE = "done"
    REFUSED = "refused"


class AuditEntry(msgspec.Struct, frozen=True):
    """Say who did what, when, where and to what.

    `entry` is a random UUID, `at` epoch milliseconds, `source` an IP address, "" when it is not known. `scope_type` is
    "" for what is about no business. `change` is a JSON object of field to [before, after], "" for what is no edit.
    """

    entry: str
    at: int
    username: str
    app_code: str
    action: str
    scope_type: str
    scope_id: int
    subject: str
    result: str
    access: str
    source: str
    resource_type: str
    resource_id: str
    resource_name: str
    change: str


class StoredEntry(msgspec.Struct, frozen=True):
    """Hold an entry as the record has it: `seq` and `link` are its place in the chain, None while it has none."""

    id: int
    told: AuditEntry
    mac: bytes
    seq: int | None
    link: bytes | None


class Place(msgspec.Struct, frozen=True):
    """Name a place in the chain: the number of a row, counted from 1, and its link; 0 is before the first."""

    seq: int
    link: bytes


START = Place(0, b"")


class Verdict(msgspec.Struct, frozen=True):
    """Say what was found of the trail.

    `rows` were looked at, from `first` on; `head` is the last one. `unchained` are too new to be linked. `breaks` are
    what is wrong, the first ones only, in order; none means that nothing was changed.
    """

    rows: int
    first: int
    head: Place
    unchained: int
    breaks: tuple[str, ...]


def mac_of(mac: Mac, told: AuditEntry) -> bytes:
    """Return what proves that a server wrote an entry."""
    return mac(b"entry" + _encoder.encode(told))


def link_of(mac: Mac, before: Place, entry_mac: bytes) -> bytes:
    """Return the link of the entry that stands after a place: it proves its place, and all before it."""
    return mac(b"link" + (before.seq + 1).to_bytes(8, "big") + before.link + entry_mac)


def anchor_of(mac: Mac, place: Place) -> bytes:
    """Return what proves that the trail was cut by a server, up to and including a place."""
    return mac(b"anchor" + place.seq.to_bytes(8, "big") + place.link)


def chained(mac: Mac, head: Place, macs: Iterable[bytes]) -> Iterator[Place]:
    """Return the places that entries with these codes get after the head, in order."""
    for entry_mac in macs:
        head = Place(head.seq + 1, link_of(mac, head, entry_mac))
        yield head


def breaks_in(mac: Mac, before: Place, entries: Iterable[StoredEntry]) -> Iterator[str]:
    """Return what is wrong with entries that should stand after a place, one after the other."""
    for stored in entries:
        expected, seq = before.seq + 1, stored.seq or 0
        if seq != expected:
            yield f"row {expected}: is missing" if seq == expected + 1 else f"rows {expected} to {seq - 1}: are missing"
        elif stored.link != link_of(mac, before, stored.mac):
            yield f"row {seq}: does not belong behind row {before.seq}"
        yield from seal_breaks(mac, stored)
        before = Place(seq, stored.link or b"")


def seal_breaks(mac: Mac, stored: StoredEntry) -> Iterator[str]:
    """Return what is wrong with an entry itself."""
    if stored.mac != mac_of(mac, stored.told):
        at = f"row {stored.seq}" if stored.seq is not None else f"unchained row {stored.id}"
        # Lists show ids; places in the chain have no gaps, ids may.
        yield f"{at}: is not what a server wrote ({stored.told.username}, {stored.told.action}, id {stored.id})"


def edited(before: msgspec.Struct, after: msgspec.Struct, fields: Collection[str]) -> Mapping[str, Any]:
    """Return what an edit changed: of each of these fields that differs what it was and what it is.

    Never name a field that holds a secret.
    """
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in fields)
    return {name: [_shown(old), _shown(new)] for name, old, new in pairs if old != new}


def change_text(change: Mapping[str, Any]) -> str:
    """Return an edit as a row keeps it."""
    return _encoder.encode(change).decode() if change else ""


def _shown(value: object) -> object:
    plain = msgspec.to_builtins(value, builtin_types=())
    if isinstance(plain, str) and len(plain) > MAX_VALUE_CHARACTERS:
        return plain[:MAX_VALUE_CHARACTERS] + "…"
    return plain
