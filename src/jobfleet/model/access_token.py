"""The tokens that stand for people: of sessions, of sign-ins, and personal ones."""

from enum import StrEnum

import msgspec

from jobfleet.model.ceiling import Ceiling
from jobfleet.model.job_id import DAY_MS

PERSONAL_PREFIX = "jf_pat_"
"""How personal tokens begin, so that people and scanners of leaked secrets know them."""

MAX_PERSONAL_LIFE_MS = 366 * DAY_MS
DEFAULT_PERSONAL_LIFE_MS = 30 * DAY_MS
MAX_PERSONAL_TOKENS = 50
"""Most personal tokens that a user may have at a time."""

USED_GRAIN_MS = 60_000
"""How coarse the record of a token's last use is: not every request writes."""


class TokenKind(StrEnum):
    """Name the kinds of tokens; the texts are stored."""

    SESSION = "session"
    ACCESS = "access"
    PERSONAL = "personal"


class HeldToken(msgspec.Struct, frozen=True):
    """Describe the valid token of a request; `used_at` is its last recorded use, epoch milliseconds."""

    user_name: str
    kind: TokenKind
    ceiling: Ceiling | None
    used_at: int | None
    expires_at: int


class PersonalToken(msgspec.Struct, frozen=True):
    """Describe a personal token; times are epoch milliseconds. The token itself is nowhere stored."""

    id: int
    user_name: str
    name: str
    ceiling: Ceiling
    created_at: int
    expires_at: int
    used_at: int | None


def is_due(token: HeldToken, now: int) -> bool:
    """Tell whether a use of a token should be recorded; sign-ins by password end by themselves and need none."""
    return token.kind is not TokenKind.ACCESS and now - (token.used_at or 0) >= USED_GRAIN_MS
