"""What people keep for themselves: drafts of runs, views of lists, favourites."""

from collections.abc import Mapping
from typing import Any

import msgspec

from jobfleet.model.job_id import DAY_MS
from jobfleet.model.scope import Scope

MAX_DRAFTS = 50
"""Most drafts that a user keeps in a scope; the oldest goes when there is one more."""

MAX_DRAFT_BYTES = 2 * 1024 * 1024
"""Most bytes of a draft, as JSON."""

DRAFT_LIFE_MS = 90 * DAY_MS
"""How long a draft is kept that nobody touches."""

MAX_KEPT = 200
"""Most views, and most favourites, that a user keeps in a scope."""

SECRETS = {"script": ("sensitive_params", "params")}
"""By the kind of a draft: the member that says that another one is a secret, and that one."""


class Draft(msgspec.Struct, frozen=True):
    """Hold what somebody has begun: `content` is the request of a start as far as it is filled in.

    `modified_at` is epoch milliseconds.
    """

    id: int
    user_name: str
    scope: Scope
    kind: str
    title: str
    content: Mapping[str, Any]
    modified_at: int


class Choices(msgspec.Struct, frozen=True):
    """Hold how somebody wants to see things; None stands for what they have not chosen.

    `language` is zh or en, `time_zone` an IANA name, `theme` light, dark or system.
    """

    language: str | None = None
    time_zone: str | None = None
    theme: str | None = None


class KeptView(msgspec.Struct, frozen=True):
    """Hold filters of a page under a name; `query` is what stands behind `?` in its address."""

    page: str
    name: str
    query: str
    modified_at: int


class Favourite(msgspec.Struct, frozen=True):
    """Name what somebody wants at hand, by its kind and id."""

    kind: str
    thing: str
    created_at: int


def without_secrets(kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a draft without what is never kept.

    Source: docs/reference/drafts.md.
    """
    flag, member = SECRETS.get(kind, ("", ""))
    hidden = {member} if content.get(flag) else set[str]()
    return {name: value for name, value in content.items() if name not in hidden}
