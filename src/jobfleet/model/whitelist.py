"""What the white list says: which scopes may use which hosts of others, and for what."""

from collections.abc import Iterable

import msgspec

from jobfleet.model.scope import KnownScope, Scope, scope_text
from jobfleet.model.target import Address

MAX_HOSTS = 5_000
MAX_SCOPES = 1_000
MAX_REMARK_CHARACTERS = 1_000
ACTIONS = ("script", "file")
"""For what hosts may be used: SCRIPT_EXECUTE and FILE_DISTRIBUTION in the contract's words."""


class NewRecord(msgspec.Struct, frozen=True):
    """Ask for a record, or for a record to become this; `scopes` None means all of them."""

    host_ids: tuple[int, ...]
    addresses: tuple[Address, ...]
    scopes: tuple[Scope, ...] | None
    actions: tuple[str, ...]
    remark: str = ""


class WhitelistRecord(msgspec.Struct, frozen=True):
    """Describe a record; `scopes` are texts such as `biz:2`, none when `all_scopes`. Times are epoch milliseconds."""

    id: int
    host_ids: tuple[int, ...]
    all_scopes: bool
    scopes: tuple[str, ...]
    actions: tuple[str, ...]
    remark: str
    creator: str
    created_at: int
    modifier: str
    modified_at: int


def written_scopes(info: KnownScope) -> list[str]:
    """Return every way in which a record may mean a scope: by itself, and by a business that is in it."""
    return [scope_text(info.scope), *(f"biz:{member}" for member in sorted(info.member_ids))]


def in_order(actions: Iterable[str]) -> tuple[str, ...]:
    """Return actions once each, in the order of ACTIONS."""
    given = set(actions)
    return tuple(action for action in ACTIONS if action in given)
